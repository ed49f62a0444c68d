"""Words become cadence, weekday, ordinal and time of day."""

import pytest

from runbooks.domain.inline import fold
from runbooks.domain.when import read_when


@pytest.mark.parametrize(
    ("words", "slot"),
    [
        ("Daily Checks", ("daily", "", "", "")),
        ("Weekly Manual Tasks (Sundays, 10:00 AM)", ("weekly", "sunday", "", "10:00")),
        ("Every Monday morning", ("~weekly", "monday", "", "")),
        ("Monday and Thursday", ("~weekly", "monday, thursday", "", "")),
        ("First Sunday of month, 02:00-04:00 AM", ("~monthly", "sunday", "first", "02:00")),
        ("First day of each month", ("~monthly", "", "first", "")),
        ("15th of the month", ("~monthly", "", "15", "")),
        ("Month-end tasks", ("~monthly", "", "last", "")),
        ("End of quarter", ("~quarterly", "", "last", "")),
        ("Mid-Month", ("~monthly", "", "mid", "")),
        ("Week 2", ("~monthly", "", "second", "")),
        ("Bi-annual", ("semiannual", "", "", "")),
        ("Every 4 hours", ("every-4h", "", "", "")),
        ("every 15 minutes", ("every-15min", "", "", "")),
        ("every second week", ("biweekly", "", "", "")),
        ("Mon-Fri 9 AM", ("weekdays", "", "", "09:00")),
        ("Daily at 12 PM", ("daily", "", "", "12:00")),
        ("每周一：巡检", ("weekly", "monday", "", "")),  # noqa: RUF001 -- full width
        ("每月第一个工作日", ("monthly", "", "first", "")),
        ("每天9点", ("daily", "", "", "09:00")),
        ("Раз в 2 недели", ("biweekly", "", "", "")),
        ("Каждый понедельник, 10:00", ("~weekly", "monday", "", "10:00")),
    ],
)  # fmt: skip
def test_words_say_when(words, slot):
    assert read_when(fold(words)).slot == slot


@pytest.mark.parametrize(
    "words", ["High error rate", "1-week rotations", "3 times", ""]
)
def test_other_words_say_nothing(words):
    assert read_when(fold(words)) is None


def test_a_bare_length_is_a_cadence_only_where_one_is_asked_for():
    assert read_when("90 days") is None
    assert read_when("90 days", is_asked=True).cadence == "every-90d"
