"""Who owes a postmortem, by when, and what its gates ask."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import postmortem
from incidents.domain.postmortem import Ground, refuse_close, refuse_postmortem_move

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "level", "is_asked", "needed"),
    [
        ("real", 1, False, True),
        ("real", 2, False, True),
        ("real", 3, False, False),
        ("real", 4, True, True),
        ("drill", 1, True, False),
        ("test", 1, False, False),
    ],
)
def test_real_ones_of_the_first_two_levels_owe_one(kind, level, is_asked, needed):
    found = postmortem.needs_postmortem(kind=kind, level=level, is_asked=is_asked)
    assert found is needed


def test_it_is_due_48_hours_after_the_resolution_or_never():
    assert postmortem.find_due(NOW, is_needed=True) == NOW + 2 * DAY
    assert postmortem.find_due(NOW, is_needed=False) is None
    assert postmortem.find_due(None, is_needed=True) is None


@given(st.integers(0, 10 * 24 * 60))
def test_reminders_come_a_day_before_and_each_day_from_there(minutes):
    due = NOW + 2 * DAY
    after = NOW + timedelta(minutes=minutes)
    found = postmortem.next_reminder(due, after)
    assert after < found
    assert found == NOW + DAY or found - after <= DAY
    assert (found - due) % DAY == timedelta()


def test_without_a_due_time_nobody_is_reminded():
    assert postmortem.next_reminder(None, NOW) is None


@pytest.mark.parametrize(
    ("ground", "target", "words"),
    [
        ({"state": "draft"}, "in_review", None),
        ({"state": "draft"}, "reviewed", "is a draft; it can become in review"),
        ({"state": "draft", "unfilled": ["Lessons"]}, "in_review", "first: Lessons"),
        ({"state": "in_review", "unfilled": ["Lessons"]}, "draft", None),
        ({"state": "in_review"}, "reviewed", None),
        ({"state": "in_review", "is_by_owner": True}, "reviewed", "other than its"),
        ({"state": "reviewed"}, "closed", None),
        ({"state": "reviewed", "loose": ["Fix it"]}, "closed", "a date first: Fix it"),
        ({"state": "reviewed"}, "in_review", None),
        ({"state": "closed"}, "in_review", "stays so"),
    ],
)
def test_each_move_has_its_gate(ground, target, words):
    refusal = refuse_postmortem_move(Ground(**{"is_by_owner": False} | ground), target)
    assert (words in refusal) if words else refusal is None


@pytest.mark.parametrize(
    ("state", "is_waived", "is_needed", "words"),
    [
        (None, False, False, None),
        (None, False, True, "needs a postmortem first"),
        ("draft", False, True, "is a draft; it has to be reviewed first"),
        ("draft", True, True, None),
        ("reviewed", False, True, None),
        ("closed", False, True, None),
    ],
)
def test_what_owes_one_is_closed_only_after_it(state, is_waived, is_needed, words):
    refusal = refuse_close(state=state, is_waived=is_waived, is_needed=is_needed)
    assert (words in refusal) if words else refusal is None
