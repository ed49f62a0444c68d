"""What is not allowed is refused on the page, in the API and in the chat alike.

Each time with a sentence that says what is allowed instead, and nothing changes.
"""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Incident, TimelineEntry
from oncall.services.tokens import create_token
from tests.factories.incidents import (
    ActionItemFactory,
    IncidentFactory,
    PostmortemFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MOVES = "it can become identified, monitoring, resolved or cancelled"


@pytest.fixture
def incident():
    service = ServiceFactory(slug="arq", name="ARQ")
    for level in (1, 2):
        SeverityLevelFactory(service=service, label=f"P{level}", level=level)
    return IncidentFactory(service=service, severity__level=3, severity__label="P3")


@pytest.fixture
def engineer(incident):
    return UserFactory(team=incident.team)


@pytest.fixture
def post_page(engineer):
    client = Client()
    client.force_login(engineer)
    return lambda path, **fields: client.post(path, fields, follow=True)


@pytest.fixture
def call(engineer):
    _, plain = create_token(
        engineer,
        name="test",
        scopes=["read", "respond"],
        team=None,
        lifetime=timedelta(days=1),
        now=timezone.now(),
    )
    client = Client(headers={"Authorization": f"Bearer {plain}"})

    def call(verb, path, **body):
        send = getattr(client, verb)
        return send(f"/api/v1{path}", json.dumps(body), content_type="application/json")

    return call


def read(answer):
    return answer.content.decode().replace("&#x27;", "'")


def test_the_page_refuses_what_is_not_allowed_and_says_what_is(post_page, incident):
    at = f"/incidents/{incident.ref}"
    item = ActionItemFactory(incident=incident)
    PostmortemFactory(incident=incident)
    said = {
        MOVES: post_page(f"{at}/status/", status="closed"),
        "There are: P1, P2, P3.": post_page(f"{at}/severity/", severity="P9"),
        "There are: draft, in_review": post_page(f"{at}/postmortem/move/", state="x"),
        "it can become in review": post_page(f"{at}/postmortem/move/", state="closed"),
        "There are: open, in_progress": post_page(
            f"/actions/{item.pk}/move/", state="x"
        ),
        "it can become in progress or refused": post_page(
            f"/actions/{item.pk}/move/", state="done"
        ),
        "“DECLARE P1 - what is broken”": post_page(
            "/incidents/declare/text/", text="It is down"
        ),
    }
    assert [words for words, answer in said.items() if words not in read(answer)] == []
    assert not TimelineEntry.objects.exists()


def test_the_api_refuses_what_is_not_allowed_and_says_what_is(call, incident):
    at = f"/incidents/{incident.ref}"
    new = {"title": "Down", "services": ["arq"], "severity": "P1"}
    said = {
        MOVES: (409, call("post", f"{at}/status", status="closed")),
        "ARQ has no severity “P9”. It has: P1, P2, P3.": (
            422,
            call("post", "/incidents", **new | {"severity": "P9"}),
        ),
        "Name at least one of your services.": (
            422,
            call("post", "/incidents", **new | {"services": ["elsewhere"]}),
        ),
        "There is no service “nowhere” here. There are: arq.": (
            422,
            call("post", "/incidents/command", text="DECLARE P1 nowhere - down"),
        ),
        "No service here has a severity “P9”. There are: P1, P2, P3.": (
            422,
            call("post", "/incidents/command", text="DECLARE P9 - down"),
        ),
        "give a time that has passed": (
            422,
            call("post", f"{at}/notes", text="x", occurred_at="2999-01-01T00:00:00Z"),
        ),
    }
    for words, (status, answer) in said.items():
        assert answer.status_code == status, words
        assert words in answer.json()["error"]["message"]
    assert Incident.objects.count() == 1
    assert not TimelineEntry.objects.exists()
