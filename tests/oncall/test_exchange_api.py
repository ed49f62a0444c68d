"""Absences and calendars through the API."""

import json
from datetime import timedelta

import pytest
import time_machine

from oncall.domain.rotation import timeline
from oncall.models import Absence, CalendarFeed, Membership, Override
from oncall.queries import load_schedule
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import (
    AbsenceFactory,
    CalendarFeedFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


@pytest.fixture
def call(client):
    def ask(who, method, path, body=None, scopes=("read", "respond", "manage")):
        _, token = create_token(
            who, name="t", scopes=scopes, team=None, lifetime=DAY, now=NOW
        )
        return getattr(client, method)(
            f"/api/v1{path}",
            data=json.dumps(body or {}) if method == "post" else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    return ask


def span(start, end):
    return {"start": start.isoformat(), "end": end.isoformat()}


def test_absences_are_added_listed_and_cancelled(call, schedule):
    person, other = schedule.people[:2]
    body = span(NOW + DAY, NOW + 2 * DAY) | {"kind": "sick", "note": "Flu"}
    made = call(person, "post", "/absences", body)
    assert made.status_code == 201
    path = f"/absences/{made.json()['id']}/cancel"
    (row,) = call(other, "get", "/absences").json()
    assert row == made.json()
    assert "Flu" not in str(row)
    assert call(other, "post", path).status_code == 404
    assert call(person, "post", path).status_code == 200
    assert call(person, "post", path).status_code == 409
    assert call(other, "get", "/absences").json() == []
    assert call(person, "post", f"/absences/{2**70}/cancel").status_code == 404
    assert call(person, "post", "/absences", body, ["read"]).status_code == 403


def test_a_manager_lets_somebody_cover(call, schedule):
    Membership.objects.filter(user=schedule.people[2]).update(role="manager")
    boss, spare = schedule.people[2], UserFactory(team=schedule.team)
    held = next(
        part for part in timeline(load_schedule(schedule.pk), NOW + DAY, NOW + 3 * DAY)
        if part.role == "primary"
    )  # fmt: skip
    row = AbsenceFactory(user_id=held.user, starts_at=held.start, ends_at=held.end)
    body = span(held.start, held.end) | {
        "schedule": schedule.slug,
        "role": "primary",
        "cover": spare.username,
    }
    path = f"/absences/{row.pk}/cover"
    assert call(spare, "post", path, body).status_code == 403
    made = call(boss, "post", path, body)
    assert made.json()["override"] == Override.objects.get().pk
    wrong = call(boss, "post", path, body | {"cover": "nobody"})
    assert wrong.json()["error"]["field"] == "cover"
    assert call(boss, "post", path, body | {"schedule": "x"}).status_code == 404
    stranger = AbsenceFactory()
    path = f"/absences/{stranger.pk}/cover"
    assert call(boss, "post", path, body).status_code == 404
    assert Absence.objects.count() == 2


def test_calendars_are_listed_and_revoked(call, schedule):
    person, other = schedule.people[:2]
    feed = CalendarFeedFactory(user=person, schedule=schedule)
    CalendarFeedFactory(user=person)
    rows = call(person, "get", "/feeds").json()
    assert {row["schedule"] for row in rows} == {schedule.slug, None}
    path = f"/feeds/{feed.pk}/revoke"
    assert call(other, "post", path).status_code == 404
    assert call(person, "post", path, scopes=["read"]).status_code == 403
    assert call(person, "post", path).json()["revoked_at"]
    assert call(person, "post", f"/feeds/{2**70}/revoke").status_code == 404
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1
