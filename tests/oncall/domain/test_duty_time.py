from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.duty_time import DayRules, Kind, add_minutes, split_time
from tests.oncall.domain.strategies import (
    QUARTER,
    draw_near,
    thoroughly,
    zones_and_changes,
)

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_day_has_its_night_on_both_sides():
    pieces = split_time(utc("2026-01-14T00:00"), utc("2026-01-15T00:00"), DayRules(UTC))
    assert [(f"{p.start:%H}", p.kind, p.on.day) for p in pieces] == [
        ("00", Kind.NIGHT, 14),
        ("06", Kind.WEEKDAY, 14),
        ("22", Kind.NIGHT, 14),
    ]


@pytest.mark.parametrize(
    ("wall", "kind"),
    [
        ("2026-05-01T12:00", Kind.HOLIDAY),
        ("2026-05-01T23:00", Kind.HOLIDAY),
        ("2026-05-02T23:00", Kind.WEEKEND),
        ("2026-05-04T05:59", Kind.NIGHT),
        ("2026-05-04T06:00", Kind.WEEKDAY),
        ("2026-05-04T22:00", Kind.NIGHT),
    ],
)
def test_of_two_kinds_the_rarer_one_counts(wall, kind):
    rules = DayRules(UTC, holidays=frozenset({date(2026, 5, 1)}))
    assert rules.kind_at(datetime.fromisoformat(wall)) is kind


def test_a_night_may_lie_within_one_day_or_nowhere():
    early = DayRules(UTC, night_starts=time(1), night_ends=time(5))
    assert [early.is_night(time(hour)) for hour in (0, 1, 5)] == [False, True, False]
    none = DayRules(UTC, night_starts=time(0), night_ends=time(0))
    assert not any(none.is_night(time(hour)) for hour in range(24))


def test_the_longer_night_of_autumn_is_counted_to_the_minute():
    # 25 October 2026 is a Sunday, so the hours are the weekend's; the night before
    # ends on Saturday.
    pieces = split_time(
        utc("2026-10-23T20:00"), utc("2026-10-26T06:00"), DayRules(BERLIN)
    )
    minutes = add_minutes(pieces)
    assert minutes[Kind.WEEKEND] == 49 * 60
    assert minutes[Kind.NIGHT] == 2 * 60 + 6 * 60
    assert minutes[Kind.WEEKDAY] == 60


@thoroughly
@given(zones_and_changes(), st.data())
def test_pieces_tile_the_stretch_and_are_what_the_clock_says(place, data):
    zone, change = place
    start = draw_near(data.draw, change, hours=40)
    end = start + data.draw(st.integers(0, 300)) * QUARTER
    days = frozenset({change.astimezone(zone).date()})
    rules = DayRules(zone, holidays=days)
    pieces = list(split_time(start, end, rules))
    edges = [start, *(piece.end for piece in pieces)]
    assert edges[-1] == (end if pieces else start)
    assert [piece.start for piece in pieces] == edges[:-1]
    assert sum((p.end - p.start for p in pieces), timedelta()) == end - start
    for piece in pieces:
        shown = piece.start.astimezone(zone).replace(tzinfo=None)
        again = (piece.start - timedelta(hours=3)).astimezone(zone).replace(tzinfo=None)
        if shown - again == timedelta(hours=3) and abs(piece.start - change) > QUARTER:
            assert piece.kind is rules.kind_at(shown)
            assert piece.on == shown.date()
