"""heartbeat and internal."""

from datetime import UTC, datetime, timedelta

import pytest

from checklists.probes import PROBES

HOUR = timedelta(hours=1)


def test_a_job_that_reported_success_has_an_age(see):
    facts = {
        "last_success_at": datetime.now(UTC) - HOUR,
        "last_fail_at": datetime.now(UTC) - 2 * HOUR,
        "exit_code": 0,
        "report": {"rows": 12},
    }
    seen = see("heartbeat", {"job": "backup"}, facts=facts)
    assert seen.failure is None
    assert seen.fields["age"] == pytest.approx(3600, abs=2)
    assert seen.fields["failed"] is False
    assert seen.fields["exit_code"] == 0
    assert seen.fields["json"] == {"rows": 12}
    assert seen.detail.startswith("success ")


@pytest.mark.parametrize(
    ("facts", "has_age", "message"),
    [
        ({"exit_code": 3}, True, "The job reported failure (exit code 3)."),
        ({"last_success_at": None}, False, "The job reported failure."),
    ],
)
def test_a_job_that_reported_failure_is_broken(see, facts, has_age, message):
    now = datetime.now(UTC)
    facts = {"last_success_at": now - HOUR, "last_fail_at": now, **facts}
    seen = see("heartbeat", {}, facts=facts)
    assert (seen.failure.outcome, seen.failure.code) == ("fail", "reported_failure")
    assert seen.failure.message == message
    assert ("age" in seen.fields) == has_age


def test_a_job_that_never_reported_is_unknown(code):
    assert code("heartbeat", {}) == ("unknown", "no_data")


def test_what_the_portal_counted_is_handed_on(see):
    facts = {"value": 3, "evidence": "3 alerts", "oldest": None, "names": ["a"]}
    seen = see("internal", {"source": "alerts_reviewed", "team": 7}, facts=facts)
    assert seen.failure is None
    assert seen.fields == {"value": 3, "evidence": "3 alerts", "names": ["a"]}
    assert seen.detail == "3 alerts"


def test_what_was_not_counted_is_unknown(code):
    assert code("internal", {"source": "x"}) == ("unknown", "no_data")


def test_a_wrong_spec_is_named():
    assert [e.field for e in PROBES["internal"].check_spec({})] == ["source"]
    assert [e.field for e in PROBES["heartbeat"].check_spec({"x": 1})] == ["x"]
    assert PROBES["internal"].host_of({}) == PROBES["heartbeat"].host_of({}) == ""
