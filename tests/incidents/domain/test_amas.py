"""Readings become numbers, moments become texts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from incidents.domain.amas import read_number, say_moment


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("550 ms", 550),
        ("> 0.1 %", 0.1),
        ("-3", -3),
        ("1e3", 1000),
        ("", None),
        ("down", None),
        ("1e999", None),
    ],
)
def test_a_reading_gives_its_first_number(text, number):
    assert read_number(text) == number


def test_a_moment_is_utc_with_milliseconds():
    at = datetime(2024, 12, 3, 10, 15, 0, 7999, tzinfo=UTC)
    assert say_moment(at) == "2024-12-03T10:15:00.007Z"
    elsewhere = at.astimezone(timezone(timedelta(hours=2)))
    assert say_moment(elsewhere) == say_moment(at)
