"""Every pair of statuses, and moments that never run backwards."""

from datetime import datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import lifecycle
from incidents.domain.lifecycle import Moments, find_disorder, stamp_move
from tests.conftest import NOW

ALERT = {
    ("firing", "acknowledged"),
    ("firing", "resolved"),
    ("acknowledged", "firing"),
    ("acknowledged", "resolved"),
}
INCIDENT = {
    ("triage", "investigating"),
    ("triage", "cancelled"),
    ("investigating", "identified"),
    ("investigating", "monitoring"),
    ("investigating", "resolved"),
    ("investigating", "cancelled"),
    ("triage", "merged"),
    ("investigating", "merged"),
    ("identified", "merged"),
    ("monitoring", "merged"),
    ("identified", "investigating"),
    ("identified", "monitoring"),
    ("identified", "resolved"),
    ("monitoring", "investigating"),
    ("monitoring", "identified"),
    ("monitoring", "resolved"),
    ("resolved", "investigating"),
    ("resolved", "closed"),
    ("closed", "investigating"),
}
STATUSES = list(lifecycle.INCIDENT_MOVES)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "target"), [*product(lifecycle.ALERT_MOVES, repeat=2)]
)
def test_an_alert_moves_only_as_listed(status, target):
    refusal = lifecycle.refuse_alert_move(status, target)
    assert (refusal is None) == ((status, target) in ALERT)


@pytest.mark.parametrize(("status", "target"), [*product(STATUSES, repeat=2)])
def test_an_incident_moves_only_as_listed(status, target):
    refusal = lifecycle.refuse_incident_move(
        status, target, reason="It is back", is_admin=True
    )
    assert (refusal is None) == ((status, target) in INCIDENT)


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_offered_is_what_is_allowed(status):
    offered = {*lifecycle.list_incident_moves(status, is_admin=True)}
    if lifecycle.can_merge(status):
        offered.add("merged")
    assert {(status, target) for target in offered} == {
        pair for pair in INCIDENT if pair[0] == status
    }


def test_a_refusal_says_what_is_allowed():
    refuse = lifecycle.refuse_incident_move
    assert (
        refuse("identified", "closed", reason="", is_admin=False)
        == "This incident is identified; it can become investigating, monitoring "
        "or resolved."
    )
    assert (
        refuse("cancelled", "triage", reason="", is_admin=True)
        == "This incident is cancelled and stays so; declare a new one."
    )
    assert (
        lifecycle.refuse_alert_move("resolved", "firing")
        == "This alert is resolved; if it fires again, a new one opens."
    )
    assert (
        lifecycle.refuse_alert_move("firing", "firing")
        == "This alert is firing; it can become acknowledged or resolved."
    )


@pytest.mark.parametrize("status", ["resolved", "closed"])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_reopening_needs_a_reason(status, reason):
    refusal = lifecycle.refuse_incident_move(
        status, "investigating", reason=reason, is_admin=True
    )
    assert refusal == "Reopening needs a reason; say what came back."


def test_only_an_admin_reopens_what_is_closed():
    refusal = lifecycle.refuse_incident_move(
        "closed", "investigating", reason="It is back", is_admin=False
    )
    assert refusal == "This incident is closed; only an admin can reopen it."
    assert lifecycle.list_incident_moves("closed", is_admin=False) == ()
    assert not lifecycle.refuse_incident_move(
        "resolved", "investigating", reason="It is back", is_admin=False
    )


def at_start(**reached: datetime) -> Moments:
    return Moments(started_at=NOW - HOUR, declared_at=NOW - HOUR / 2, **reached)


def test_resolving_at_once_also_says_when_it_was_mitigated():
    after = stamp_move(at_start(), "resolved", NOW)
    assert after == at_start(mitigated_at=NOW, resolved_at=NOW)


def test_going_back_takes_back_what_is_no_longer_true():
    resolved = at_start(
        acknowledged_at=NOW,
        identified_at=NOW,
        mitigated_at=NOW,
        resolved_at=NOW,
        closed_at=NOW,
    )
    again = stamp_move(resolved, "investigating", NOW)
    assert again == at_start(acknowledged_at=NOW)


def test_the_first_cause_found_keeps_its_moment():
    monitoring = at_start(identified_at=NOW - HOUR / 3, mitigated_at=NOW)
    assert stamp_move(monitoring, "identified", NOW) == at_start(
        identified_at=NOW - HOUR / 3
    )


@pytest.mark.parametrize("target", ["closed", "cancelled", "merged"])
def test_the_end_has_its_moment(target):
    assert stamp_move(at_start(), target, NOW).closed_at == NOW


def test_disorder_is_said_with_both_times():
    wrong = at_start(resolved_at=NOW - 2 * HOUR)
    assert (
        find_disorder(wrong, now=NOW)
        == "It started at 2026-01-14 09:30 UTC, so it cannot have been resolved "
        "at 2026-01-14 08:30 UTC."
    )
    wrong = at_start(mitigated_at=NOW, resolved_at=NOW - HOUR / 4)
    assert (
        find_disorder(wrong, now=NOW)
        == "It was mitigated at 2026-01-14 10:30 UTC, so it cannot have been resolved "
        "at 2026-01-14 10:15 UTC."
    )


def test_the_future_has_not_happened():
    assert (
        find_disorder(at_start(identified_at=NOW + HOUR), now=NOW)
        == "That is in the future; give a time that has passed."
    )


steps = st.lists(
    st.tuples(st.sampled_from(STATUSES), st.timedeltas(-2 * HOUR, HOUR), st.booleans()),
    max_size=12,
)


@given(steps)
def test_no_backdating_ever_breaks_the_order(moves):
    """Moves as the service makes them: refused ones change nothing."""
    status, moments = "triage", at_start(acknowledged_at=NOW - HOUR / 2)
    for target, shift, is_admin in moves:
        if lifecycle.refuse_incident_move(
            status, target, reason="again", is_admin=is_admin
        ):
            continue
        after = stamp_move(moments, target, NOW + shift)
        if find_disorder(after, now=NOW) is None:
            status, moments = target, after
    row = [
        moments.started_at,
        moments.mitigated_at,
        moments.resolved_at,
        moments.closed_at,
    ]
    known = [moment for moment in row if moment is not None]
    assert all(first <= second for first, second in pairwise(known))
    assert moments.started_at <= (moments.identified_at or NOW)
    assert (moments.resolved_at is not None) == (status in {"resolved", "closed"})
    assert all(moment <= NOW for moment in known)
