from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncall.domain.notification_rules import (
    HIGH,
    LOW,
    Method,
    Rule,
    Way,
    choose_ways,
    message_key,
    say_ways,
)

SMS, SLACK, EMAIL = (
    Method(1, "sms", "SMS"),
    Method(2, "slack", "Slack"),
    Method(3, "email", "Mail"),
)
METHODS = [SMS, SLACK, EMAIL]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_without_rules_a_page_takes_every_way_at_once():
    assert choose_ways(HIGH, METHODS, []) == [Way(1), Way(2), Way(3)]


def test_without_rules_a_reminder_takes_the_first_calm_way():
    assert choose_ways(LOW, METHODS, []) == [Way(2)]
    assert choose_ways(LOW, [SMS], []) == [Way(1)]


@pytest.mark.parametrize("urgency", [HIGH, LOW])
def test_without_methods_there_is_the_account(urgency):
    assert choose_ways(urgency, [], [Rule(1)]) == [Way(None)]


def test_rules_are_followed_in_the_order_of_their_delays():
    rules = [Rule(1, minutes(5)), Rule(3), Rule(2), Rule(1, minutes(5))]
    assert choose_ways(HIGH, METHODS, rules) == [Way(2), Way(3), Way(1, minutes(5))]


def test_rules_about_methods_that_are_gone_count_for_nothing():
    assert choose_ways(HIGH, [SLACK], [Rule(1, minutes(5))]) == [Way(2)]


@pytest.mark.parametrize(
    ("way", "suffix"),
    [
        (Way(12), "m12"),
        (Way(12, minutes(5)), "m12:300"),
        (Way(None), "u7"),
        (Way(None, minutes(1)), "u7:60"),
    ],
)
def test_a_row_s_key_says_its_way_and_knows_its_message(way, suffix):
    assert way.suffix(7) == suffix
    assert message_key(f"alert:4:2:{suffix}") == "alert:4:2"


@given(
    st.lists(st.builds(Rule, st.integers(1, 5), st.timedeltas(minutes(0), minutes(99))))
)
def test_ways_never_repeat_and_always_reach_somebody(rules):
    ways = choose_ways(HIGH, METHODS, rules)
    assert ways
    assert len(set(ways)) == len(ways)
    assert [way.delay for way in ways] == sorted(way.delay for way in ways)


@pytest.mark.parametrize(
    ("urgency", "ways", "said"),
    [
        (HIGH, [Way(2), Way(1, minutes(5))], "A page: Slack at once, SMS after 5 min."),
        (LOW, [Way(3, minutes(60))], "A reminder: Mail after 1 h."),
        (LOW, [Way(3, minutes(90))], "A reminder: Mail after 1 h 30 min."),
        (HIGH, [Way(3, minutes(0.5))], "A page: Mail after 30 s."),
        (HIGH, [Way(None)], "A page: the account's email at once."),
    ],
)
def test_rules_in_plain_words(urgency, ways, said):
    assert say_ways(urgency, METHODS, ways) == said
