"""Ways to be reached, rules and contact tables through the API."""

import json
import re
from datetime import timedelta

import pytest
import time_machine

from oncall.models import ContactMethod, Notification, NotificationRule
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import (
    ContactMethodFactory,
    EscalationContactFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALL = ("read", "respond", "manage")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory(slug="data")


@pytest.fixture
def ann(team):
    return UserFactory(team=team)


@pytest.fixture
def call(client, ann):
    def ask(method, path, body=None, *, who=ann, scopes=ALL, team=None):
        _, plain = create_token(
            who, name="test", scopes=scopes, team=team, lifetime=timedelta(1), now=NOW
        )
        return client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {plain}"},
        )

    return ask


def test_methods_change_places_and_codes_are_sent_again(call):
    first, second = (
        call("POST", "/me/contact-methods", {"kind": "email", "address": address})
        for address in ("a@example.org", "b@example.org")
    )
    path = f"/me/contact-methods/{second.json()['id']}"
    moved = call("POST", f"{path}/move", {"to": "up"}).json()
    assert [each["id"] for each in moved] == [second.json()["id"], first.json()["id"]]
    assert call("GET", "/me/contact-methods").json() == moved
    assert call("POST", f"{path}/code").status_code == 409
    ContactMethod.objects.update(code_sent_at=NOW - timedelta(minutes=2))
    assert call("POST", f"{path}/code").status_code == 204
    assert Notification.objects.count() == 3


def test_a_method_is_added_verified_tried_and_removed(call, ann):
    answer = call(
        "POST", "/me/contact-methods", {"kind": "email", "address": "a@example.org"}
    )
    assert answer.status_code == 201
    made = answer.json()
    assert made["verified_at"] is None
    path = f"/me/contact-methods/{made['id']}"
    assert call("POST", f"{path}/test").status_code == 409
    code = re.match(r"\d{4} \d{4}", Notification.objects.get().text).group()
    assert call("POST", f"{path}/verify", {"code": "1"}).status_code == 422
    assert call("POST", f"{path}/verify", {"code": code}).status_code == 204
    assert call("POST", f"{path}/test").status_code == 204
    (seen,) = call("GET", "/me/contact-methods").json()
    assert (seen["shown"], bool(seen["verified_at"])) == ("a@example.org", True)
    assert call("DELETE", path).status_code == 204
    assert not ContactMethod.objects.exists()
    assert call("DELETE", path).status_code == 404


def test_rules_are_added_said_and_removed(call, ann):
    slack = ContactMethodFactory(user=ann, label="Chat")
    body = {"urgency": "high", "method": slack.pk, "delay": 300}
    rule = call("POST", "/me/notification-rules", body).json()
    assert (rule["delay"], rule["counts"]) == (300, True)
    told = call("GET", "/me/notification-rules").json()
    assert told["rules"] == [rule]
    assert told["page"] == "A page: Email (Chat) after 5 min."
    assert told["reminder"] == "A reminder: Email (Chat) at once."
    path = f"/me/notification-rules/{rule['id']}"
    assert call("DELETE", path, who=UserFactory()).status_code == 404
    assert call("DELETE", path).status_code == 204
    assert not NotificationRule.objects.exists()
    theirs = {**body, "method": ContactMethodFactory().pk}
    assert call("POST", "/me/notification-rules", theirs).status_code == 404


def test_changing_how_one_is_reached_needs_the_whole_scope(call, team):
    body = {"kind": "email", "address": "a@example.org"}
    for scopes, bound in ((("read", "respond"), None), (ALL, team)):
        answer = call("POST", "/me/contact-methods", body, scopes=scopes, team=bound)
        assert answer.status_code == 403
    assert call("GET", "/me/contact-methods", scopes=("metrics",)).status_code == 403


def test_a_team_s_table_is_for_its_responders(call, team):
    line = EscalationContactFactory(service=None, team=team, kind="phone", value="+481")
    (row,) = call("GET", "/teams/data/contacts").json()
    assert (row["id"], row["value"]) == (line.pk, "+481")
    assert row["no_test"] == "The portal does not call: dial it."
    viewer = UserFactory(team=team, team__role="viewer")
    assert call("GET", "/teams/data/contacts", who=viewer).status_code == 403
    assert call("GET", "/teams/data/contacts", who=UserFactory()).status_code == 404


def test_a_service_s_table_is_for_responders_too(call, team):
    line = EscalationContactFactory(service__team=team, service__slug="arq")
    assert call("GET", "/services/arq/contacts").json()[0]["id"] == line.pk
    viewer = UserFactory(team=team, team__role="viewer")
    assert call("GET", "/services/arq/contacts", who=viewer).status_code == 403


def test_managers_try_a_line(call, team):
    manager = UserFactory(team=team, team__role="manager")
    line = EscalationContactFactory(service__team=team)
    path = f"/contacts/{line.pk}/test"
    assert call("POST", path, who=manager).json() == {"sent": 1}
    assert call("POST", path).status_code == 403
    assert call("POST", path, who=UserFactory()).status_code == 404
    phone = EscalationContactFactory(service=None, team=team, kind="phone")
    answer = call("POST", f"/contacts/{phone.pk}/test", who=manager)
    assert answer.status_code == 409
    assert "dial it" in answer.json()["error"]["message"]
