"""Zones and holidays of before hold on in the past."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from oncall.domain.former import Former, keep_past
from oncall.domain.handoff import find_handoffs
from oncall.domain.pace import Unit
from oncall.domain.rotation import timeline
from oncall.domain.schedule import HolidayPolicy, Rotation, RotationVersion, Schedule

BERLIN, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")
MONDAY = datetime.fromisoformat("2026-01-05T09:00")


def at(day, hour=12):
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def daily(since, **more):
    return RotationVersion(since, MONDAY, Unit.DAY, ("a", "b"), **more)


def zones(rotation):
    return [(each.effective_from, each.zone) for each in rotation.versions]


def test_a_version_is_cut_where_its_clock_changed():
    rotation = Rotation("r", (daily(at(1)), daily(at(6)), daily(at(20))))
    former = [Former(at(12), TOKYO), Former(at(10), BERLIN)]
    (kept,) = keep_past([rotation], former)
    assert zones(kept) == [
        (at(1), BERLIN),
        (at(6), BERLIN),
        (at(10), TOKYO),
        (at(12), None),
        (at(20), None),
    ]
    (again,) = keep_past([kept], [Former(at(25), UTC)])
    assert zones(again) == [
        *zones(kept)[:3],
        (at(12), UTC),
        (at(20), UTC),
        (at(25), None),
    ]


def test_without_a_change_everything_is_as_it_is():
    rotations = (Rotation("r", (daily(at(1)),)),)
    assert keep_past(rotations, []) == rotations


def test_handoffs_of_before_stay_on_their_clock_and_their_holidays():
    version = daily(at(1), holiday_policy=HolidayPolicy.SKIP)
    former = Former(at(8), BERLIN, frozenset({date(2026, 1, 7)}))
    rotations = keep_past([Rotation("r", (version,))], [former])
    schedule = Schedule(TOKYO, rotations)
    found = [each.at for each in find_handoffs(schedule, at(6, 0), at(11, 0))]
    assert found == [at(6, 8), at(7, 8), at(8, 8), at(9, 0), at(10, 0)]
    before = replace(schedule, zone=BERLIN, rotations=(Rotation("r", (version,)),))
    same = [each.at for each in find_handoffs(before, at(6, 0), at(8))]
    assert found[:3] == same
    # The 7th was a holiday in Berlin, from 23:00 to 23:00 UTC.
    parts = timeline(schedule, at(6, 10), at(10))
    assert [(each.start, each.end) for each in parts if each.user is None] == [
        (at(6, 23), at(7, 23))
    ]
