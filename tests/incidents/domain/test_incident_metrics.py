"""How incidents went, in numbers."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import incident_metrics as metrics
from incidents.domain.incident_metrics import Stint, Story

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("Europe/Berlin")
minutes = st.integers(0, 10_000)


def story(**more) -> Story:
    said = {
        "ref": "INC-1",
        "service": "ARQ",
        "severity": "P1",
        "level": 1,
        "started_at": NOW,
        "detected_at": NOW + 2 * MINUTE,
        "declared_at": NOW + 3 * MINUTE,
        "acknowledged_at": NOW + 5 * MINUTE,
        "resolved_at": NOW + 30 * MINUTE,
        "levels": ((NOW + 3 * MINUTE, 1),),
    }
    return Story(**said | more)


def test_the_three_times_of_one_incident():
    told = story()
    assert metrics.time_to_detect(told) == 2 * MINUTE
    assert metrics.time_to_acknowledge(told) == 3 * MINUTE
    assert metrics.time_to_resolve(told) == 30 * MINUTE
    going_on = story(acknowledged_at=None, resolved_at=None)
    assert metrics.time_to_acknowledge(going_on) is None
    assert metrics.time_to_resolve(going_on) is None
    assert metrics.time_in_severity(going_on) == {}


@given(minutes, minutes, st.none() | minutes, minutes)
def test_no_time_is_negative(detected, declared, acknowledged, resolved):
    end = NOW + max(resolved, acknowledged or 0) * MINUTE
    told = story(
        detected_at=NOW + detected * MINUTE,
        declared_at=NOW + declared * MINUTE,
        acknowledged_at=None if acknowledged is None else NOW + acknowledged * MINUTE,
        resolved_at=end,
    )
    assert metrics.time_to_detect(told) >= timedelta()
    assert (metrics.time_to_acknowledge(told) or timedelta()) >= timedelta()
    assert metrics.time_to_resolve(told) >= metrics.time_to_detect(told)


@given(st.lists(minutes, min_size=1, max_size=30))
def test_the_median_parts_the_points_and_nine_of_ten_are_within_p90(lengths):
    found = metrics.spread([None, *(length * MINUTE for length in lengths)])
    assert list(found.points) == [length * MINUTE for length in sorted(lengths)]
    below = sum(point < found.median for point in found.points)
    above = sum(point > found.median for point in found.points)
    assert max(below, above) <= len(lengths) / 2
    within = sum(point <= found.p90 for point in found.points)
    assert within >= 0.9 * len(lengths)
    assert found.p90 in found.points
    assert found.points[0] <= found.mean <= found.worst


def test_nothing_known_has_no_spread():
    assert metrics.spread([None]) is None
    unknown = story(acknowledged_at=None)
    assert metrics.spread_by([unknown], metrics.time_to_acknowledge, str) == {}


def test_spreads_by_name_and_medians_by_week():
    told = [
        story(service="B", declared_at=NOW - timedelta(days=7)),
        story(service="A", resolved_at=NOW + 10 * MINUTE),
        story(service="A", resolved_at=NOW + 20 * MINUTE),
    ]
    found = metrics.spread_by(told, metrics.time_to_resolve, lambda each: each.service)
    assert {name: each.median / MINUTE for name, each in found.items()} == {
        "A": 15,
        "B": 30,
    }
    weeks = metrics.weeks_between(NOW - timedelta(days=15), NOW, ZONE)
    assert weeks == [date(2025, 12, 29), date(2026, 1, 5), date(2026, 1, 12)]
    medians = metrics.median_by_week(told, metrics.time_to_resolve, weeks, ZONE)
    assert medians == [None, 30 * MINUTE, 15 * MINUTE]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 5)), max_size=6))
def test_time_in_severity_is_all_the_time_from_declaration_to_resolution(changes):
    declared, resolved = NOW, NOW + 45 * MINUTE
    turns = [(declared, 2)]
    turns += [(declared + after * MINUTE, level) for after, level in sorted(changes)]
    told = story(declared_at=declared, resolved_at=resolved, levels=tuple(turns))
    spent = metrics.time_in_severity(told)
    assert sum(spent.values(), timedelta()) == resolved - declared
    assert min(spent.values()) >= timedelta()


def test_levels_add_up_gravest_first():
    total = metrics.add_up([{3: MINUTE}, {1: MINUTE, 3: MINUTE}])
    assert list(total.items()) == [(1, MINUTE), (3, 2 * MINUTE)]


@pytest.mark.parametrize(
    ("spans", "worked"),
    [([(0, 10), (5, 15)], 15), ([(0, 20), (5, 10)], 20), ([(0, 5), (10, 15)], 10)],
)
def test_what_overlaps_counts_once(spans, worked):
    stints = [Stint("A", NOW + a * MINUTE, NOW + b * MINUTE) for a, b in spans]
    found = metrics.time_worked([*stints, Stint("B", NOW, NOW + 99 * MINUTE)])
    assert list(found.items()) == [("B", 99 * MINUTE), ("A", worked * MINUTE)]
