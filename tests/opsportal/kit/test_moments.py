"""Moments in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsportal.kit.moments import say_after, say_distance, say_length, say_moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 21, 8, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=550), "550 ms"),
        (timedelta(seconds=1), "1 s"),
        (timedelta(seconds=1.2), "1.2 s"),
        (timedelta(seconds=42.9), "42 s"),
        (timedelta(minutes=54, seconds=20), "54 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(days=19, hours=4), "19 days"),
        (-timedelta(minutes=5), "5 min"),
    ],
)
def test_a_length_has_at_most_two_units(length, words):
    assert say_length(length) == words


def test_what_took_no_time_happened_at_once():
    assert say_after(timedelta(milliseconds=3)) == "at once"
    assert say_after(timedelta(minutes=12)) == "after 12 min"


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=-59), "now"),
        (timedelta(minutes=54), "in 54 min"),
        (timedelta(hours=-16), "16 h ago"),
        (timedelta(hours=47), "in 47 h"),
        (timedelta(days=-2), "2 days ago"),
    ],
)
def test_a_distance_has_a_direction_and_one_unit(away, words):
    assert say_distance(NOW + away, NOW) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 21, 9, 0, tzinfo=UTC), "10:00"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "00:30"),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), "Fri 17:00"),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), "Mon 09:00"),
        (datetime(2026, 6, 1, 8, 0, tzinfo=UTC), "1 Jun 10:00"),
        (datetime(2025, 11, 21, 8, 0, tzinfo=UTC), "21 Nov 2025 09:00"),
    ],
)
def test_the_short_form_says_no_more_than_now_leaves_open(moment, words):
    assert say_moment(moment, BERLIN, now=NOW) == words


def test_other_forms_say_what_they_are_named_after():
    assert say_moment(NOW, BERLIN, now=NOW, form="time") == "09:06"
    assert say_moment(NOW, BERLIN, now=NOW, form="date") == "21 Nov 2026"
    assert (
        say_moment(NOW, BERLIN, now=None, form="full")
        == "Sat 21 Nov 2026 09:06 Europe/Berlin"
    )
    assert say_moment(NOW, UTC, now=None, form="full").endswith("UTC")


def test_without_a_now_nothing_is_left_open():
    assert say_moment(NOW, BERLIN, now=None) == "21 Nov 2026 09:06"


@given(st.timedeltas(min_value=-timedelta(days=9000), max_value=timedelta(days=9000)))
def test_distances_mirror_around_now(away):
    ahead, behind = say_distance(NOW + away, NOW), say_distance(NOW - away, NOW)
    assert (ahead == behind) == (ahead == "now")
    assert {ahead, behind} == {"now"} or (
        ahead.removeprefix("in ").removesuffix(" ago")
        == behind.removeprefix("in ").removesuffix(" ago")
    )


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9000)))
def test_a_length_is_short(length):
    assert 0 < len(say_length(length)) <= 12
