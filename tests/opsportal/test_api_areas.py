"""What each area of the API answers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from checklists.services.checklists import ItemPlan
from incidents.models import Alert, Incident
from incidents.services.alerts import AlertSignal, checks_integration, ingest_alert
from oncall.services.tokens import create_token
from tests.factories import oncall
from tests.factories.runs import make_check, make_checklist, make_service, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]
START = "2026-01-12T00:00:00Z"
END = "2026-01-26T00:00:00Z"


class Caller:
    """A client with one person's token."""

    def __init__(self, client, user, *scopes):
        _, plain = create_token(
            user,
            name="test",
            scopes=scopes or ["read", "respond", "manage"],
            team=None,
            lifetime=timedelta(days=1),
            now=timezone.now(),
        )
        self._client = client
        self._headers = {"Authorization": f"Bearer {plain}"}

    def get(self, path, **query):
        return self._client.get(f"/api/v1{path}", query, headers=self._headers)

    def post(self, path, body=None):
        return self._client.post(
            f"/api/v1{path}",
            body or {},
            content_type="application/json",
            headers=self._headers,
        )

    def delete(self, path):
        return self._client.delete(f"/api/v1{path}", headers=self._headers)

    def put(self, path, body):
        return self._client.put(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers=self._headers,
        )


@pytest.fixture
def team():
    return oncall.TeamFactory()


@pytest.fixture
def service(team):
    return make_service(team=team)


@pytest.fixture
def ann(team):
    return oncall.UserFactory(name="Engineer A", team=team, team__role="manager")


@pytest.fixture
def call(client, ann):
    return Caller(client, ann)


@pytest.fixture
def stranger(client):
    return Caller(client, oncall.UserFactory(team=oncall.TeamFactory()))


@pytest.fixture
def schedule(team):
    version = oncall.RotationVersionFactory(
        rotation__schedule=oncall.ScheduleFactory(team=team)
    )
    for position in range(2):
        user = oncall.UserFactory(team=team)
        oncall.RotationMemberFactory(version=version, position=position, user=user)
    return version.rotation.schedule


@pytest.fixture
def alert(service):
    signal = AlertSignal(dedup_key="lag", summary="Lag is 2 s", level=2)
    return ingest_alert(checks_integration(service), signal, now=timezone.now())


# On call


def test_services_and_their_contacts(call, stranger, service):
    assert [row["slug"] for row in call.get("/services").json()] == [service.slug]
    assert call.get(f"/services/{service.slug}/contacts").json() == []
    assert stranger.get(f"/services/{service.slug}/contacts").status_code == 404


def test_who_is_on_call_at_a_moment(call, schedule):
    (board,) = call.get("/oncall", at="2026-01-14T10:00:00Z").json()
    assert board["schedule"] == schedule.slug
    assert [row["role"] for row in board["on_call"]] == ["primary", "secondary"]
    assert board["missing_roles"] == []


def test_shifts_tile_the_interval(call, stranger, schedule):
    path = f"/schedules/{schedule.slug}/shifts"
    body = call.get(path, start=START, end=END).json()
    primary = [row for row in body["shifts"] if row["role"] == "primary"]
    assert primary[0]["start"] == START
    assert primary[-1]["end"] == END
    assert body["coverage_percent"] == 100
    assert stranger.get(path, start=START, end=END).status_code == 404


def test_gaps_are_listed(call, team):
    schedule = oncall.ScheduleFactory(team=team)
    gaps = call.get(f"/schedules/{schedule.slug}/gaps", start=START, end=END).json()
    assert {gap["role"] for gap in gaps} == {"primary", "secondary"}


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (END, START, "end"),
        (START, "2028-01-01T00:00:00Z", "end"),
        ("0.5", END, "start"),
    ],
)
def test_a_wrong_interval_is_refused(call, schedule, start, end, field):
    answer = call.get(f"/schedules/{schedule.slug}/gaps", start=start, end=end)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


# Alerts and incidents


def test_alerts_are_listed_shown_acknowledged_and_resolved(call, alert):
    (row,) = call.get("/alerts").json()["items"]
    assert (row["id"], row["status"], row["level"]) == (alert.pk, "firing", 2)
    assert call.get(f"/alerts/{alert.pk}").json()["summary"] == "Lag is 2 s"
    acknowledged = call.post(f"/alerts/{alert.pk}/acknowledge").json()
    assert acknowledged["status"] == "acknowledged"
    assert call.post(f"/alerts/{alert.pk}/resolve").json()["status"] == "resolved"
    again = call.post(f"/alerts/{alert.pk}/resolve")
    assert again.status_code == 409


def test_another_teams_alert_does_not_exist(stranger, alert):
    assert stranger.get("/alerts").json()["items"] == []
    assert stranger.get(f"/alerts/{alert.pk}").status_code == 404
    assert stranger.post(f"/alerts/{alert.pk}/resolve").status_code == 404
    assert Alert.objects.get().status == "firing"


def test_an_incident_from_declaration_to_resolution(call, stranger, service):
    declared = call.post(
        "/incidents",
        {"title": "API is slow", "services": [service.slug], "severity": "High"},
    )
    assert declared.status_code == 201
    ref = declared.json()["ref"]
    call.post(f"/incidents/{ref}/notes", {"text": "Rolled back.", "is_decision": True})
    moved = call.post(f"/incidents/{ref}/status", {"status": "resolved"}).json()
    assert moved["status"] == "resolved"
    whole = call.get(f"/incidents/{ref}").json()
    assert "Rolled back." in [entry["text"] for entry in whole["timeline"]]
    assert [row["ref"] for row in call.get("/incidents").json()["items"]] == [ref]
    assert stranger.get(f"/incidents/{ref}").status_code == 404
    assert (
        call.post(f"/incidents/{ref}/status", {"status": "triage"}).status_code == 409
    )


def test_an_incident_needs_a_service_of_ones_own(call, stranger, service):
    body = {"title": "API is slow", "services": [service.slug], "severity": "High"}
    answer = stranger.post("/incidents", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "services"
    assert not Incident.objects.exists()


# Checklists and checks


def test_checklists_and_runs_are_listed_and_filtered(call, team):
    checklist = make_checklist(team=team)
    run = open_run(team=team)
    slugs = {row["slug"] for row in call.get("/checklists").json()["items"]}
    assert slugs == {checklist.slug, run.checklist.slug}
    listed = call.get("/runs", state="open", checklist=run.checklist.slug).json()
    assert [row["id"] for row in listed["items"]] == [run.pk]
    assert call.get("/runs", state="closed").json()["count"] == 0


def test_items_are_answered_left_out_held_and_released(call, team):
    plan = [
        ItemPlan(text="Load", kind="number"),
        ItemPlan(text="Share", kind="link"),
        ItemPlan(text="Look"),
    ]
    run = open_run(plan, team=team, now=timezone.now(), timing=_long(), time_zone="UTC")
    load, share, look = run.items.all()
    assert (
        call.post(f"/items/{load.pk}/answer", {"value": 12.5}).json()["value"] == "12.5"
    )
    link = call.post(f"/items/{share.pk}/answer", {"value": "https://example.org"})
    assert link.json()["state"] == "done"
    left = call.post(f"/items/{look.pk}/not-applicable", {"reason": "not today"})
    assert left.json()["state"] == "na"
    opened = call.post(f"/items/{look.pk}/untick").json()
    assert opened["state"] == "open"
    assert call.post(f"/items/{look.pk}/release").status_code == 200


def test_a_run_is_handed_in_and_signed_off_or_skipped(call, team):
    made = {"timing": _long(), "time_zone": "UTC", "now": timezone.now()}
    run = open_run(team=team, sign_off="one", **made)
    for item in run.items.all():
        call.post(f"/items/{item.pk}/tick")
    assert call.post(f"/runs/{run.pk}/hand-in").json()["state"] == "awaiting_signoff"
    assert call.post(f"/runs/{run.pk}/sign-off").json()["state"] == "closed"
    other = open_run(team=team, **made)
    skipped = call.post(f"/runs/{other.pk}/skip", {"reason": "public holiday"})
    assert skipped.json()["outcome"] == "skipped"


def test_a_check_is_shown_with_results_and_looked_at_now(call, stranger, service):
    check = make_check(service, spec={"source": "alert_rate"}, condition="value <= 50")
    assert call.get(f"/checks/{check.pk}").json()["status"] == "pending"
    assert call.post(f"/checks/{check.pk}/verify").json()["status"] == "pass"
    (result,) = call.get(f"/checks/{check.pk}/results").json()["items"]
    assert result["outcome"] == "pass"
    for span, step in (("day", 300), ("month", 3600), ("years", 86400)):
        past = call.get(f"/checks/{check.pk}/past", span=span).json()
        assert past["step"] == step
        (only,) = past["steps"]
        assert (only["passed"], only["value"]["p95"]) == (1, 0)
        assert only["latency_ms"] is None
    (growth,) = call.get(f"/services/{service.slug}/capacity").json()
    assert (growth["check"], growth["a_day"], growth["latest"]) == (
        check.pk,
        None,
        None,
    )
    assert stranger.get(f"/services/{service.slug}/capacity").status_code == 404
    listed = call.get("/checks", service=service.slug, status="pass").json()
    assert listed["count"] == 1
    assert stranger.post(f"/checks/{check.pk}/verify").status_code == 404


def test_moments_come_out_in_rfc_3339(call, team):
    run = open_run(team=team)
    moment = call.get(f"/runs/{run.pk}").json()["due_at"]
    assert datetime.fromisoformat(moment) == run.due_at.astimezone(UTC)


def _long():
    return {
        "due_time": "23:59",
        "opens_before": "1d",
        "grace": "1d",
        "closes_after": "3d",
    }


def test_a_nul_character_is_refused_before_the_database_sees_it(call, team):
    item = open_run(team=team).items.first()
    answer = call.post(f"/items/{item.pk}/tick", {"note": "a\0b"})
    assert answer.status_code == 400
    assert "NUL" in answer.json()["error"]["message"]
    assert call.get("/runs", checklist="a\0b").status_code == 400


def test_a_text_that_is_too_long_names_its_field(call, team):
    item = open_run(team=team).items.first()
    answer = call.post(f"/items/{item.pk}/tick", {"reason": "x" * 501})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"].endswith("reason")
