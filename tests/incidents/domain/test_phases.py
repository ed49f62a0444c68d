"""What is due when, minute by minute."""

from datetime import timedelta

import pytest

from incidents.domain.phases import (
    PHASES,
    ResponseFacts,
    find_phase,
    find_update_due,
    list_duties,
)
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
NOTHING = ResponseFacts(
    is_acknowledged=False,
    has_commander=False,
    has_impact=False,
    are_stakeholders_told=False,
    is_public_told=False,
    has_external_impact=True,
    is_cause_known=False,
    is_mitigated=False,
)


@pytest.mark.parametrize(
    ("minutes", "number"),
    [(0, 1), (4.99, 1), (5, 2), (14.99, 2), (15, 3), (29.99, 3), (30, 4), (900, 4)],
)
def test_a_phase_has_its_minutes(minutes, number):
    assert find_phase(minutes * MINUTE).number == number


def test_phases_are_said_in_minutes():
    assert [each.words for each in PHASES] == [
        "0 to 5 min",
        "5 to 15 min",
        "15 to 30 min",
        "from 30 min",
    ]


@pytest.mark.parametrize(("minutes", "late"), [(4, 0), (5, 2), (15, 3), (30, 5)])
def test_what_an_ended_phase_left_undone_is_late(minutes, late):
    duties = list_duties(NOTHING, minutes * MINUTE)
    assert len(duties) == 7
    assert sum(each.is_late for each in duties) == late


def test_the_public_hears_only_of_what_it_feels():
    facts = ResponseFacts(
        is_acknowledged=True,
        has_commander=True,
        has_impact=True,
        are_stakeholders_told=True,
        is_public_told=False,
        has_external_impact=False,
        is_cause_known=True,
        is_mitigated=True,
    )
    duties = list_duties(facts, 60 * MINUTE)
    assert len(duties) == 6
    assert all(each.is_done and not each.is_late for each in duties)


@pytest.mark.parametrize(
    ("promised", "pace", "is_executive", "due"),
    [
        (None, None, False, None),
        (None, 30, False, 30),
        (None, 30, True, 5),
        (None, None, True, 5),
        (3, None, True, 3),
        (40, 30, False, 30),
        (20, None, False, 20),
    ],
)
def test_the_next_update(promised, pace, is_executive, due):
    found = find_update_due(
        NOW,
        promised_at=None if promised is None else NOW + promised * MINUTE,
        pace=None if pace is None else pace * MINUTE,
        is_executive=is_executive,
    )
    assert found == (None if due is None else NOW + due * MINUTE)
