from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.cadence import Timetable, Timing, open_slots, slots
from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.catch_up import (
    MOST_RUNS,
    CatchUp,
    PlannedRun,
    Sweep,
    plan_runs,
    plan_sweep,
)
from checklists.domain.holiday import HolidayPolicy
from tests.checklists.domain.calendars import (
    DAY,
    HOUR,
    at,
    draw_holidays,
    timetables_at,
)


def make_timetable(raw, *, grace=HOUR, zone="UTC"):
    timing = Timing(
        due_time=time(10), opens_before=HOUR, grace=grace, closes_after=grace
    )
    return Timetable(rule=rule_from_json(raw), timing=timing, zone=ZoneInfo(zone))


DAILY = make_timetable({"kind": "daily"})


def sweep(timetable, generated_through, now, catch_up=CatchUp.ALL):
    return plan_sweep(
        timetable, generated_through=generated_through, now=now, catch_up=catch_up
    )


def told(runs):
    return [(run.slot.period_key[5:], run.is_missed, run.cause) for run in runs]


def test_an_ordinary_sweep_opens_one_run_and_moves_the_watermark():
    opening = at("2025-11-03 09:00")
    (slot,) = slots(DAILY, opening, opening + HOUR)
    assert sweep(DAILY, opening - HOUR, opening) == Sweep(
        runs=(PlannedRun(slot, is_missed=False, cause=""),),
        generated_through=opening,
        next_open_at=opening + DAY,
    )


def test_the_next_sweep_finds_nothing_again():
    opening = at("2025-11-03 09:00")
    assert sweep(DAILY, opening, opening + HOUR).runs == ()


@pytest.mark.parametrize(
    ("catch_up", "now", "runs"),
    [
        (
            CatchUp.ALL,
            "2025-11-04 09:30",
            [
                ("11-02", True, "system"),
                ("11-03", True, "system"),
                ("11-04", False, ""),
            ],
        ),
        (CatchUp.LATEST, "2025-11-04 09:30", [("11-04", False, "")]),
        (CatchUp.NONE, "2025-11-04 09:30", [("11-04", False, "")]),
        (
            CatchUp.ALL,
            "2025-11-03 20:00",
            [("11-02", True, "system"), ("11-03", True, "system")],
        ),
        (CatchUp.LATEST, "2025-11-03 20:00", [("11-03", True, "system")]),
        (CatchUp.NONE, "2025-11-03 20:00", []),
        (CatchUp.LATEST, "2025-11-02 01:00", []),
    ],
)
def test_after_downtime_the_lost_periods_are_as_the_cadence_asks(catch_up, now, runs):
    found = sweep(DAILY, at("2025-11-01 12:00"), at(now), catch_up)
    assert told(found.runs) == runs
    assert found.generated_through == at(now)


def test_a_run_is_missed_only_after_the_last_instant_of_its_grace():
    since, grace_until = at("2025-11-03 00:00"), at("2025-11-03 11:00")
    (run,) = sweep(DAILY, since, grace_until).runs
    assert not run.is_missed
    (run,) = sweep(DAILY, since, grace_until + timedelta(microseconds=1)).runs
    assert run.is_missed


def test_all_opens_every_slot_that_can_still_be_done():
    timetable = make_timetable({"kind": "hourly", "hours": 4}, grace=12 * HOUR)
    found = sweep(timetable, at("2025-11-01 23:00"), at("2025-11-02 13:30"))
    assert told(found.runs) == [
        ("11-02/0", True, "system"),
        ("11-02/1", False, ""),
        ("11-02/2", False, ""),
        ("11-02/3", False, ""),
    ]


def test_a_long_silence_is_caught_up_a_capful_at_a_time():
    since, now = at("2023-01-01 12:00"), at("2025-11-03 12:00")
    keys = []
    sweeps = 0
    while since < now:
        found = sweep(DAILY, since, now)
        assert len(found.runs) <= MOST_RUNS
        keys += [run.slot.period_key for run in found.runs]
        since = found.generated_through
        sweeps += 1
    assert sweeps == 3
    assert len(keys) == len(set(keys)) == (now - at("2023-01-01 12:00")).days


def test_a_sweep_at_the_cap_asks_to_be_called_again_at_once():
    found = sweep(DAILY, at("2023-01-01 12:00"), at("2025-11-03 12:00"))
    assert found.next_open_at == found.generated_through + DAY < at("2025-11-03 12:00")


def test_the_cap_never_parts_slots_that_open_together():
    # A month of holidays moves 29 days of hourly slots onto one day.
    timetable = make_timetable({"kind": "hourly", "hours": 1})
    start = at("2025-09-01 12:00")
    crowded = Timetable(
        rule=timetable.rule,
        timing=timetable.timing,
        zone=timetable.zone,
        holidays=frozenset((start + n * DAY).date() for n in range(1, 30)),
        policy=HolidayPolicy.NEXT,
    )
    since, now = start, at("2025-10-10 12:00")
    keys = []
    while since < now:
        found = sweep(crowded, since, now)
        keys += [run.slot.period_key for run in found.runs]
        since = found.generated_through
    assert len(keys) == len(set(keys)) == 39 * 24


def test_latest_sees_past_the_cap():
    found = sweep(DAILY, at("2023-01-01"), at("2025-11-03 09:30"), CatchUp.LATEST)
    assert told(found.runs) == [("11-03", False, "")]
    assert found.generated_through == at("2025-11-03 09:30")


def test_slots_of_one_instant_are_the_newest_together():
    # 02:00 is skipped in New York, so the third and fourth slot open as one.
    timetable = make_timetable({"kind": "hourly", "hours": 1}, zone="America/New_York")
    found = sweep(
        timetable, at("2025-03-09 05:00"), at("2025-03-09 07:00"), CatchUp.NONE
    )
    assert [run.slot.period_key for run in found.runs] == [
        "2025-03-09/2",
        "2025-03-09/3",
    ]


def test_a_clock_that_goes_back_leaves_the_watermark():
    ahead = at("2025-11-03 09:00")
    found = sweep(DAILY, ahead, ahead - 3 * DAY)
    assert found == Sweep((), ahead, ahead + DAY)


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_nothing_opened_means_nothing_planned(catch_up):
    assert plan_runs([], now=at("2025-11-03"), catch_up=catch_up) == []


def drain(timetable, since, moments):
    """Sweep at each moment until the watermark has reached it; return the keys."""
    keys = []
    for now in moments:
        while since < now:
            found = sweep(timetable, since, now)
            keys += [run.slot.period_key for run in found.runs]
            since = found.generated_through
    return keys


@given(timetables_at(), st.lists(st.integers(0, 40 * 1440), max_size=12))
def test_when_sweeps_happen_never_changes_which_runs_exist(made, minutes):
    timetable, start = made
    end = start + 40 * DAY
    moments = sorted(start + timedelta(minutes=minute) for minute in minutes)
    often = drain(timetable, start, [*moments, end])
    assert often == drain(timetable, start, [end])
    assert len(often) == len(set(often))


@given(timetables_at(), st.data())
def test_a_holiday_added_later_takes_no_run_away(made, data):
    timetable, start = made
    middle, end = start + 20 * DAY, start + 40 * DAY
    before = drain(timetable, start, [middle])
    more = draw_holidays(data.draw, middle.date())
    changed = Timetable(
        rule=timetable.rule,
        timing=timetable.timing,
        zone=timetable.zone,
        holidays=timetable.holidays | more,
        policy=timetable.policy,
    )
    # Rows are inserted unless their key exists, so the union is what is kept.
    still_open = [slot.period_key for slot in open_slots(changed, middle)]
    after = drain(changed, middle, [end])
    kept = {*before, *still_open, *after}
    doable = slots(changed, start, end)
    assert set(before) <= kept
    assert {slot.period_key for slot in doable if slot.grace_until >= middle} <= kept
