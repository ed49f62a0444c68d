"""Public pages, who reviews a postmortem, and the report of a month, by the API."""

import pytest
from django.utils import timezone

from oncall.models import AuditEntry
from tests.factories import oncall
from tests.factories.incidents import (
    ComponentFactory,
    IncidentFactory,
    PostmortemFactory,
)
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BAD_WORDS = ("\0", "\ud800")


@pytest.fixture
def service():
    return oncall.ServiceFactory(slug="arq", name="API")


@pytest.fixture
def manager(client, service):
    return Caller(client, oncall.UserFactory(team=service.team, team__role="manager"))


@pytest.fixture
def responder(client, service):
    return Caller(client, oncall.UserFactory(team=service.team))


@pytest.fixture
def viewer(client, service):
    return Caller(client, oncall.UserFactory(team=service.team, team__role="viewer"))


def test_a_page_and_its_components_are_made_and_changed(manager, service):
    said = {"team": service.team.slug, "slug": "arq", "title": "Arq status"}
    made = manager.post("/status-pages", said)
    assert made.status_code == 201
    page = made.json()
    assert (page["is_published"], page["components"][0]["name"]) == (False, "API")
    again = manager.post("/status-pages", said)
    assert (again.status_code, again.json()["error"]["field"]) == (422, "slug")
    better = {"title": "Arq", "about": "All of it.", "is_published": True}
    assert manager.put("/status-pages/arq", better).json()["is_published"]
    queue = {"service": "arq", "name": "Queue", "is_shown": False}
    added = manager.post("/status-pages/arq/components", queue)
    assert added.status_code == 201
    twice = manager.post("/status-pages/arq/components", queue)
    assert (twice.status_code, twice.json()["error"]["field"]) == (422, "name")
    at = f"/components/{added.json()['id']}"
    moved = manager.put(at, queue | {"name": "Jobs", "position": 3})
    assert (moved.json()["name"], moved.json()["position"]) == ("Jobs", 3)
    kept = manager.get("/status-pages/arq").json()
    assert (kept["about"], len(kept["components"])) == ("All of it.", 2)
    assert AuditEntry.objects.filter(action="component.edit").count() == 1


def test_pages_are_changed_by_managers_of_their_team_alone(manager, responder):
    component = ComponentFactory(page__team=oncall.TeamFactory())
    page = {"title": "x", "team": component.page.team.slug, "slug": "x"}
    row = {"service": component.service.slug, "name": "x"}
    at = f"/status-pages/{component.page.slug}"
    answers = [
        manager.post("/status-pages", page),
        manager.get(at),
        manager.put(at, {"title": "x"}),
        manager.post(f"{at}/components", row),
        manager.put(f"/components/{component.pk}", row),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5


def test_who_only_responds_makes_no_page(responder, service):
    own = ComponentFactory(page__team=service.team, service=service)
    row = {"service": "arq", "name": "x"}
    at = f"/status-pages/{own.page.slug}"
    said = {"title": "x", "team": service.team.slug, "slug": "x"}
    answers = [
        responder.post("/status-pages", said),
        responder.put(at, {"title": "x"}),
        responder.post(f"{at}/components", row),
        responder.put(f"/components/{own.pk}", row),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert responder.get(at).status_code == 200


def test_what_a_component_cannot_be_is_refused(manager, service):
    own = ComponentFactory(page__team=service.team, service=service)
    strange = oncall.ServiceFactory(slug="strange")
    at = f"/components/{own.pk}"
    for wrong, field in (
        ({"service": strange.slug}, "service"),
        ({"name": " "}, "name"),
        ({"position": 10_000}, "position"),
        ({"position": 2**70}, "position"),
    ):
        answer = manager.put(at, {"service": "arq", "name": "x"} | wrong)
        assert answer.status_code == 422
        assert answer.json()["error"]["field"].endswith(field)


def test_a_postmortem_gets_an_owner_and_reviewers(responder, service):
    incident = IncidentFactory(service=service)
    PostmortemFactory(incident=incident)
    writer, reader = (oncall.UserFactory(team=service.team) for _ in range(2))
    at = f"/incidents/{incident.ref}/postmortem"
    assert responder.put(f"{at}/owner", {"user": writer.pk}).status_code == 200
    assert responder.get(at).json()["owner"] == writer.pk
    for _ in range(2):
        asked = responder.post(f"{at}/reviewers", {"user": reader.pk})
        assert [row["user"] for row in asked.json()] == [reader.pk]
    own = responder.post(f"{at}/reviewers", {"user": writer.pk})
    assert (own.status_code, own.json()["error"]["field"]) == (422, "user")
    stranger = oncall.UserFactory()
    for path in ("owner", "reviewers"):
        body = {"user": stranger.pk}
        act = responder.put if path == "owner" else responder.post
        assert act(f"{at}/{path}", body).status_code == 422
    assert responder.put(f"{at}/owner", {"user": None}).json() == {"user": None}
    assert [row["user"] for row in responder.get(f"{at}/reviewers").json()] == [
        reader.pk
    ]


def test_a_postmortem_is_read_as_pdf(viewer, service):
    incident = IncidentFactory(service=service)
    at = f"/incidents/{incident.ref}/postmortem/pdf"
    assert viewer.get(at).status_code == 404
    PostmortemFactory(incident=incident)
    answer = viewer.get(at)
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


def test_reviews_of_others_are_not_there_and_viewers_name_nobody(viewer, service):
    own = PostmortemFactory(incident__service=service).incident.ref
    far = PostmortemFactory().incident.ref
    me = {"user": 1}
    for ref, status in ((own, 403), (far, 404)):
        at = f"/incidents/{ref}/postmortem"
        assert viewer.put(f"{at}/owner", me).status_code == status
        assert viewer.post(f"{at}/reviewers", me).status_code == status
    for path in ("reviewers", "pdf"):
        assert viewer.get(f"/incidents/{far}/postmortem/{path}").status_code == 404


def test_the_report_of_a_month_is_read_and_mailed(manager, viewer, service):
    now = timezone.now()
    IncidentFactory(service=service, declared_at=now, started_at=now)
    at = f"/teams/{service.team.slug}/reports"
    month = f"{now:%Y-%m}"
    told = viewer.get(f"{at}/{month}").json()
    assert (told["month"], told["incidents"]) == (month, 1)
    assert told["markdown"].startswith(f"# Operations of {service.team.name}, ")
    assert viewer.post(f"{at}/{month}/mail").status_code == 403
    assert manager.post(f"{at}/{month}/mail").json() == {"managers": 1}
    for wrong in ("2026-13", "9998-01", "now"):
        assert viewer.get(f"{at}/{wrong}").status_code == 404
    elsewhere = oncall.TeamFactory()
    assert viewer.get(f"/teams/{elsewhere.slug}/reports/{month}").status_code == 404


@pytest.mark.parametrize("word", BAD_WORDS)
def test_words_that_no_database_keeps_are_refused(manager, service, word):
    own = ComponentFactory(page__team=service.team, service=service)
    row = {"service": f"a{word}", "name": f"b{word}"}
    assert manager.put(f"/components/{own.pk}", row).status_code in {400, 422}
    said = {"title": f"a{word}"}
    answer = manager.put(f"/status-pages/{own.page.slug}", said)
    assert answer.status_code in {400, 422}
