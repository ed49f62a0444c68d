import time as clock
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.cadence import (
    TICK,
    Slot,
    Timetable,
    Timing,
    ad_hoc_slot,
    next_opening,
    open_slots,
    slots,
)
from checklists.domain.cadence_rule import CadenceKind, RuleError, rule_from_json
from checklists.domain.holiday import HolidayPolicy
from tests.checklists.domain.calendars import (
    DAY,
    HOUR,
    at,
    hourly_rules,
    plain_rules,
    timetables_at,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
APIA = ZoneInfo("Pacific/Apia")


def make_timetable(raw, *, zone=BERLIN, due="10:00", opens_before=HOUR, **more):
    return Timetable(
        rule=rule_from_json(raw),
        timing=Timing(
            due_time=time.fromisoformat(due),
            opens_before=opens_before,
            grace=HOUR / 2,
            closes_after=8 * HOUR,
        ),
        zone=zone,
        **more,
    )


def keys(found):
    return [slot.period_key for slot in found]


def local_due(found, zone):
    return [slot.due_at.astimezone(zone).strftime("%m-%d %H:%M") for slot in found]


def test_a_slot_has_all_its_moments():
    timetable = make_timetable({"kind": "daily"})
    assert slots(timetable, at("2025-07-01 00:00"), at("2025-07-02 00:00")) == [
        Slot(
            period_key="2025-07-01",
            period_start_on=date(2025, 7, 1),
            period_end_on=date(2025, 7, 1),
            opens_at=at("2025-07-01 07:00"),
            due_at=at("2025-07-01 08:00"),
            grace_until=at("2025-07-01 08:30"),
            closes_at=at("2025-07-01 16:00"),
        )
    ]


def test_the_interval_holds_its_start_and_not_its_end():
    timetable = make_timetable({"kind": "daily"})
    opening = at("2025-07-01 07:00")
    assert keys(slots(timetable, opening, opening + TICK)) == ["2025-07-01"]
    assert slots(timetable, opening - HOUR, opening) == []
    assert slots(timetable, opening + HOUR, opening) == []


YEARS = ("2024-01-01", "2026-01-01")


@pytest.mark.parametrize(
    ("raw", "between", "found"),
    [
        (
            {"kind": "weekdays"},
            ("2025-10-30", "2025-11-05"),
            ["2025-10-30", "2025-10-31", "2025-11-03", "2025-11-04"],
        ),
        (
            {"kind": "weekly", "days": ["mon", "sun"]},
            ("2025-11-01", "2025-11-11"),
            ["2025-W44-7", "2025-W45-1", "2025-W45-7", "2025-W46-1"],
        ),
        (
            {"kind": "weekly", "days": ["wed"]},
            ("2024-12-20", "2025-01-10"),
            ["2024-W52-3", "2025-W01-3", "2025-W02-3"],
        ),
        (
            {
                "kind": "weekly",
                "days": ["mon"],
                "every": 2,
                "starts_on": "2025-11-05",
            },
            ("2025-10-01", "2025-11-30"),
            ["2025-W41-1", "2025-W43-1", "2025-W45-1", "2025-W47-1"],
        ),
        (
            {"kind": "quarterly", "on": "last_day"},
            ("2025-01-01", "2026-01-01"),
            ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"],
        ),
        (
            {"kind": "yearly", "on": "day", "month": 2, "day": 29},
            YEARS,
            ["2024", "2025"],
        ),
        (
            {"kind": "hourly", "hours": 4},
            ("2025-11-01 12:00", "2025-11-02 12:00"),
            [
                "2025-11-01/4",
                "2025-11-01/5",
                "2025-11-02/0",
                "2025-11-02/1",
                "2025-11-02/2",
                "2025-11-02/3",
            ],
        ),
        ({"kind": "on_demand"}, YEARS, []),
    ],
)
def test_keys_are_those_of_the_local_calendar(raw, between, found):
    timetable = make_timetable(raw)
    assert keys(slots(timetable, at(between[0]), at(between[1]))) == found


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        (
            {"kind": "monthly", "on": "day", "day": 31},
            ["01-31", "02-29", "03-31", "04-30", "05-31"],
        ),
        (
            {"kind": "monthly", "on": "day", "day": 30},
            ["01-30", "02-29", "03-30", "04-30", "05-30"],
        ),
        (
            {"kind": "monthly", "on": "last_day"},
            ["01-31", "02-29", "03-31", "04-30", "05-31"],
        ),
        (
            {"kind": "monthly", "on": "weekday", "nth": 1, "weekday": "mon"},
            ["01-01", "02-05", "03-04", "04-01", "05-06"],
        ),
        (
            {"kind": "monthly", "on": "weekday", "nth": 4, "weekday": "sun"},
            ["01-28", "02-25", "03-24", "04-28", "05-26"],
        ),
        (
            {"kind": "monthly", "on": "weekday", "nth": -1, "weekday": "fri"},
            ["01-26", "02-23", "03-29", "04-26", "05-31"],
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": 2},
            ["01-03", "02-02", "03-04", "04-02", "05-03"],
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": -1},
            ["01-31", "02-29", "03-29", "04-30", "05-31"],
        ),
        ({"kind": "quarterly", "on": "day", "day": 1}, ["01-01", "04-01"]),
        ({"kind": "quarterly", "on": "day", "day": 31, "month": 2}, ["02-29", "05-31"]),
        ({"kind": "quarterly", "on": "last_day"}, ["03-31"]),
        ({"kind": "yearly", "on": "day", "month": 2, "day": 29}, ["02-29"]),
        (
            {"kind": "yearly", "on": "weekday", "nth": 2, "weekday": "tue", "month": 5},
            ["05-14"],
        ),
    ],
)
def test_days_of_a_leap_year(raw, days):
    closed = frozenset({date(2024, 1, 1), date(2024, 5, 1)})
    timetable = make_timetable(raw, holidays=closed)
    found = slots(timetable, at("2024-01-01"), at("2024-06-01"))
    assert local_due(found, BERLIN) == [f"{day} 10:00" for day in days]


@pytest.mark.parametrize(
    ("raw", "starts_on", "ends_on"),
    [
        ({"kind": "weekly", "days": ["fri"]}, date(2025, 2, 10), date(2025, 2, 16)),
        ({"kind": "monthly", "on": "last_day"}, date(2025, 2, 1), date(2025, 2, 28)),
        (
            {"kind": "quarterly", "on": "day", "day": 14, "month": 2},
            date(2025, 1, 1),
            date(2025, 3, 31),
        ),
        (
            {"kind": "yearly", "on": "day", "day": 14, "month": 2},
            date(2025, 1, 1),
            date(2025, 12, 31),
        ),
    ],
)
def test_a_period_has_its_first_and_last_day(raw, starts_on, ends_on):
    found = slots(make_timetable(raw), at("2025-02-14"), at("2025-03-01"))
    assert (found[0].period_start_on, found[0].period_end_on) == (starts_on, ends_on)


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (HolidayPolicy.RUN, {"2025-12-25": "12-25", "2025-12-26": "12-26"}),
        (HolidayPolicy.SKIP, {}),
        (HolidayPolicy.NEXT, {"2025-12-25": "12-29", "2025-12-26": "12-29"}),
        (HolidayPolicy.PREVIOUS, {"2025-12-25": "12-24", "2025-12-26": "12-24"}),
    ],
)
def test_moved_runs_keep_the_key_of_their_own_day(policy, found):
    christmas = frozenset({date(2025, 12, 25), date(2025, 12, 26)})
    timetable = make_timetable({"kind": "weekdays"}, holidays=christmas, policy=policy)
    assert {
        slot.period_key: slot.due_at.strftime("%m-%d")
        for slot in slots(timetable, at("2025-12-20"), at("2026-01-01"))
        if slot.period_key in ("2025-12-25", "2025-12-26")
    } == found


def test_every_four_hours_stays_six_a_day_when_clocks_change():
    timetable = make_timetable({"kind": "hourly", "hours": 4}, zone=NEW_YORK)
    found = slots(timetable, at("2025-11-02 04:00"), at("2025-11-03 05:00"))
    assert keys(found) == [f"2025-11-02/{index}" for index in range(6)]
    assert [slot.opens_at.astimezone(NEW_YORK).hour for slot in found] == [
        *range(0, 24, 4)
    ]
    assert found[0].due_at - found[0].opens_at == HOUR


@pytest.mark.parametrize(
    ("zone", "day", "due", "utc"),
    [
        # Skipped: the offset before the gap.
        (NEW_YORK, "2025-03-09", "02:30", "2025-03-09 07:30"),
        (BERLIN, "2025-03-30", "02:30", "2025-03-30 01:30"),
        (ZoneInfo("Africa/Cairo"), "2025-04-25", "00:30", "2025-04-24 22:30"),
        (ZoneInfo("Australia/Lord_Howe"), "2025-10-05", "02:15", "2025-10-04 15:45"),
        (APIA, "2011-12-30", "10:00", "2011-12-30 20:00"),
        # Twice: the first of the two.
        (NEW_YORK, "2025-11-02", "01:30", "2025-11-02 05:30"),
        (ZoneInfo("America/Havana"), "2025-11-02", "00:30", "2025-11-02 04:30"),
        (ZoneInfo("Antarctica/Troll"), "2025-10-26", "01:30", "2025-10-25 23:30"),
    ],
)
def test_a_due_time_at_a_clock_change(zone, day, due, utc):
    timetable = make_timetable({"kind": "daily"}, zone=zone, due=due)
    around = at(utc)
    found = {
        slot.period_key: slot.due_at
        for slot in slots(timetable, around - 2 * DAY, around + 2 * DAY)
    }
    assert found[day] == around


@given(timetables_at(), st.lists(st.integers(0, 60 * 1440), min_size=3, max_size=6))
def test_any_partition_of_an_interval_gives_the_same_slots(made, minutes):
    timetable, moment = made
    cuts = sorted(moment + timedelta(minutes=minute) for minute in minutes)
    parts = [
        slot for start, end in pairwise(cuts) for slot in slots(timetable, start, end)
    ]
    assert slots(timetable, cuts[0], cuts[-1]) == parts


@given(timetables_at(plain_rules, [HolidayPolicy.RUN]), st.integers(1, 400))
def test_daily_keys_follow_each_other_day_by_day(made, days):
    timetable, moment = made
    found = slots(timetable, moment, moment + days * DAY)
    dates = [date.fromisoformat(slot.period_key) for slot in found]
    every_day = timetable.rule.kind is CadenceKind.DAILY
    wanted = (
        [
            day
            for number in range(days + 1)
            if (day := dates[0] + number * DAY) <= dates[-1]
            and (every_day or day.weekday() < 5)
        ]
        if dates
        else []
    )
    assert dates == wanted
    assert len(dates) >= days - 1 - (0 if every_day else 2 * (days // 7 + 1))


@given(timetables_at(hourly_rules, [HolidayPolicy.RUN]))
def test_every_day_has_all_its_hourly_slots(made):
    timetable, moment = made
    count = 24 // timetable.rule.hours
    found = keys(slots(timetable, moment, moment + 8 * DAY))
    days = sorted({key.split("/")[0] for key in found})
    # Two at each end: a day that its zone skipped opens together with the next.
    for day in days[2:-2]:
        own = [key for key in found if key.startswith(day)]
        assert own == [f"{day}/{index}" for index in range(count)]
    first, last = map(date.fromisoformat, (days[0], days[-1]))
    assert len(days) == (last - first).days + 1 >= 8


@given(timetables_at(plain_rules, [HolidayPolicy.RUN]))
def test_due_is_never_early_and_late_by_the_gap_only(made):
    timetable, moment = made
    zone = timetable.zone
    for slot in slots(timetable, moment - 3 * DAY, moment + 3 * DAY):
        asked = datetime.combine(slot.period_start_on, timetable.timing.due_time)
        local = slot.due_at.astimezone(zone)
        shift = local.replace(tzinfo=None) - asked
        before = (slot.due_at - shift).astimezone(zone).utcoffset()
        assert shift >= timedelta()
        assert shift == local.utcoffset() - before
        assert local.fold == 0


@given(timetables_at(policies=[HolidayPolicy.NEXT, HolidayPolicy.PREVIOUS]))
def test_moving_loses_no_period_and_repeats_none(made):
    timetable, moment = made
    plain = Timetable(
        rule=timetable.rule,
        timing=timetable.timing,
        zone=timetable.zone,
        holidays=timetable.holidays,
    )
    own = keys(slots(plain, moment - 40 * DAY, moment + 40 * DAY))
    found = keys(slots(timetable, moment - 72 * DAY, moment + 72 * DAY))
    assert len(found) == len(set(found))
    assert set(own) <= set(found)


@given(timetables_at())
def test_the_moments_of_a_slot_stand_in_order(made):
    timetable, moment = made
    found = slots(timetable, moment, moment + 40 * DAY)
    assert found == sorted(found, key=lambda slot: slot.opens_at)
    for slot in found:
        assert slot.opens_at < slot.due_at <= slot.grace_until <= slot.closes_at
        assert slot.period_start_on <= slot.period_end_on
        assert slot.opens_at.tzinfo is UTC


@given(timetables_at())
def test_the_next_opening_is_the_first_slot_after(made):
    timetable, moment = made
    opening = next_opening(timetable, moment)
    assert opening is not None
    assert opening > moment
    assert slots(timetable, moment + TICK, opening) == []
    assert slots(timetable, opening, opening + TICK)


def test_on_demand_never_opens_by_itself():
    assert next_opening(make_timetable({"kind": "on_demand"}), at("2025-01-01")) is None


def test_a_rule_that_holidays_always_skip_never_opens():
    christmas = frozenset(date(year, 12, 25) for year in range(2020, 2040))
    timetable = make_timetable(
        {"kind": "yearly", "on": "day", "month": 12, "day": 25},
        holidays=christmas,
        policy=HolidayPolicy.SKIP,
    )
    assert next_opening(timetable, at("2025-01-01")) is None


@given(timetables_at())
def test_open_slots_are_those_that_can_still_be_done_in_time(made):
    timetable, moment = made
    timing = timetable.timing
    wide = slots(
        timetable, moment - timing.opens_before - timing.grace - DAY, moment + DAY
    )
    assert open_slots(timetable, moment) == [
        slot for slot in wide if slot.opens_at <= moment <= slot.grace_until
    ]


def test_an_ad_hoc_slot_opens_at_once():
    timetable = make_timetable({"kind": "on_demand"}, zone=NEW_YORK)
    now = at("2025-11-02 02:30")
    assert ad_hoc_slot(timetable, now) == Slot(
        period_key="adhoc-20251102T023000000000Z",
        period_start_on=date(2025, 11, 1),
        period_end_on=date(2025, 11, 1),
        opens_at=now,
        due_at=now + HOUR,
        grace_until=now + 1.5 * HOUR,
        closes_at=now + 9 * HOUR,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("due_time", time(10, tzinfo=UTC)),
        ("opens_before", timedelta()),
        ("grace", -TICK),
        ("closes_after", HOUR - TICK),
    ],
)
def test_a_window_that_ends_before_it_begins_is_refused(field, value):
    fields = {
        "due_time": time(10),
        "opens_before": HOUR,
        "grace": HOUR,
        "closes_after": HOUR,
    }
    with pytest.raises(RuleError) as caught:
        Timing(**{**fields, field: value})
    assert caught.value.field == field


def test_a_year_of_daily_slots_takes_milliseconds():
    timetable = make_timetable({"kind": "daily"})
    took = []
    for _ in range(5):
        began = clock.perf_counter()
        found = slots(timetable, at("2025-01-01"), at("2026-01-01"))
        took.append(clock.perf_counter() - began)
    assert len(found) == 365
    assert min(took) < 0.020


# At handoffs


def handing_over(*moments, zone="Europe/Berlin", opens_before=timedelta(hours=10)):
    """A timetable whose rotation hands over at these moments, in any order."""

    def find(start, end):
        return [moment for moment in moments if start <= moment < end]

    plain = make_timetable({"kind": "handoff"}, zone=ZoneInfo(zone))
    return replace(
        plain,
        timing=replace(plain.timing, opens_before=opens_before),
        handoffs=find,
        holidays=frozenset({date(2026, 11, 23)}),
        policy=HolidayPolicy.SKIP,
    )


def test_a_handoff_slot_is_due_at_the_handoff_on_holidays_too():
    due = at("2026-11-23T08:00")
    timetable = handing_over(due)
    (slot,) = slots(timetable, at("2026-11-01"), at("2026-12-01"))
    assert slot.period_key == "2026-11-23T09:00"
    assert (slot.period_start_on, slot.period_end_on) == (date(2026, 11, 23),) * 2
    assert slot.due_at == due
    assert slot.opens_at == due - timedelta(hours=10)
    assert slot.grace_until == due + timetable.timing.grace
    assert next_opening(timetable, at("2026-11-01")) == slot.opens_at
    assert next_opening(timetable, slot.opens_at) is None


def test_handoffs_of_the_hour_that_comes_twice_keep_two_keys():
    first = at("2026-10-25T00:30")
    timetable = handing_over(first, first + timedelta(hours=1))
    found = slots(timetable, at("2026-10-01"), at("2026-11-01"))
    assert [slot.period_key for slot in found] == [
        "2026-10-25T02:30",
        "2026-10-25T02:30/2",
    ]


def test_a_version_that_begins_at_any_moment_has_a_key_that_fits():
    odd = datetime(2026, 10, 25, 1, 30, 12, 345678, tzinfo=UTC)
    (slot,) = slots(handing_over(odd), at("2026-10-01"), at("2026-11-01"))
    assert slot.period_key == "2026-10-25T02:30:12.345678/2"
    assert len(slot.period_key) <= 32


def test_a_rotation_that_is_gone_opens_nothing():
    timetable = make_timetable({"kind": "handoff"})
    assert slots(timetable, at("2026-01-01"), at("2027-01-01")) == []
    assert next_opening(timetable, at("2026-01-01")) is None


_instants = st.integers(0, 60 * 24 * 60).map(
    lambda minutes: at("2026-09-15") + timedelta(minutes=minutes)
)


@given(
    moments=st.lists(_instants, max_size=12),
    cuts=st.lists(_instants, max_size=4),
    zone=st.sampled_from(["Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe"]),
    opens_before=st.integers(1, 3000).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_any_partition_opens_every_handoff_once(moments, cuts, zone, opens_before):
    timetable = handing_over(*moments, zone=zone, opens_before=opens_before)
    low, high = at("2026-08-01"), at("2027-01-01")
    whole = slots(timetable, low, high)
    assert [slot.due_at for slot in whole] == sorted(set(moments))
    assert len({slot.period_key for slot in whole}) == len(whole)
    edges = [low, *sorted(cuts), high]
    parts = [slot for pair in pairwise(edges) for slot in slots(timetable, *pair)]
    assert parts == whole
