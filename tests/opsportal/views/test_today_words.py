"""The words of Today."""

import pytest

from opsportal.views.today_words import say_percent, say_period


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2026-01-14", ""),
        ("2026-W03-1", "week 3"),
        ("2026-01-14/2", "slot 3"),
        ("adhoc-20260114T050000000000Z", "started by hand"),
        ("2026-Q1", "quarter 1"),
        ("2026-01", "January"),
        ("2026", "year 2026"),
    ],
)
def test_a_period_says_what_its_due_time_does_not(key, words):
    assert say_period(key) == words


@pytest.mark.parametrize(
    ("percent", "words"),
    [(None, "no data"), (100.0, "100%"), (99.999, "99.99%"), (0.0, "0.00%")],
)
def test_what_was_not_always_up_is_never_100(percent, words):
    assert say_percent(percent) == words
