"""An undo brings back what held before, from now on; the past is not touched."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall.domain.pace import ActiveWindow, Unit
from oncall.domain.schedule import HolidayPolicy
from oncall.models import AuditEntry, Notification
from oncall.queries.rosters import roster_rows
from oncall.services.edits import AddRotation, RetireRotation, UndoVersion
from oncall.services.schedules import make_edit
from opsportal.kit.errors import Refused
from tests.conftest import NOW
from tests.factories.oncall import UserFactory, make_weekly_schedule
from tests.oncall.services.rosters import DAY, WEEK, a_draft, edit, lived, names

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)
LONG = 60 * DAY


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=4)


@pytest.fixture
def rotation(schedule):
    return schedule.rotations.get()


@pytest.fixture
def editor(schedule):
    return UserFactory(team=schedule.team, team__role="manager")


def undo(version, by, *, now=NOW):
    return make_edit(UndoVersion(version), by=by, now=now).version


SHAPES = st.fixed_dictionaries(
    {
        "order": st.permutations(range(4)).map(lambda order: order[:3]),
        "unit": st.sampled_from(list(Unit)),
        "every": st.integers(1, 3),
        "at": st.sampled_from([time(9), time(2, 30), time(0)]),
        "roles": st.sampled_from([("primary",), ("primary", "secondary")]),
        "windows": st.sampled_from([(), (ActiveWindow(2, 1320, 1800),)]),
        "holiday_policy": st.sampled_from(list(HolidayPolicy)),
        "keeps_current": st.booleans(),
        "ahead": st.sampled_from([None, DAY, 10 * DAY]),
    }
)


@given(shape=SHAPES, later=st.sampled_from([timedelta(), HOUR, 3 * DAY, 29 * DAY]))
@settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_undo_gives_the_earlier_timeline_from_then_on_and_an_identical_past(
    shape, later
):
    schedule = make_weekly_schedule(people=4)
    rotation = schedule.rotations.get()
    by = UserFactory()
    original = lived(schedule, NOW - LONG, NOW + LONG)
    shape = dict(shape)
    people = [schedule.people[place] for place in shape.pop("order")]
    ahead = shape.pop("ahead")
    draft = a_draft(people, effective_from=ahead and NOW + ahead, **shape)
    row = edit(rotation, draft, by)
    now = NOW + later
    turn = max(now, row.effective_from)
    edited = lived(schedule, NOW - LONG, turn)

    undo(row, by, now=now)

    def within(start, end):
        return [
            (role, max(a, start), min(b, end), user)
            for role, a, b, user in original
            if a < end and b > start
        ]

    assert lived(schedule, turn, NOW + LONG) == within(turn, NOW + LONG)
    held = [each for each in lived(schedule, NOW - LONG, turn) if each[3]]
    assert held == [each for each in edited if each[3]]
    assert lived(schedule, NOW - LONG, NOW) == within(NOW - LONG, NOW)


def test_an_edit_is_undone_from_now_and_told(schedule, rotation, editor):
    row = edit(rotation, a_draft(schedule.people[:2]), editor)
    Notification.objects.all().delete()
    back = undo(row, editor, now=NOW + DAY)
    assert back.undoes == row
    assert names(schedule, NOW + DAY) == names(schedule, NOW + DAY)
    entry = AuditEntry.objects.first()
    assert entry.action == "rotation.undo"
    assert {each.recipient for each in Notification.objects.all()} == set(
        schedule.people
    )


def test_a_planned_edit_is_taken_back_at_its_own_moment(schedule, rotation, editor):
    draft = a_draft(schedule.people[:2], effective_from=NOW + WEEK)
    row = edit(rotation, draft, editor)
    assert undo(row, editor).effective_from == NOW + WEEK


def test_what_is_edited_in_between_goes_on_past_a_change_that_was_taken_back(
    schedule, rotation, editor
):
    far = a_draft(reversed(schedule.people), effective_from=NOW + 6 * WEEK)
    row = edit(rotation, far, editor)
    back = undo(row, editor)
    near = a_draft(schedule.people[:1], roles=("primary",), effective_from=NOW + WEEK)
    edit(rotation, near, editor)
    alone = [("primary", schedule.people[0].pk)]
    assert names(schedule, NOW + 7 * WEEK) == alone
    # Taking back the undo brings the far change again, to its own moment.
    undo(back, editor)
    assert names(schedule, NOW + 5 * WEEK) == alone
    assert len(names(schedule, NOW + 7 * WEEK)) == 2


def test_the_undo_of_a_first_version_retires_the_rotation(schedule, editor):
    before = names(schedule)
    draft = a_draft(
        schedule.people[2:], name="Managers", roles=("manager",), priority=1
    )
    made = make_edit(AddRotation(schedule, draft), by=editor, now=NOW)
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary", "secondary", "manager"]
    undo(made.version, editor)
    assert names(schedule) == before
    schedule.refresh_from_db()
    assert schedule.required_roles == ["primary", "secondary"]


def test_a_retirement_is_undone(schedule, rotation, editor):
    before = names(schedule)
    row = make_edit(RetireRotation(rotation), by=editor, now=NOW).version
    undo(row, editor)
    assert names(schedule) == before


def test_an_undo_is_undone_and_edits_are_undone_one_after_the_other(
    schedule, rotation, editor
):
    original = names(schedule)
    first = edit(rotation, a_draft(reversed(schedule.people)), editor)
    second = edit(rotation, a_draft(schedule.people[:2]), editor, now=NOW + HOUR)
    with pytest.raises(Refused, match="Undo that one first"):
        undo(first, editor, now=NOW + 2 * HOUR)
    back = undo(second, editor, now=NOW + 2 * HOUR)
    with pytest.raises(Refused, match="undone already"):
        undo(second, editor, now=NOW + 2 * HOUR)
    undo(first, editor, now=NOW + 3 * HOUR)
    assert names(schedule, NOW + 3 * HOUR) == original
    with pytest.raises(Refused, match="Undo that one first"):
        undo(back, editor, now=NOW + 3 * HOUR)


def test_thirty_days_are_enough(schedule, rotation, editor):
    row = edit(rotation, a_draft(schedule.people[:2]), editor)
    with pytest.raises(Refused, match="for 30 days"):
        undo(row, editor, now=NOW + 30 * DAY + HOUR)
    undo(row, editor, now=NOW + 30 * DAY)


def test_the_history_says_who_changed_what_and_what_can_be_undone(
    schedule, rotation, editor
):
    gone = schedule.people[3]
    row = edit(rotation, a_draft(schedule.people[:3]), editor)
    planned = edit(
        rotation,
        replace(a_draft(schedule.people[:3]), at=time(10), effective_from=NOW + WEEK),
        editor,
    )
    (roster,) = roster_rows(schedule, NOW)
    assert [each.state for each in roster.versions] == ["planned", "now", "over"]
    assert [each.can_be_undone for each in roster.versions] == [True, True, False]
    assert roster.versions[1].words == [f"{gone.display_name} leaves"]
    assert roster.versions[1].by == editor.display_name
    assert [each.pk for each in roster.planned] == [planned.pk]
    undo(planned, editor)
    undo(row, editor, now=NOW + HOUR)
    (roster,) = roster_rows(schedule, NOW + HOUR)
    states = [(each.state, each.is_undo) for each in roster.versions]
    assert states == [
        ("over", True),
        ("undone", False),
        ("now", True),
        ("undone", False),
        ("over", False),
    ]
    assert roster.versions[1].undone_by == editor.display_name
