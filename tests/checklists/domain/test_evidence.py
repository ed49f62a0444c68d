"""Several checks behind one item."""

from datetime import UTC, datetime, timedelta

import pytest

from checklists.domain.downtime import Span, down_spans, merge_spans, overlap
from checklists.domain.evidence import Witness, combine
from checklists.domain.observation import Outcome
from checklists.domain.reconcile import Evidence
from checklists.domain.verdict import Status

NOW = datetime(2026, 1, 14, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def witness(status, *, seen=NOW, fresh=HOUR, **more):
    outcome = {"pass": Outcome.PASS, "fail": Outcome.FAIL}.get(status)
    evidence = Evidence(
        status=Status(status), last_outcome=outcome, last_ok_at=seen, **more
    )
    return Witness(evidence, fresh)


def test_one_check_speaks_for_itself():
    only = witness("pass")
    assert combine([only]) is only


@pytest.mark.parametrize(
    ("statuses", "together"),
    [
        (("pass", "pass"), "pass"),
        (("pass", "fail"), "fail"),
        (("unknown", "fail"), "fail"),
        (("pass", "unknown"), "unknown"),
        (("pass", "pending"), "pending"),
    ],
)
def test_the_strictest_decides(statuses, together):
    evidence, _ = combine([witness(status) for status in statuses])
    assert evidence.status == Status(together)


def test_what_ages_faster_counts_as_seen_earlier():
    evidence, freshness = combine(
        [witness("pass", fresh=HOUR), witness("pass", fresh=26 * HOUR)]
    )
    assert freshness == 26 * HOUR
    assert evidence.last_ok_at == NOW - 25 * HOUR


def test_a_check_that_never_passed_leaves_nothing_seen():
    evidence, _ = combine([witness("pass"), witness("fail", seen=None)])
    assert evidence.last_ok_at is None


def test_failing_time_is_cut_to_the_interval_and_merged():
    flips = [(NOW, "fail"), (NOW + HOUR, "pass"), (NOW + 2 * HOUR, "fail")]
    end = NOW + 3 * HOUR
    spans = down_spans("pass", flips, NOW - HOUR, end)
    assert spans == [Span(NOW, NOW + HOUR), Span(NOW + 2 * HOUR, end)]
    assert down_spans("fail", [], NOW, end) == [Span(NOW, end)]
    assert down_spans("", [], NOW, end) == []
    overlapping = [Span(NOW, NOW + 2 * HOUR), Span(NOW + HOUR, end)]
    assert merge_spans(overlapping) == [Span(NOW, end)]
    assert merge_spans(spans) == spans
    assert overlap(Span(NOW, end), NOW + HOUR, NOW + 9 * HOUR) == 2 * HOUR
    assert overlap(Span(NOW, end), end, NOW + 9 * HOUR) == timedelta()
