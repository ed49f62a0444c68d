from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.cadence import Timetable, Timing, ad_hoc_slot
from checklists.domain.cadence_rule import CadenceKind, CadenceRule
from checklists.domain.cadence_words import describe
from checklists.domain.start_window import may_start, next_start, start_slot
from tests.checklists.domain.calendars import draw_moment, draw_timing, times, zones

HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
TIMING = Timing(due_time=time(), opens_before=HOUR, grace=HOUR, closes_after=2 * HOUR)


def timetable(first, last, zone=BERLIN, timing=TIMING):
    rule = CadenceRule(kind=CadenceKind.ON_DEMAND, starts_from=first, starts_until=last)
    return Timetable(rule=rule, timing=timing, zone=zone)


def at(local, *, fold=0):
    return (
        datetime.fromisoformat(local).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)
    )


NIGHT = timetable(time(2), time(4))
LATE = timetable(time(22), time(4))


@pytest.mark.parametrize(
    ("window", "local", "due"),
    [
        (NIGHT, "2026-01-14 02:00", "2026-01-14 03:00"),
        (NIGHT, "2026-01-14 03:30", "2026-01-14 04:00"),
        (LATE, "2026-01-14 22:00", "2026-01-14 23:00"),
        (LATE, "2026-01-14 03:59", "2026-01-14 04:00"),
        # Spring skips two o'clock, autumn has it twice.
        (NIGHT, "2026-03-29 03:30", "2026-03-29 04:00"),
        (timetable(time(1), time(2, 30)), "2026-03-29 01:59", "2026-03-29 03:30"),
        (timetable(time(1), time(2, 30)), "2026-10-25 01:40", "2026-10-25 02:30"),
    ],
)
def test_inside_its_window_a_run_is_due_by_its_end_at_last(window, local, due):
    slot = start_slot(window, at(local))
    assert slot.opens_at == at(local)
    assert slot.due_at == at(due)
    assert slot.grace_until - slot.due_at == HOUR
    assert slot.closes_at - slot.due_at == 2 * HOUR


def test_in_the_hour_that_autumn_repeats_the_window_ends_once():
    window = timetable(time(1), time(2, 30))
    second = at("2026-10-25 02:20", fold=1)
    assert may_start(window, second)
    assert start_slot(window, second).due_at == second + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("window", "local", "again"),
    [
        (NIGHT, "2026-01-14 01:59", "2026-01-14 02:00"),
        (NIGHT, "2026-01-14 04:00", "2026-01-15 02:00"),
        (LATE, "2026-01-14 04:00", "2026-01-14 22:00"),
        # That night has no time between 02:15 and 02:45.
        (timetable(time(2, 15), time(2, 45)), "2026-03-29 00:00", "2026-03-30 02:15"),
    ],
)
def test_outside_its_window_it_says_when_again(window, local, again):
    assert not may_start(window, at(local))
    assert next_start(window, at(local)) == at(again)


@given(st.data(), times, times)
def test_every_start_is_followed_by_its_due_and_some_start_comes(data, first, last):
    zone = data.draw(zones)
    now = draw_moment(data.draw, zone)
    if first == last:
        return
    window = timetable(first, last, zone, draw_timing(data.draw))
    again = next_start(window, now)
    assert now <= again <= now + timedelta(days=4)
    assert may_start(window, again)
    slot = start_slot(window, again)
    assert again == slot.opens_at < slot.due_at <= ad_hoc_slot(window, again).due_at


def test_without_a_window_it_starts_at_any_time():
    free = timetable(None, None)
    now = at("2026-01-14 12:00")
    assert may_start(free, now)
    assert next_start(free, now) == now
    assert start_slot(free, now) == ad_hoc_slot(free, now)


def test_it_is_said_in_words():
    assert describe(NIGHT.rule, time()) == "on demand, from 02:00 to 04:00"
