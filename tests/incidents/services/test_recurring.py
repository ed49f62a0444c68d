"""Occurrences become windows a day before they begin, once each."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.domain.recurrence import Recurrence
from incidents.models import MaintenanceWindow, RecurringWindow
from incidents.queries.maintenance import list_windows
from incidents.services import maintenance, recurring
from incidents.services.muting import settle_due_mutes
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.incidents.services.test_muting import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
# The night after which the clocks go forward.
SPRING = datetime(2026, 3, 27, 12, tzinfo=BERLIN)


@pytest.fixture
def world():
    return World()


def plan(world, now=NOW, reason="Load test", **fields):
    values = {
        "frequency": "weekly",
        "weekdays": (0, 1, 2, 3, 4, 5, 6),
        "starts": time(2),
        "length": 2 * HOUR,
        "zone": "Europe/Berlin",
        "first_on": date(2026, 1, 1),
    }
    rule = Recurrence(**values | fields)
    return recurring.create_recurring(
        world.service, rule, reason, by=world.engineer, now=now
    )


def windows():
    rows = MaintenanceWindow.objects.order_by("starts_at")
    return [row.starts_at.astimezone(BERLIN) for row in rows]


def test_a_load_test_between_two_and_four_mutes_every_night(world):
    plan(world, SPRING, starts=time(3))
    for day in range(4):
        now = SPRING + day * DAY
        # Told twice, it is done once.
        assert recurring.plan_windows(now=now) == (1 if day else 0)
        assert recurring.plan_windows(now=now) == 0
    assert [(at.day, at.hour) for at in windows()] == [
        (28, 3),
        (29, 3),
        (30, 3),
        (31, 3),
    ]
    fires_at = windows()[2] + HOUR
    settle_due_mutes(now=fires_at)
    minutes = (fires_at - NOW) / timedelta(minutes=1)
    assert world.fires(minutes).muted_at == fires_at
    _, _, past = list_windows([world.service.team_id], fires_at + DAY)
    assert [row.muted for row in past] == [1, 0, 0]


def test_what_runs_already_is_not_planned_again(world):
    night = datetime(2026, 1, 15, 3, tzinfo=BERLIN)
    plan(world, night)
    recurring.plan_windows(now=night + DAY)
    assert [at.day for at in windows()] == [15, 16, 17]


def test_what_runs_by_the_rule_begins_at_once_and_what_was_missed_is_left(world):
    night = datetime(2026, 1, 15, 3, tzinfo=BERLIN)
    row = plan(world, night)
    assert [(at.day, at.hour) for at in windows()] == [(15, 2), (16, 2)]
    # Nobody looked for three days.
    recurring.plan_windows(now=night + 3 * DAY)
    assert [at.day for at in windows()] == [15, 16, 18, 19]
    row.refresh_from_db()
    assert row.next_plan_at == datetime(2026, 1, 19, 2, tzinfo=BERLIN)
    # Another sweep that comes too late finds nothing to do.
    assert recurring._plan_due(row.pk, night + 3 * DAY) == 0


def test_a_cancelled_occurrence_does_not_come_back(world):
    plan(world)
    window = MaintenanceWindow.objects.select_related("service").get()
    maintenance.cancel_window(window, by=world.engineer, now=NOW)
    recurring.plan_windows(now=NOW + 2 * HOUR)
    assert windows() == []


def test_it_stops_with_its_last_day_or_by_hand(world):
    row = plan(world, last_on=date(2026, 1, 15))
    recurring.plan_windows(now=NOW)
    row.refresh_from_db()
    assert row.next_plan_at is None
    recurring.stop_recurring(row, by=world.engineer, now=NOW)
    assert not RecurringWindow.objects.exists()
    assert windows() == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"last_on": date(2026, 1, 2)}, "last_on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(world, fields, field):
    with pytest.raises(PortalError) as refused:
        plan(world, **fields)
    assert refused.value.field == field
