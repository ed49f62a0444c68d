"""What action items become, and when their owners hear of them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import action_item
from incidents.domain.action_item import next_reminder_at, refuse_action_move, say_due

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "target", "words"),
    [
        ("open", "in_progress", None),
        ("in_progress", "done", None),
        ("done", "open", None),
        ("open", "done", "is open; it can become in progress or refused"),
        ("done", "wont_do", "is done; it can become open"),
        ("wont_do", "open", "stays so"),
        ("open", "wont_do", "Say why"),
    ],
)
def test_only_listed_moves_are_legal(state, target, words):
    refusal = refuse_action_move(state, target, reason=" ")
    assert (words in refusal) if words else refusal is None


def test_a_reason_lets_it_be_refused():
    assert refuse_action_move("in_progress", "wont_do", reason="Too dear") is None


@given(
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
    st.integers(-5, 40),
    st.sampled_from(ZONES),
)
def test_each_day_from_the_due_one_has_one_reminder_at_nine(due_on, later, name):
    zone = ZoneInfo(name)
    at = datetime(due_on.year, due_on.month, due_on.day, 12, tzinfo=UTC) + later * DAY
    days = []
    for _ in range(6):
        at = next_reminder_at(due_on, at, zone)
        local = at.astimezone(zone)
        assert (local.hour, local.minute) == (9, 0)
        days.append(local.date())
    assert days == sorted(set(days))
    assert set(days) <= {due_on - 3 * DAY, *(due_on + n * DAY for n in range(60))}
    overdue = [day for day in days if day >= due_on]
    assert overdue == [overdue[0] + n * DAY for n in range(len(overdue))]


def test_the_lead_hears_of_it_after_a_week():
    due = date(2026, 1, 5)
    assert not action_item.is_for_lead(due, due + 6 * DAY)
    assert action_item.is_for_lead(due, due + 7 * DAY)


def test_a_failed_reminder_is_looked_at_less_and_less_often():
    hours = [action_item.look_again_after(n).total_seconds() / 3600 for n in (1, 2, 9)]
    assert hours == [1, 2, 2]


def test_when_it_is_due_in_words():
    today = date(2026, 1, 14)
    days = [None, today, today + DAY, today - 3 * DAY]
    assert [say_due(day, today) for day in days] == [
        "no date",
        "due today",
        "due in 1 day",
        "3 days overdue",
    ]
