"""Runs that a rotation's handoffs open; the roster moves those to come."""

from datetime import UTC, datetime, timedelta

import pytest

from checklists.models import Cadence, Run
from checklists.services.cadences import CadencePlan, add_cadence, change_cadence
from checklists.services.generation import open_due_runs
from oncall.models import RotationVersion
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError
from tests.factories.checklists import ChecklistFactory
from tests.factories.oncall import (
    RotationFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Mondays at 09:00 in Berlin.
AT = datetime(2026, 1, 19, 8, tzinfo=UTC)
NOW = AT - 3 * DAY
TIMING = {
    "due_time": "10:00",
    "opens_before": "10h",
    "grace": "1h",
    "closes_after": "14h",
}


@pytest.fixture
def schedule():
    return make_weekly_schedule()


@pytest.fixture
def rotation(schedule):
    return schedule.rotations.get()


def plan(rotation, **more):
    return CadencePlan(
        rule={"kind": "handoff"},
        timing=TIMING,
        time_zone="Europe/Berlin",
        rotation=rotation,
        **more,
    )


@pytest.fixture
def cadence(schedule, rotation):
    checklist = ChecklistFactory(service__team=schedule.team)
    return add_cadence(checklist, plan(rotation), by=None, now=NOW)


def hand_over_at(rotation, anchor, since):
    """Move the rotation's handoff from ``since`` on; who is on call then stays."""
    members = rotation.versions.get().members.order_by("position")
    first, second, third = [member.user for member in members]
    people = [third, first, second]
    version = RotationVersionFactory(
        rotation=rotation, anchor=anchor, effective_from=since
    )
    for position, user in enumerate(people):
        RotationMemberFactory(version=version, position=position, user=user)
    touch_team(rotation.schedule.team_id)


def keys():
    return list(Run.objects.order_by("due_at").values_list("period_key", flat=True))


def test_a_run_is_due_at_the_moment_of_the_handoff(cadence):
    assert cadence.next_open_at == AT - 10 * HOUR
    assert open_due_runs(now=AT - 11 * HOUR) == 0
    assert open_due_runs(now=AT - 10 * HOUR) == 1
    run = Run.objects.get()
    assert (run.period_key, run.due_at) == ("2026-01-19T09:00", AT)
    assert run.period_start_on == run.period_end_on == AT.date()
    assert open_due_runs(now=AT) == 0
    cadence.refresh_from_db()
    assert cadence.next_open_at == AT + 7 * DAY - 10 * HOUR


def test_a_turn_at_which_the_same_person_goes_on_opens_nothing():
    alone = make_weekly_schedule(people=1)
    checklist = ChecklistFactory(service__team=alone.team)
    cadence = add_cadence(checklist, plan(alone.rotations.get()), by=None, now=NOW)
    assert cadence.next_open_at is None


def test_a_new_roster_moves_what_is_to_come(cadence, rotation):
    open_due_runs(now=NOW)
    hand_over_at(rotation, "2026-01-20T12:00", NOW)
    open_due_runs(now=NOW + MINUTE)
    cadence.refresh_from_db()
    # Tuesday at noon from now on.
    assert cadence.next_open_at == AT + DAY - 7 * HOUR
    assert open_due_runs(now=AT) == 0
    open_due_runs(now=AT + DAY)
    assert keys() == ["2026-01-20T12:00"]


def test_a_run_that_is_open_stays_when_the_roster_moves(cadence, rotation):
    open_due_runs(now=AT - 10 * HOUR)
    hand_over_at(rotation, "2026-01-20T12:00", AT - 9 * HOUR)
    open_due_runs(now=AT - 9 * HOUR)
    open_due_runs(now=AT + DAY)
    assert keys() == ["2026-01-19T09:00", "2026-01-20T12:00"]


def test_an_earlier_handoff_opens_at_once(cadence, rotation):
    open_due_runs(now=AT - 2 * DAY)
    # Saturday 10:00, two hours from now, which should have opened hours ago.
    hand_over_at(rotation, "2026-01-17T11:00", AT - 2 * DAY)
    assert open_due_runs(now=AT - 2 * DAY + MINUTE) == 1
    assert keys() == ["2026-01-17T11:00"]


def test_a_team_in_which_nothing_changed_is_not_looked_at_again(
    cadence, django_assert_num_queries
):
    open_due_runs(now=NOW)
    with django_assert_num_queries(2):
        open_due_runs(now=NOW + MINUTE)


def test_a_rotation_that_is_gone_or_empty_opens_nothing(cadence, rotation, schedule):
    empty = RotationFactory(schedule=schedule)
    change_cadence(cadence, plan(empty), by=None, now=NOW)
    assert cadence.next_open_at is None
    change_cadence(cadence, plan(rotation), by=None, now=NOW)
    assert cadence.next_open_at is not None
    RotationVersion.objects.all().delete()
    rotation.delete()
    assert open_due_runs(now=AT) == 0
    cadence.refresh_from_db()
    assert (cadence.rotation, cadence.next_open_at) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rotation": None}, "rotation"),
        ({"holidays": Cadence.Holidays.SKIP}, "holidays"),
        ({"rule": {"kind": "daily"}}, "rotation"),
    ],
)
def test_what_makes_no_sense_is_refused(schedule, rotation, changes, field):
    values = {
        "rule": {"kind": "handoff"},
        "timing": TIMING,
        "time_zone": "Europe/Berlin",
        "rotation": rotation,
    } | changes
    checklist = ChecklistFactory(service__team=schedule.team)
    with pytest.raises(PortalError) as refused:
        add_cadence(checklist, CadencePlan(**values), by=None, now=NOW)
    assert refused.value.field == field
