from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import (
    HolidayPolicy,
    OnCall,
    Override,
    Rotation,
    RotationVersion,
    Schedule,
    ScheduleError,
    Segment,
    Source,
    SourceKind,
)
from tests.oncall.domain.strategies import a_weekly_schedule, schedule_of

wall = datetime.fromisoformat
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
OFFICE = tuple(ActiveWindow(day, 9 * 60, 17 * 60) for day in range(5))


def utc(text: str) -> datetime:
    return wall(text).replace(tzinfo=UTC)


def who(schedule: Schedule, at: str, role: str = "primary") -> str:
    lines = users_at(schedule, utc(at))
    return "".join(str(line.user) for line in lines if line.role == role)


def an_override(start: str, end: str, **more) -> Override:
    fields = {"key": "o", "created_at": LONG_AGO, "role": "primary"} | more
    return Override(start=utc(start), end=utc(end), **fields)


@pytest.mark.parametrize(
    ("zone", "anchor", "instant_of_handoff"),
    [
        # Weekly turns planned for a wall time that spring skips or autumn repeats.
        ("Europe/Warsaw", "2026-03-22T02:30", "2026-03-29T01:00"),
        ("Europe/Warsaw", "2026-10-18T02:30", "2026-10-25T00:30"),
        ("Europe/Dublin", "2026-03-22T01:30", "2026-03-29T01:00"),
        ("Australia/Lord_Howe", "2026-09-27T02:15", "2026-10-03T15:30"),
        ("America/Havana", "2026-03-01T00:00", "2026-03-08T05:00"),
        ("America/Havana", "2026-10-25T00:30", "2026-11-01T04:30"),
        ("Asia/Beirut", "2026-03-22T00:00", "2026-03-28T22:00"),
        ("Pacific/Apia", "2011-12-23T09:00", "2011-12-30T10:00"),
        ("America/Sao_Paulo", "2018-10-28T00:00", "2018-11-04T03:00"),
        ("Africa/Cairo", "2026-04-17T00:00", "2026-04-23T22:00"),
        ("Antarctica/Troll", "2026-03-22T01:30", "2026-03-29T01:00"),
        # And one that stays at its wall time on both sides of a change.
        ("Europe/Warsaw", "2026-03-23T09:00", "2026-03-30T07:00"),
    ],
)
def test_handoffs_keep_their_wall_time_across_clock_changes(
    zone, anchor, instant_of_handoff
):
    version = RotationVersion(
        effective_from=datetime(2000, 1, 1, tzinfo=UTC),
        anchor=wall(anchor),
        unit=Unit.WEEK,
        members=("A", "B"),
    )
    schedule = schedule_of(version, ZoneInfo(zone))
    handoff = utc(instant_of_handoff)
    around = timeline(
        schedule, handoff - timedelta(days=3), handoff + timedelta(days=3)
    )
    assert [(part.user, part.start) for part in around[1:]] == [("B", handoff)]
    assert around[0].user == "A"


def test_a_person_keeps_the_turn_when_autumn_repeats_the_hour():
    schedule = a_weekly_schedule(unit=Unit.HOUR, people=("A", "B", "C"))
    # 25 October 2026: 02:00 shows at 00:00 and again at 01:00 UTC.
    seen = [who(schedule, f"2026-10-25T0{hour}:30") for hour in range(4)]
    assert seen[0] == seen[1]
    assert len({seen[0], seen[2], seen[3]}) == 3


def test_a_year_of_weeks_gives_each_in_turn_seven_days():
    schedule = a_weekly_schedule(people=("A", "B"))
    start = utc("2026-01-05T08:00")
    parts = timeline(schedule, start, start + timedelta(days=364))
    assert [part.user for part in parts] == ["A", "B"] * 26
    assert {part.start.astimezone(schedule.zone).hour for part in parts} == {9}


def test_primary_and_secondary_come_from_one_list_and_are_never_the_same():
    version = RotationVersion(
        LONG_AGO, wall("2026-01-05T09:00"), Unit.WEEK, ("A", "B", "C"), concurrency=2
    )
    rotation = Rotation("weekly", (version,), ("primary", "secondary"))
    schedule = Schedule(ZoneInfo("Europe/Warsaw"), (rotation,))
    source = Source(SourceKind.ROTATION, "weekly")
    assert users_at(schedule, utc("2026-01-20T12:00")) == (
        OnCall("primary", "C", source),
        OnCall("secondary", "A", source),
    )


def test_positions_beyond_the_last_role_share_it():
    version = RotationVersion(
        LONG_AGO, wall("2026-01-05T09:00"), Unit.WEEK, ("A", "B", "C"), concurrency=3
    )
    rotation = Rotation("weekly", (version,), ("primary", "secondary"))
    schedule = Schedule(ZoneInfo("Europe/Warsaw"), (rotation,))
    assert who(schedule, "2026-01-06T12:00", "secondary") == "BC"


def test_a_group_serves_together_and_an_empty_slot_is_an_explicit_gap():
    schedule = a_weekly_schedule(people=(("A", "B"), None))
    assert who(schedule, "2026-01-06T12:00") == "AB"
    start, end = utc("2026-01-13T00:00"), utc("2026-01-14T00:00")
    assert timeline(schedule, start, end) == [
        Segment(start, end, "primary", None, None)
    ]


def test_months_count_from_the_anchor_and_clamp_to_the_last_day():
    schedule = a_weekly_schedule("UTC", unit=Unit.MONTH, people=("A", "B", "C"))
    version = schedule.rotations[0].versions[0]
    monthly = schedule_of(
        replace(version, anchor=wall("2026-01-31T09:00")), schedule.zone
    )
    parts = timeline(monthly, utc("2026-02-01T00:00"), utc("2026-06-01T00:00"))
    assert [f"{part.start:%m-%d}" for part in parts[1:]] == [
        "02-28",
        "03-31",
        "04-30",
        "05-31",
    ]


def test_months_may_count_by_threes_and_before_the_anchor():
    schedule = a_weekly_schedule(unit=Unit.MONTH, every=3, people=("A", "B"))
    assert who(schedule, "2026-04-05T06:59") == "A"
    assert who(schedule, "2026-04-05T07:00") == "B"
    assert who(schedule, "2026-01-05T07:59") == "B"


def test_nobody_is_on_call_before_the_first_version():
    schedule = a_weekly_schedule()
    assert users_at(schedule, utc("2025-11-30T23:59")) == ()
    first, second = timeline(schedule, utc("2025-11-30T00:00"), utc("2025-12-01T07:00"))
    assert (first.user, first.end) == (None, utc("2025-12-01T00:00"))
    assert second.user is not None


def test_of_two_versions_from_one_moment_the_later_written_holds():
    first = a_weekly_schedule().rotations[0].versions[0]
    second = replace(first, members=("X",))
    rotation = Rotation("weekly", (first, second))
    schedule = Schedule(ZoneInfo("Europe/Warsaw"), (rotation,))
    assert who(schedule, "2026-01-06T12:00") == "X"
    assert len(timeline(schedule, utc("2026-01-01"), utc("2026-03-01"))) == 1


def test_windows_open_in_wall_time_and_pass_midnight_and_sunday():
    windows = (ActiveWindow(6, 22 * 60, 30 * 60),)
    schedule = a_weekly_schedule(people=("A",), windows=windows)
    parts = timeline(schedule, utc("2026-06-07T12:00"), utc("2026-06-08T12:00"))
    assert [(part.user, f"{part.start:%d %H:%M}") for part in parts] == [
        (None, "07 12:00"),
        ("A", "07 20:00"),
        (None, "08 04:00"),
    ]


def test_windows_that_touch_make_no_seam():
    windows = (ActiveWindow(0, 0, 720), ActiveWindow(0, 720, 1440))
    schedule = a_weekly_schedule(people=("A",), windows=windows)
    parts = timeline(schedule, utc("2026-06-01T00:00"), utc("2026-06-01T20:00"))
    assert [part.user for part in parts] == ["A"]


def test_a_rotation_may_advance_only_on_active_days():
    schedule = a_weekly_schedule(
        unit=Unit.DAY, people=("A", "B", "C"), windows=OFFICE, count=Count.ACTIVE
    )
    days = [f"2026-06-{day:02}T10:00" for day in range(1, 15)]
    turns = [who(schedule, day) for day in days]
    assert turns[5:7] == turns[12:14] == ["", ""]
    worked = "".join(turns)
    assert worked in "ABC" * 5
    assert len(worked) == 10


def test_active_days_may_be_counted_in_pairs():
    schedule = a_weekly_schedule(
        unit=Unit.DAY,
        every=2,
        people=("A", "B"),
        windows=OFFICE,
        count=Count.ACTIVE,
    )
    turns = [who(schedule, f"2026-01-{day:02}T10:00") for day in range(5, 13)]
    assert turns == ["A", "A", "B", "B", "A", "", "", "A"]


def test_active_hours_turn_within_the_day_alone():
    schedule = a_weekly_schedule(
        unit=Unit.HOUR, people=("A", "B", "C"), windows=OFFICE, count=Count.ACTIVE
    )
    monday = "".join(who(schedule, f"2026-01-05T{h:02}:30") for h in range(8, 16))
    tuesday = "".join(who(schedule, f"2026-01-06T{h:02}:30") for h in range(8, 16))
    assert monday + tuesday == "ABCABCABCABCABCA"


def test_the_highest_layer_with_somebody_fills_a_role():
    office = replace(
        a_weekly_schedule().rotations[0].versions[0],
        members=("X", None),
        windows=OFFICE,
    )
    always = a_weekly_schedule(people=("A",)).rotations[0]
    schedule = Schedule(
        ZoneInfo("Europe/Warsaw"),
        (always, Rotation("office", (office,), priority=1)),
    )
    assert who(schedule, "2026-01-06T12:00") == "X"
    assert who(schedule, "2026-01-06T18:00") == "A"
    # The empty slot of the office rotation falls through to the layer below.
    assert who(schedule, "2026-01-13T12:00") == "A"


def test_layers_of_one_priority_serve_together_and_name_nobody_twice():
    first = a_weekly_schedule(people=("A",)).rotations[0]
    second = replace(a_weekly_schedule(people=(("A", "B"),)).rotations[0], key="two")
    schedule = Schedule(ZoneInfo("Europe/Warsaw"), (first, second))
    assert who(schedule, "2026-01-06T12:00") == "AB"


@pytest.mark.parametrize(
    ("policy", "before", "on_the_day"),
    [
        (HolidayPolicy.IGNORE, "A", "A"),
        (HolidayPolicy.SKIP, "A", ""),
        (HolidayPolicy.ONLY, "", "A"),
    ],
)
def test_holidays_are_days_on_the_wall(policy, before, on_the_day):
    schedule = a_weekly_schedule(
        people=("A",), holidays=frozenset({date(2026, 5, 1)}), holiday_policy=policy
    )
    assert who(schedule, "2026-04-30T21:59") == before
    assert who(schedule, "2026-04-30T22:00") == on_the_day
    assert who(schedule, "2026-05-01T21:59") == on_the_day
    assert who(schedule, "2026-05-01T22:00") == before
    parts = timeline(schedule, utc("2026-04-30T00:00"), utc("2026-05-02T00:00"))
    assert len(parts) == (1 if policy is HolidayPolicy.IGNORE else 3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"remove_user": "A", "add_user": "X"}, "X"),
        ({"remove_user": "A", "add_user": "X", "role": None}, "X"),
        ({"remove_user": "B", "add_user": "X"}, "A"),
        ({"add_user": "X"}, "AX"),
        ({"add_user": "A"}, "A"),
        ({"remove_user": "A"}, ""),
        ({"add_user": "X", "takes_role": True}, "X"),
    ],
)
def test_overrides_replace_add_remove_and_take(change, expected):
    override = an_override("2026-01-06T12:00", "2026-01-06T18:00", **change)
    schedule = a_weekly_schedule(overrides=(override,))
    assert who(schedule, "2026-01-06T11:59") == "A"
    assert who(schedule, "2026-01-06T12:00") == expected
    assert who(schedule, "2026-01-06T18:00") == "A"


def test_to_take_a_role_needs_nobody_in_it():
    taken = an_override(
        "2026-01-06T12:00", "2026-01-06T18:00", add_user="X", takes_role=True
    )
    schedule = a_weekly_schedule(people=(None,), overrides=(taken,))
    assert who(schedule, "2026-01-06T12:00") == "X"


def test_an_override_may_be_overridden_and_the_last_created_has_the_last_word():
    to_b = an_override(
        "2026-01-06T00:00", "2026-01-08T00:00", remove_user="A", add_user="B"
    )
    to_c = an_override(
        "2026-01-06T12:00",
        "2026-01-07T00:00",
        key="p",
        remove_user="B",
        add_user="C",
        created_at=LONG_AGO + timedelta(days=1),
    )
    schedule = a_weekly_schedule(people=("A",), overrides=(to_c, to_b))
    parts = timeline(schedule, utc("2026-01-05T12:00"), utc("2026-01-09T00:00"))
    assert [part.user for part in parts] == ["A", "B", "C", "B", "A"]
    assert parts[2].source == Source(SourceKind.OVERRIDE, "p")


def test_an_override_may_add_a_role_that_no_rotation_fills():
    shadow = an_override(
        "2026-01-06T12:00", "2026-01-06T18:00", add_user="X", role="shadow"
    )
    schedule = a_weekly_schedule(people=("A",), overrides=(shadow,))
    parts = timeline(schedule, utc("2026-01-06T00:00"), utc("2026-01-07T00:00"))
    assert [(part.role, part.user) for part in parts] == [
        ("primary", "A"),
        ("shadow", "X"),
    ]


def test_only_required_roles_have_gaps_when_they_are_named():
    schedule = replace(a_weekly_schedule(people=(None,)), required_roles=("manager",))
    (gap,) = timeline(schedule, utc("2026-01-06T00:00"), utc("2026-01-07T00:00"))
    assert (gap.role, gap.user) == ("manager", None)


def test_an_empty_interval_has_no_segments():
    at = utc("2026-01-06T00:00")
    assert timeline(a_weekly_schedule(), at, at) == []


def test_any_zone_may_ask_but_a_naive_moment_is_refused():
    schedule = a_weekly_schedule()
    at = utc("2026-01-12T08:00")
    assert users_at(schedule, at.astimezone(schedule.zone)) == users_at(schedule, at)
    for ask in (
        lambda: users_at(schedule, wall("2026-01-12T08:00")),
        lambda: timeline(schedule, wall("2026-01-12T08:00"), at),
        lambda: timeline(schedule, at, wall("2026-01-12T08:00")),
    ):
        with pytest.raises(ScheduleError, match="no time zone"):
            ask()
