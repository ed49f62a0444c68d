from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.walltime import to_utc, to_wall, wall_clock
from tests.oncall.domain import properties
from tests.oncall.domain.strategies import QUARTER, clock_faces, thoroughly

wall = datetime.fromisoformat


@pytest.mark.parametrize(
    ("zone", "shown", "instant"),
    [
        # Spring: 02:00 to 03:00 never shows; all of it is the instant of the jump.
        ("Europe/Warsaw", "2026-03-29T01:59:59", "2026-03-29T00:59:59"),
        ("Europe/Warsaw", "2026-03-29T02:00:00", "2026-03-29T01:00:00"),
        ("Europe/Warsaw", "2026-03-29T02:30:00", "2026-03-29T01:00:00"),
        ("Europe/Warsaw", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
        ("Europe/Warsaw", "2026-03-29T03:00:01", "2026-03-29T01:00:01"),
        # Autumn: 02:00 to 03:00 shows twice; the first pass counts.
        ("Europe/Warsaw", "2026-10-25T02:00:00", "2026-10-25T00:00:00"),
        ("Europe/Warsaw", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("Europe/Warsaw", "2026-10-25T03:00:00", "2026-10-25T02:00:00"),
        # Half an hour, forwards and back.
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00"),
        # Midnight itself does not exist.
        ("America/Havana", "2026-03-08T00:00:00", "2026-03-08T05:00:00"),
        ("Asia/Beirut", "2026-03-29T00:00:00", "2026-03-28T22:00:00"),
        # 30 December 2011 was skipped whole.
        ("Pacific/Apia", "2011-12-30T00:00:00", "2011-12-30T10:00:00"),
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00"),
        ("Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00"),
        # Two hours at once.
        ("Antarctica/Troll", "2026-03-29T02:00:00", "2026-03-29T01:00:00"),
        # Half hours and quarters with no change at all.
        ("Asia/Kathmandu", "2026-06-01T09:00:00", "2026-06-01T03:15:00"),
        # Before and far after all tables.
        ("Europe/Warsaw", "1850-01-01T12:00:00", "1850-01-01T10:36:00"),
        ("Europe/Warsaw", "2190-07-01T12:00:00", "2190-07-01T10:00:00"),
    ],
)
def test_a_wall_time_is_the_first_instant_that_shows_it_or_later(zone, shown, instant):
    assert to_utc(wall(shown), ZoneInfo(zone)) == wall(instant).replace(tzinfo=UTC)


def test_microseconds_survive_the_way_there_and_back():
    zone = ZoneInfo("Europe/Warsaw")
    at = datetime(2026, 7, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    assert to_utc(to_wall(at, zone), zone) == at


def test_fixed_offsets_work_too():
    plus_two = timezone(timedelta(hours=2))
    assert to_utc(wall("2026-07-01T12:00"), plus_two).hour == 10


def test_the_first_and_last_years_of_the_calendar_can_be_asked():
    for year in (1, 9999):
        at = datetime(year, 6, 1, tzinfo=UTC)
        assert to_utc(to_wall(at, ZoneInfo("Asia/Tokyo")), ZoneInfo("Asia/Tokyo")) == at


def test_an_aware_wall_time_and_a_naive_moment_are_refused():
    with pytest.raises(ValueError, match="drop its tzinfo"):
        to_utc(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("Europe/Warsaw"))
    with pytest.raises(ValueError, match="aware UTC"):
        to_wall(wall("2026-01-01"), ZoneInfo("Europe/Warsaw"))


def test_a_zone_has_one_clock():
    assert wall_clock(ZoneInfo("Europe/Warsaw")) is wall_clock(
        ZoneInfo("Europe/Warsaw")
    )


@thoroughly
@given(clock_faces(walls=4))
def test_property_04_earlier_wall_times_are_never_later_instants(face):
    zone, _, *walls = face
    properties.check_order_of_walls(to_utc, zone, walls)


@thoroughly
@given(clock_faces(), st.integers(1, 200))
def test_no_instant_before_shows_the_wall_time(face, quarters):
    zone, _, shown = face
    properties.check_first_instant(to_utc, zone, shown, quarters * QUARTER)


@thoroughly
@given(clock_faces())
def test_reach_and_instant_are_two_sides_of_one_order(face):
    zone, at, shown = face
    properties.check_reach(zone, shown, at)
    properties.check_reach(zone, shown, to_utc(shown, zone))


@given(
    st.sampled_from(sorted(available_timezones())),
    st.datetimes(wall("1995-01-01"), wall("2037-12-31")),
)
def test_readings_agree_with_the_tz_database_in_every_zone(name, at):
    properties.check_wall_round_trip(ZoneInfo(name), at.replace(tzinfo=UTC))


@thoroughly
@given(clock_faces())
def test_readings_agree_with_the_tz_database_near_changes(face):
    zone, at, _ = face
    properties.check_wall_round_trip(zone, at)
