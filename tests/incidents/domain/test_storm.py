"""When many alerts are a storm, and what they have in common."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import storm
from incidents.domain.storm import CommonLabel

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2"]))


@pytest.mark.parametrize(("opened", "is_one"), [(50, False), (51, True)])
def test_more_than_fifty_in_a_minute_are_a_storm(opened, is_one):
    assert storm.is_storm(opened) is is_one


def test_what_opened_within_the_minute_before_it_is_of_it():
    assert storm.find_start(NOW) == NOW - timedelta(seconds=60)


@given(st.lists(st.integers(0, 60), max_size=80))
def test_it_is_over_when_fewer_than_25_began_for_five_minutes_on_end(rates):
    calm_since, streak = None, 0
    for step, rate in enumerate(rates):
        at = NOW + step * timedelta(seconds=10)
        streak = streak + 1 if rate < 25 else 0
        calm_since = storm.find_calm(calm_since, rate, at)
        # Thirty steps of ten seconds after the first calm look.
        assert storm.is_over(calm_since, at) is (streak > 30)


@given(st.lists(LABELS, max_size=12))
def test_what_is_common_is_what_half_of_them_have(alerts):
    found = storm.find_common(alerts)
    assert len(found) <= 3
    for each in found:
        have = sum(labels.get(each.name) == each.value for labels in alerts)
        assert have == each.alerts >= len(alerts) / 2
        assert each.value
    counts = [each.alerts for each in found]
    assert counts == sorted(counts, reverse=True)


def test_the_metric_comes_first_where_as_many_have_it():
    alerts = [{"host": "db1", "metric": "lag", "n": str(n)} for n in range(4)]
    found = storm.find_common(alerts)
    assert found == [CommonLabel("metric", "lag", 4), CommonLabel("host", "db1", 4)]
    assert storm.say_common(found, 4) == "metric=lag (4 of 4), host=db1 (4 of 4)"


@pytest.mark.parametrize(
    ("keys", "culprit"), [([], None), ([1, 2], None), ([1, 2, 2], 2), ([3], 3)]
)
def test_a_culprit_made_more_than_half(keys, culprit):
    assert storm.find_culprit(keys) == culprit


@given(st.lists(st.integers(1, 5), min_size=1))
def test_each_level_tells_by_itself_at_most_once(levels):
    worst, told = None, []
    for level in levels:
        if storm.is_exempt(level, worst):
            worst = level
            told.append(level)
    assert told == sorted(set(told), reverse=True)
    assert told[-1] == min(levels)
