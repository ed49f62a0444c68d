"""Stretches join what one person does without a break."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given

from oncall.domain.rotation import timeline
from oncall.domain.schedule import Segment
from oncall.domain.stretch import Marks, Stretch, end_of_turn, join_segments, mark_days
from tests.oncall.domain.strategies import QUARTER, a_weekly_schedule, scenes

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def part(begin, stop, user, role="primary", source=None):
    return Segment(MONDAY + begin * HOUR, MONDAY + stop * HOUR, role, user, source)


def stretch(begin, stop, user, role="primary"):
    return Stretch(MONDAY + begin * HOUR, MONDAY + stop * HOUR, role, user)


def test_one_person_going_on_is_one_stretch_also_beside_others():
    parts = [
        part(0, 2, "A"),
        part(0, 4, "B"),
        part(2, 4, "A", source="override"),
        part(2, 3, "A", role="secondary"),
        part(4, 5, None),
        part(5, 6, "A"),
    ]
    assert join_segments(parts) == [
        stretch(0, 4, "A"),
        stretch(0, 4, "B"),
        stretch(2, 3, "A", role="secondary"),
        stretch(4, 5, None),
        stretch(5, 6, "A"),
    ]


@given(scenes())
def test_stretches_cover_what_the_timeline_covers(scene):
    schedule, change = scene
    parts = timeline(schedule, change - 8 * QUARTER, change + 8 * QUARTER)
    joined = join_segments(parts)
    assert sum((p.end - p.start for p in parts), timedelta()) == sum(
        (s.end - s.start for s in joined), timedelta()
    )
    assert [each.start for each in joined] == sorted(each.start for each in joined)


def test_days_off_are_those_that_a_stretch_touches():
    friday = datetime(2026, 1, 2, 20, tzinfo=UTC)
    new_year = frozenset({date(2026, 1, 1), date(2026, 1, 4)})
    marks = mark_days(friday, friday + timedelta(days=2), BERLIN, new_year)
    assert marks == Marks(2, (date(2026, 1, 4),))
    midnight = datetime(2026, 1, 2, 23, tzinfo=UTC)
    assert mark_days(friday, midnight, BERLIN, new_year) == Marks(0, ())


def test_a_turn_ends_with_the_next_person_or_at_the_limit():
    schedule = a_weekly_schedule()
    week = timedelta(days=7)
    assert end_of_turn(schedule, "primary", MONDAY, MONDAY + 2 * week) == MONDAY + week
    assert end_of_turn(schedule, "primary", MONDAY, MONDAY + HOUR) == MONDAY + HOUR
    assert end_of_turn(schedule, "lead", MONDAY, MONDAY + HOUR) == MONDAY + HOUR
