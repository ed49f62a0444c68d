"""Cadences that count from the last completion."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.cadence import (
    TICK,
    Completion,
    Timetable,
    floating_slot,
    next_opening,
    slots,
)
from checklists.domain.cadence_rule import (
    CadenceKind,
    CadenceRule,
    RuleError,
    rule_from_json,
    rule_to_json,
)
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.cadence_words import describe
from checklists.domain.holiday import HolidayPolicy
from checklists.domain.upcoming import next_slots
from tests.checklists.domain.calendars import (
    at,
    draw_holidays,
    draw_moment,
    draw_timing,
    zones,
)

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
TIMING = timing_from_json(
    {"due_time": "10:00", "opens_before": "4h", "grace": "30m", "closes_after": "9h"}
)


def timetable(days=30, last=None, **more):
    rule = CadenceRule(kind=CadenceKind.FLOATING, days_after=days)
    options = {"timing": TIMING, "zone": BERLIN, **more}
    return Timetable(rule=rule, floats_from=last, **options)


def test_it_is_due_so_many_days_after_the_local_day_of_the_end():
    # 23:30 UTC is the next day in Berlin.
    slot = floating_slot(timetable(last=Completion(at("2026-01-13 23:30"), 7)))
    assert slot.period_key == "2026-02-13#7"
    assert slot.due_at == at("2026-02-13 09:00")
    assert slot.opens_at == at("2026-02-13 05:00")


def test_nothing_comes_while_a_run_is_open():
    table = timetable()
    assert next_opening(table, at("2026-01-14 05:00")) is None
    assert next_slots(table, at("2026-01-14 05:00")) == []


@pytest.mark.parametrize(
    ("policy", "due"),
    [
        (HolidayPolicy.RUN, "2026-01-15 09:00"),
        (HolidayPolicy.SKIP, "2026-01-17 09:00"),
        (HolidayPolicy.NEXT, "2026-01-19 09:00"),
        (HolidayPolicy.PREVIOUS, "2026-01-15 09:00"),
    ],
)
def test_a_holiday_moves_it_and_never_loses_it(policy, due):
    end = Completion(at("2026-01-14 10:00"), 1)
    off = frozenset((at("2026-01-15 00:00") + n * DAY).date() for n in (0, 1))
    table = timetable(days=1, last=end, policy=policy, holidays=off)
    slot = floating_slot(table)
    assert slot.due_at == at(due)
    assert slot.period_key == "2026-01-15#1"


@pytest.mark.parametrize("days", [0, -1, 1001])
def test_a_number_of_days_that_is_no_cadence_is_refused(days):
    with pytest.raises(RuleError, match="from 1 to 1000"):
        CadenceRule(kind=CadenceKind.FLOATING, days_after=days)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "the day after the last completion, at 10:00"),
        (30, "30 days after the last completion, at 10:00"),
    ],
)
def test_it_reads_as_people_say_it(days, words):
    rule = CadenceRule(kind=CadenceKind.FLOATING, days_after=days)
    assert describe(rule, TIMING.due_time) == words
    assert rule_from_json(rule_to_json(rule)) == rule


@st.composite
def _tables(draw):
    zone = draw(zones)
    moment = draw_moment(draw, zone).astimezone(UTC)
    return timetable(
        draw(st.integers(min_value=1, max_value=400)),
        Completion(moment, 1),
        zone=zone,
        timing=draw_timing(draw),
        holidays=draw_holidays(draw, moment.date()),
        policy=draw(st.sampled_from(HolidayPolicy)),
    )


@given(_tables(), st.lists(st.timedeltas(min_value=TICK, max_value=9 * DAY)))
def test_every_end_is_followed_by_one_slot_of_its_own(table, waits):
    keys = []
    for wait in waits:
        slot = floating_slot(table)
        end = table.floats_from.at
        assert slot.due_at > end
        assert slot.opens_at > end
        assert next_opening(table, end) == slot.opens_at
        assert slots(table, end, slot.opens_at + TICK) == [slot]
        assert next_opening(table, slot.opens_at) is None
        keys.append(slot.period_key)
        ended = Completion(slot.opens_at + wait, table.floats_from.number + 1)
        table = replace(table, floats_from=ended)
    assert len(set(keys)) == len(keys)


@given(_tables(), st.lists(st.timedeltas(min_value=-DAY, max_value=500 * DAY)))
def test_any_partition_of_an_interval_gives_the_one_slot_once(table, cuts):
    start = table.floats_from.at
    bounds = [start, *sorted(start + cut for cut in cuts), start + 600 * DAY]
    bounds = sorted(bounds)
    parts = [slot for low, high in pairwise(bounds) for slot in slots(table, low, high)]
    assert parts == slots(table, bounds[0], bounds[-1])
