"""Error budgets, exact to the second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain import slo
from incidents.domain.slo import DAY, HOUR, Objective, Span
from incidents.domain.slo_doubts import Promises, find_doubts

MONTH = Objective(Decimal("99.95"), 30)
YEAR = Objective(Decimal("99.95"), 365)
AT = 400 * DAY
span_lists = st.lists(
    st.tuples(st.integers(AT - 2 * DAY, AT), st.integers(0, 3 * HOUR)).map(
        lambda pair: Span(pair[0], pair[0] + pair[1])
    ),
    max_size=8,
)


def test_the_budgets_of_the_runbook_are_exact():
    assert MONTH.budget == Fraction(216, 10) * 60
    assert YEAR.budget == Fraction(438, 100) * HOUR
    assert slo.say_seconds(MONTH.budget) == "21.6 min"
    assert slo.say_seconds(YEAR.budget) == "4.38 h"
    assert slo.say_seconds(3 * DAY) == "3 d"
    assert slo.say_seconds(Fraction(5, 2)) == "2.5 s"


@given(
    st.lists(st.tuples(st.integers(0, 525_600), st.integers(1, 3_000)), max_size=30),
    st.integers(1, 365),
)
def test_a_year_agrees_with_counting_its_minutes(outages, days):
    objective = Objective(Decimal("99.9"), days)
    bad = slo.merge(Span(60 * a, 60 * (a + b)) for a, b in outages)
    at = 525_600
    minutes = {m for a, b in outages for m in range(a, a + b)}
    counted = sum(1 for m in minutes if at - days * 1_440 <= m < at)
    budget = slo.stand(objective, bad, 60 * at)
    assert budget.bad == 60 * counted
    assert budget.consumed == Fraction(60 * counted) / objective.budget


@given(span_lists, span_lists)
def test_consumption_is_monotone_and_equal_under_merging(some, more):
    few = slo.stand(MONTH, slo.merge(some), AT)
    many = slo.stand(MONTH, slo.merge([*some, *more]), AT)
    assert 0 <= few.consumed <= many.consumed
    assert many.bad <= few.bad + slo.stand(MONTH, slo.merge(more), AT).bad
    assert slo.merge([*slo.merge(some), *some]) == slo.merge(some)
    assert few.left == few.allowed - few.bad


@given(span_lists, st.integers(AT - 2 * DAY, AT))
def test_consumption_adds_up_over_parts_of_time(spans, cut):
    bad, start = slo.merge(spans), AT - 2 * DAY
    parts = slo.measure(bad, start, cut) + slo.measure(bad, cut, AT)
    assert parts == slo.measure(bad, start, AT)


@given(span_lists, span_lists)
def test_what_is_excluded_never_consumes(spans, holes):
    left = slo.subtract(spans, holes)
    assert slo.merge([*left, *slo.merge(holes)]) == slo.merge([*spans, *holes])
    assert slo.subtract(left, holes) == left
    for hole in slo.merge(holes):
        assert slo.measure(left, hole.start, hole.end) == 0


@pytest.mark.parametrize(
    ("bad", "rate"),
    [
        # 0.72 % of an hour is 25.92 s: burning 14.4 times too fast.
        ([Span(AT - 26, AT)], Fraction(144, 10)),
        ([Span(AT - 25, AT)], None),
        # Over for five minutes, for half an hour, for two hours.
        ([Span(AT - 1_000, AT - 301)], Fraction(6)),
        ([Span(AT - 2_500, AT - 1_801)], 3),
        ([Span(AT - 2 * HOUR - 60, AT - 2 * HOUR - 1)], None),
        ([Span(AT - 2_000, AT - 1_900), Span(AT - 6, AT)], Fraction(144, 10)),
        ([Span(AT - 5 * HOUR, AT - 5 * HOUR + 60), Span(AT - 7, AT)], Fraction(6)),
        ([Span(AT - 20 * HOUR, AT - 20 * HOUR + 120), Span(AT - 11, AT)], 3),
        ([Span(AT - 60 * HOUR, AT - 60 * HOUR + 120), Span(AT - 11, AT)], 1),
        ([], None),
    ],
)
def test_both_windows_have_to_burn(bad, rate):
    found = slo.find_burn(MONTH, bad, AT)
    assert (found.rate if found else None) == rate


def test_fast_burns_page_and_slow_ones_are_tickets():
    kinds = [(float(rule.rate), rule.kind) for rule in slo.BURN_RULES]
    assert kinds == [(14.4, "page"), (6, "page"), (3, "ticket"), (1, "ticket")]
    assert slo.BURN_RULES[0].words == "14.4 times too fast over 60 min"


def test_a_window_shorter_than_a_rule_is_not_asked_by_it():
    day = Objective(Decimal("99.95"), 1)
    bad = [Span(AT - 50 * HOUR, AT - 49 * HOUR), Span(AT - 11, AT)]
    assert slo.find_burn(MONTH, bad, AT).kind == "ticket"
    assert slo.find_burn(day, bad, AT) is None


@given(st.integers(0, 3_000))
def test_half_is_told_once_a_window_and_in_time(started):
    """Evaluated each minute of one outage: told between 10.8 and 11.8 minutes."""
    told_at, times = None, []
    start = AT + started
    for at in range(AT, AT + 3_000 + 40 * 60, 60):
        bad = slo.merge([Span(start, max(at, start))])
        budget = slo.stand(MONTH, bad, at)
        if slo.is_half_due(budget, told_at=told_at, window=MONTH.window, at=at):
            told_at = at
            times.append(budget.bad)
    assert len(times) == 1
    assert 648 <= times[0] < 648 + 60


def test_half_is_told_again_in_the_next_window():
    budget = slo.Budget(Fraction(100), 60)
    due = [
        slo.is_half_due(budget, told_at=AT, window=DAY, at=AT + later)
        for later in (DAY - 1, DAY)
    ]
    assert due == [False, True]


def test_moments_become_whole_seconds_and_a_plot_ends_now():
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    half = timedelta(milliseconds=500)
    pair = (epoch + timedelta(seconds=5) + half, epoch + timedelta(seconds=9) + half)
    assert slo.to_spans([pair]) == [Span(5, 9)]
    points = slo.plot(MONTH, [Span(AT - 648, AT)], AT)
    assert points[0] == (AT - 30 * DAY, 100.0)
    assert points[-1] == (AT, 50.0)
    assert len(points) == 91


PROMISES = Promises(
    kind="errors",
    includes_4xx=True,
    response=timedelta(minutes=15),
    recovery_time=timedelta(hours=1),
    recovery_point=timedelta(minutes=5),
    backup_every=timedelta(days=1),
    windows=frozenset({30, 365}),
)


def test_contradictions_of_the_runbook_are_said_aloud():
    doubts = find_doubts(MONTH, PROMISES)
    for words, doubt in zip(
        ("278 % of the budget", "69 % of the budget", "RPO", "4xx", "4.32 h"),
        doubts,
        strict=True,
    ):
        assert words in doubt


@pytest.mark.parametrize(
    ("days", "others", "is_doubted"),
    [
        (30, {30}, False),
        (365, {365, 7}, False),
        (365, {30, 365}, True),
        (30, {365}, True),
        (7, {7, 365}, False),
    ],
)
def test_a_year_is_held_against_a_month_only_where_both_are_promised(
    days, others, is_doubted
):
    promises = replace(
        PROMISES, response=None, recovery_time=None, recovery_point=None, windows=others
    )
    doubts = find_doubts(Objective(Decimal("99.95"), days), promises)
    assert any("twelve times" in doubt for doubt in doubts) == is_doubted


def test_what_agrees_is_not_doubted():
    calm = Promises(
        kind="availability",
        includes_4xx=True,
        response=timedelta(minutes=5),
        recovery_time=timedelta(minutes=10),
        recovery_point=timedelta(days=1),
        backup_every=timedelta(hours=1),
    )
    week = Objective(Decimal("99.8"), 7)
    assert find_doubts(week, calm) == []
    silent = Promises(
        kind="errors",
        includes_4xx=False,
        response=None,
        recovery_time=None,
        recovery_point=None,
        backup_every=None,
    )
    assert find_doubts(week, silent) == []
