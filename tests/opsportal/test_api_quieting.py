"""Silences, planned work, and acts on alerts through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Alert, MaintenanceWindow, Silence
from tests.factories import oncall
from tests.factories.incidents import AlertFactory, AlertMuteFactory
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return oncall.ServiceFactory(slug="arq", team__slug="platform")


@pytest.fixture
def api(client, service):
    return caller(client, service)


def caller(client, service, role="manager", *scopes):
    user = oncall.UserFactory(team=service.team, team__role=role, name="Engineer A")
    return Caller(client, user, *scopes)


def fire(service, **labels):
    return AlertFactory(series__integration__service=service, labels=labels)


def silence(**changes):
    said = {
        "service": "arq",
        "matchers": ['host=~"db.*"'],
        "ends_at": (timezone.now() + HOUR).isoformat(),
        "comment": "Index is rebuilt",
    }
    return said | changes


def test_a_silence_is_tried_made_changed_and_ended(api, service):
    alert, _ = fire(service, host="db1"), fire(service, host="web")
    tried = api.post("/silences/preview", silence()).json()
    assert tried == {"count": 1, "alerts": [alert.pk]}
    assert not Silence.objects.exists()

    pk = api.post("/silences", silence()).json()["id"]
    [row] = api.get("/silences").json()
    assert (row["id"], row["state"], row["service"]) == (pk, "active", "arq")
    assert (row["matchers"], row["author"]) == (['host=~"db.*"'], "Engineer A")
    alert.refresh_from_db()
    assert alert.muted_at is not None

    later = (timezone.now() + 2 * HOUR).isoformat()
    said = {"matchers": ["host=web"], "ends_at": later, "comment": "Deployment"}
    other = api.put(f"/silences/{pk}", said).json()["id"]
    assert other != pk
    assert [row["state"] for row in api.get("/silences").json()] == [
        *("active", "expired")
    ]
    assert api.post(f"/silences/{other}/expire").status_code == 204
    assert api.post(f"/silences/{other}/expire").status_code == 409


def test_a_silence_of_a_team_may_begin_later(api, service):
    begins = (timezone.now() + HOUR / 2).isoformat()
    said = silence(service="", team="platform", starts_at=begins)
    assert api.post("/silences", said).status_code == 201
    [row] = api.get("/silences").json()
    assert (row["state"], row["service"], row["team"]) == (
        *("pending", None),
        "platform",
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"matchers": ["no matcher"]}, "matchers"),
        ({"matchers": ['a=~"("']}, "matchers"),
        ({"matchers": ['a=~".*"']}, "matchers"),
        ({"comment": " "}, "comment"),
        ({"service": "nobodys"}, "service"),
        ({"service": "", "team": "nobodys"}, "team"),
    ],
)
def test_a_silence_that_is_none_is_refused_by_field(api, service, changes, field):
    answer = api.post("/silences", silence(**changes))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


def test_work_is_planned_ended_and_called_off(api, service):
    now = timezone.now()

    def plan(begins, ends, **changes):
        said = {"service": "arq", "reason": "Load test"}
        times = {"starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
        return api.post("/maintenance", said | times | changes)

    running = plan(now, now + HOUR).json()["id"]
    coming = plan(now + HOUR, now + 2 * HOUR).json()["id"]
    assert [(row["id"], row["state"]) for row in api.get("/maintenance").json()] == [
        (running, "active"),
        (coming, "pending"),
    ]
    assert plan(now + HOUR, now).status_code == 422
    assert plan(now, now + HOUR, service="nobodys").status_code == 422
    assert api.delete(f"/maintenance/{running}").status_code == 409
    assert api.delete(f"/maintenance/{coming}").status_code == 204
    assert api.post(f"/maintenance/{running}/end").status_code == 204
    assert MaintenanceWindow.objects.get().ends_at < now + HOUR


def test_many_alerts_are_taken_ended_and_reviewed(api, service):
    pks = [fire(service, host="db1").pk for _ in range(3)]

    def act(word, *chosen):
        return api.post("/alerts/many", {"act": word, "alerts": chosen})

    assert act("acknowledge", *pks).json() == {"count": 3}
    assert act("acknowledge", *pks[:2]).json() == {"count": 0}
    assert api.post(f"/alerts/{pks[0]}/unacknowledge").status_code == 204
    assert act("resolve", *pks[1:]).json() == {"count": 2}
    assert act("review", *pks).json() == {"count": 3}
    assert Alert.objects.filter(status="firing").count() == 1
    foreign = fire(oncall.ServiceFactory()).pk
    assert act("resolve", pks[0], foreign).status_code == 404
    assert act("resolve").status_code == 422


def test_a_story_tells_what_was_said_and_what_became_of_it(api, service):
    alert = fire(service, host="db1")
    AlertMuteFactory(alert=alert, kind="silence", text="Index is rebuilt")
    assert api.post(f"/alerts/{alert.pk}/note", {"text": "Looking"}).status_code == 204
    story = api.get(f"/alerts/{alert.pk}/story").json()
    assert story["labels"] == {"host": "db1"}
    assert [(row["kind"], row["by"], row["text"]) for row in story["events"]] == [
        ("noted", "Engineer A", "Looking")
    ]
    assert [row["text"] for row in story["mutes"]] == ["Index is rebuilt"]


def test_the_list_is_narrowed_by_level_and_text(api, service):
    fire(service)
    AlertFactory(series__integration__service=service, level=4, summary="Slow")
    assert len(api.get("/alerts").json()["items"]) == 2
    assert len(api.get("/alerts", level=2).json()["items"]) == 1
    assert len(api.get("/alerts", text="slow").json()["items"]) == 1


def test_who_may_only_look_changes_nothing(client, service):
    alert = fire(service, host="db1")
    window = {"service": "arq", "reason": "x"}
    times = {"starts_at": timezone.now().isoformat(), "ends_at": "2099-01-01T00:00:00Z"}
    viewer = caller(client, service, "viewer")
    for path, body in (
        ("/silences", silence()),
        ("/silences/preview", silence()),
        ("/maintenance", window | times),
        (f"/alerts/{alert.pk}/note", {"text": "x"}),
        (f"/alerts/{alert.pk}/unacknowledge", {}),
        ("/alerts/many", {"act": "resolve", "alerts": [alert.pk]}),
    ):
        assert viewer.post(path, body).status_code == 403
    stranger = caller(client, oncall.ServiceFactory())
    assert stranger.get("/silences").json() == []
    for path in ("/silences/1/expire", "/maintenance/1/end", "/alerts/1/note"):
        assert stranger.post(path, {"text": "x"}).status_code == 404
    assert stranger.get(f"/alerts/{alert.pk}/story").status_code == 404
