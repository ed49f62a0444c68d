"""The pages of postmortems."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Postmortem
from incidents.services.incidents import change_status
from tests.factories.incidents import (
    IncidentFactory,
    IncidentRoleFactory,
    PostmortemFactory,
    PostmortemFormatFactory,
    PostmortemSectionFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident():
    service = ServiceFactory(name="ARQ")
    PostmortemFormatFactory(service=service, slug="arq")
    return IncidentFactory(
        service=service, severity__level=1, title="Pool is full", root_cause="A leak."
    )


@pytest.fixture
def engineer(incident):
    return UserFactory(team=incident.team, time_zone="UTC")


@pytest.fixture
def client(engineer):
    client = Client()
    client.force_login(engineer)
    return client


@pytest.fixture
def at(incident):
    return f"/incidents/{incident.ref}/postmortem"


def read(answer) -> str:
    return answer.content.decode()


def fill(client, at):
    for key in ("impact", "lessons"):
        client.post(f"{at}/sections/{key}/", {"text": f"My {key}", "version": 0})


def test_from_nothing_to_reviewed_by_somebody_else(client, incident, at):
    assert "ARQ: eight headings" in read(client.get(f"{at}/"))
    client.post(f"{at}/start/", {"format": "arq"})
    page = read(client.get(f"{at}/"))
    assert "A leak." in page
    assert "Before review: Impact, Lessons." in page
    fill(client, at)
    client.post(f"{at}/move/", {"state": "in_review"})
    other = Client()
    other.force_login(UserFactory(team=incident.team))
    assert ">Reviewed</button>" not in read(client.get(f"{at}/"))
    assert ">Reviewed</button>" in read(other.get(f"{at}/"))
    other.post(f"{at}/move/", {"state": "reviewed"})
    assert Postmortem.objects.get().state == "reviewed"
    page = read(client.get(f"{at}/"))
    assert "Reviewed by" in page
    assert "Edit<" not in page
    assert "no such state" in read(
        client.post(f"{at}/move/", {"state": "x"}, follow=True)
    )


def test_what_somebody_else_wrote_meanwhile_stands_beside_it(client, incident, at):
    client.post(f"{at}/start/", {"format": "arq"})
    fill(client, at)
    url = f"{at}/sections/lessons/"
    answer = client.post(url, {"text": "Ours", "version": 0})
    assert answer.status_code == 409
    page = read(answer)
    assert "My lessons" in page
    assert "Ours" in page
    client.post(url, {"text": "Ours", "version": 1})
    history = read(client.get(f"{url}history/"))
    assert "My lessons" in history
    assert "Drafted by the portal" in history
    assert client.post(url, {"text": "x"}).status_code == 422
    assert client.get(f"{at}/sections/ref/").status_code == 404
    Postmortem.objects.update(state="reviewed", reviewed_at=timezone.now())
    assert client.post(url, {"text": "Late", "version": 2}).status_code == 409


def test_the_export_is_markdown_to_the_byte_and_a_pdf(client, incident, at):
    client.post(f"{at}/start/", {"format": "arq"})
    once, again = client.get(f"{at}.md"), client.get(f"{at}.md")
    assert once.content == again.content
    assert read(once).startswith(f"## Incident Postmortem\n**ID:** {incident.ref}\n")
    pdf = client.get(f"{at}.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")


def test_giving_asking_and_drafting_again(client, incident, at, engineer):
    client.post(f"{at}/start/", {"format": "arq"})
    other = UserFactory(team=incident.team)
    client.post(f"{at}/reviewers/", {"user": other.pk})
    client.post(f"{at}/owner/", {"user": other.pk})
    found = Postmortem.objects.get()
    assert (found.owner, found.reviewers.get().user) == (other, other)
    for wrong in ({"user": ""}, {"user": "0"}):
        answer = client.post(f"{at}/reviewers/", wrong, follow=True)
        assert "Choose a person of the team." in read(answer)
    answer = client.post(f"{at}/redraft/", follow=True)
    assert "0 sections drafted again." in read(answer)


def test_one_that_is_owed_can_be_waived_with_a_reason(client, incident, at):
    assert "It needs none" in read(client.get(f"{at}/"))
    answer = client.post(f"{at}/waive/", {"reason": ""}, follow=True)
    assert "Say why it needs none." in read(answer)
    client.post(f"{at}/waive/", {"reason": "As yesterday."})
    assert "As yesterday." in read(client.get(f"{at}/"))
    assert "Waived: As yesterday." in read(client.get(f"/incidents/{incident.ref}/"))
    answer = client.post(f"{at}/start/", {"format": "x"}, follow=True)
    assert "Choose one of the formats." in read(answer)


def test_the_incident_says_why_it_cannot_be_closed_yet(client, incident, engineer):
    IncidentRoleFactory(incident=incident, user=engineer)
    change_status(incident.pk, "resolved", by=engineer, now=timezone.now())
    answer = client.post(f"/incidents/{incident.ref}/status/", {"status": "closed"})
    assert answer.status_code == 409
    assert "it has to be reviewed first" in read(answer)
    page = read(client.get("/postmortems/"))
    assert "Pool is full" in page
    assert "No postmortem here" in read(client.get("/postmortems/?tab=done"))


def test_the_pages_ask_as_often_for_more_rows(client, incident, at):
    now = timezone.now()
    draft = PostmortemFactory(
        incident=incident, format="arq", due_at=now - timedelta(hours=1)
    )
    for key in ("impact", "root_cause", "lessons"):
        PostmortemSectionFactory(postmortem=draft, key=key)
    lists = [count_queries(client, "/postmortems/")]
    pages = [count_queries(client, f"{at}/")]
    service = incident.severity.service
    for _ in range(2):
        PostmortemFactory(incident=IncidentFactory(service=service))
        UserFactory(team=incident.team)
    lists.append(count_queries(client, "/postmortems/"))
    pages.append(count_queries(client, f"{at}/"))
    assert lists[0] == lists[1]
    assert pages[0] == pages[1]


def test_viewers_read_and_strangers_do_not(client, incident, at):
    client.post(f"{at}/start/", {"format": "arq"})
    viewer, stranger = Client(), Client()
    viewer.force_login(UserFactory(team=incident.team, team__role="viewer"))
    stranger.force_login(UserFactory())
    assert viewer.get(f"{at}/").status_code == 200
    assert viewer.post(f"{at}/redraft/").status_code == 403
    assert stranger.get(f"{at}/").status_code == 404
    assert stranger.get(f"{at}.md").status_code == 404
