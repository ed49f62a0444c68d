from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.compliance import (
    Compliance,
    RunRecord,
    Standing,
    count_streak,
    judge_run,
    measure_compliance,
)
from tests.checklists.domain.calendars import at

PASSED = at("2025-11-03 11:00")
ON_TIME = RunRecord("completed", None)
LATE = RunRecord("completed", PASSED)
MISSED = RunRecord("missed", PASSED)
SYSTEM = RunRecord("missed", PASSED, "system")
SKIPPED = RunRecord("skipped", None)
VOID = RunRecord("void", PASSED)
PENDING = RunRecord("", None)

records = st.builds(
    RunRecord,
    outcome=st.sampled_from(["", "completed", "missed", "skipped", "void"]),
    missed_at=st.sampled_from([None, PASSED]),
    cause=st.sampled_from(["", "system"]),
)


@pytest.mark.parametrize(
    ("run", "standing"),
    [
        (ON_TIME, Standing.ON_TIME),
        (LATE, Standing.LATE),
        (MISSED, Standing.MISSED),
        (SYSTEM, Standing.SYSTEM_MISSED),
        (SKIPPED, Standing.SKIPPED),
        (VOID, Standing.VOID),
        (PENDING, Standing.PENDING),
        (RunRecord("", PASSED), Standing.MISSED),
        (RunRecord("", PASSED, "system"), Standing.SYSTEM_MISSED),
        (RunRecord("completed", PASSED, "system"), Standing.SYSTEM_MISSED),
        (RunRecord("completed", None, "system"), Standing.ON_TIME),
        (RunRecord("missed", None), Standing.MISSED),
    ],
)
def test_a_run_counts_in_one_way(run, standing):
    assert judge_run(run) is standing


def test_percent_leaves_out_what_is_nobodys_fault():
    runs = [ON_TIME, LATE, SKIPPED, MISSED, SYSTEM, VOID, ON_TIME, PENDING]
    measured = measure_compliance(runs)
    assert measured == Compliance(
        on_time=2,
        late=1,
        missed=1,
        system_missed=1,
        skipped=1,
        void=1,
        pending=1,
        streak=1,
        items_done=0,
        items_auto=0,
    )
    assert measured.expected == 7
    assert measured.percent == Decimal("50.0")


def test_nothing_fair_to_count_has_no_percent():
    measured = measure_compliance([SKIPPED, SYSTEM, PENDING])
    assert measured.percent is None
    assert measured.auto_percent is None


def test_almost_all_is_never_shown_as_all():
    measured = measure_compliance([MISSED] + [ON_TIME] * 9999)
    assert measured.percent == Decimal("99.9")


def test_auto_percent_is_of_the_ticked_items():
    measured = measure_compliance([ON_TIME], items_done=10, items_auto=7)
    assert measured.auto_percent == Decimal("70.0")


@pytest.mark.parametrize(
    ("runs", "streak"),
    [
        ([], 0),
        ([ON_TIME, ON_TIME], 2),
        ([ON_TIME, SKIPPED, SYSTEM, VOID, ON_TIME, PENDING], 2),
        ([ON_TIME, LATE, ON_TIME], 1),
        ([ON_TIME, MISSED], 0),
    ],
)
def test_a_streak_counts_back_to_the_last_late_or_missed_run(runs, streak):
    assert count_streak(judge_run(run) for run in runs) == streak


@given(st.lists(records))
def test_expected_is_the_sum_of_its_parts(runs):
    measured = measure_compliance(runs)
    assert measured.expected + measured.pending == len(runs)
    assert measured.expected == (
        measured.on_time
        + measured.late
        + measured.missed
        + measured.system_missed
        + measured.skipped
        + measured.void
    )
    assert measured.streak <= measured.on_time
    assert measured.percent is None or 0 <= measured.percent <= 100
