"""The procedure that fits an item, or none."""

import pytest

from runbooks.domain.procedure_fit import find_procedure

FOUND = {
    1: ("High Error Rate (>0.5%)", "- Alert: `http.error_rate.5xx` firing"),
    2: ("DB Connection Pool Exhausted", "- Errors: connection timeout"),
    3: ("Cache Miss Spike", "- Hit ratio falls"),
    4: ("Certificate expired", "- Browsers warn"),
    5: (
        "Workers fall behind",
        "- Queue depth above 500",
        "- User complaints about lag",
    ),
    6: ("Rotating the signing keys",),
    7: ("Service failure",),
}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Review error rate < 0.1%", 1),
        ("Check cache hit ratio > 85%", 3),
        ("SSL cert expiration > 30 days", 4),
        ("Queue depth < 500", 5),
        ("Rotate signing keys", 6),
        ("Active connections below 80 %", 2),
    ],
)
def test_what_is_about_the_same_fits(text, key):
    assert find_procedure([text], FOUND) == key


@pytest.mark.parametrize(
    "text",
    [
        "Check database growth rate",
        "Review overnight alerts",
        "Team sharing",
        "",
        "7 %",
    ],
)
def test_nothing_is_better_than_what_does_not_fit(text):
    assert find_procedure([text], FOUND) is None


def test_the_check_that_fails_has_a_say():
    assert find_procedure(["Look at the numbers", "Cache hit ratio"], FOUND) == 3


def test_a_word_that_every_title_has_tells_nothing():
    assert find_procedure(["Service failure check"], {7: FOUND[7]}) is None


def test_one_word_of_two_is_chance_and_the_only_one_is_not():
    signs = {1: ("Insights are not written",), 2: ("Circuit down",)}
    assert find_procedure(["The way back is written down"], signs) is None
    assert find_procedure(["Both circuits carry traffic"], signs) == 2
    assert find_procedure(["Close the circuit"], signs) is None


def test_half_of_a_symptom_is_enough_and_one_word_of_it_is_not():
    signs = {1: ("Plan B", "- Parcels pile up in the hall", "- Noise")}
    assert find_procedure(["No parcels pile up in any hall"], signs) == 1
    assert find_procedure(["No noise"], signs) is None


def test_of_equals_that_of_the_own_runbook_wins_and_else_the_first():
    signs = {1: ("Disk full",), 2: ("Disk full",)}
    assert find_procedure(["Disk usage"], signs) == 1
    assert find_procedure(["Disk usage"], signs, {2}) == 2
    assert find_procedure(["Team sharing"], signs, {2}) is None
