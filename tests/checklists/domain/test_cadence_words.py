from datetime import time

import pytest
from hypothesis import given

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_words import describe
from tests.checklists.domain.calendars import rules

FRIDAY = {"on": "weekday", "weekday": "fri"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"kind": "daily"}, "every day at 09:05"),
        ({"kind": "weekdays"}, "every weekday at 09:05"),
        ({"kind": "weekly", "days": ["mon"]}, "every Monday at 09:05"),
        (
            {"kind": "weekly", "days": ["mon", "wed", "fri"]},
            "every Monday, Wednesday and Friday at 09:05",
        ),
        (
            {
                "kind": "weekly",
                "days": ["mon", "tue"],
                "every": 2,
                "starts_on": "2025-11-03",
            },
            "every 2 weeks on Monday and Tuesday at 09:05",
        ),
        ({"kind": "hourly", "hours": 4}, "every 4 hours"),
        ({"kind": "hourly", "hours": 1}, "every hour"),
        ({"kind": "on_demand"}, "on demand"),
        ({"kind": "handoff"}, "at each handoff of its rotation"),
        ({"kind": "monthly", "on": "day", "day": 15}, "day 15 of the month at 09:05"),
        (
            {"kind": "monthly", "on": "day", "day": 30},
            "day 30 of the month (or its last day) at 09:05",
        ),
        (
            {"kind": "monthly", "on": "day", "day": 31},
            "last day of the month at 09:05",
        ),
        ({"kind": "monthly", "on": "last_day"}, "last day of the month at 09:05"),
        (
            {"kind": "monthly", "on": "weekday", "nth": 1, "weekday": "mon"},
            "first Monday of the month at 09:05",
        ),
        (
            {"kind": "monthly", "nth": -1, **FRIDAY},
            "last Friday of the month at 09:05",
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": 3},
            "3rd business day of the month at 09:05",
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": 11},
            "11th business day of the month at 09:05",
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": -1},
            "last business day of the month at 09:05",
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": -2},
            "2nd to last business day of the month at 09:05",
        ),
        ({"kind": "quarterly", "on": "last_day"}, "quarterly, last day, 09:05"),
        (
            {"kind": "quarterly", "on": "day", "day": 1},
            "quarterly, first day, 09:05",
        ),
        (
            {"kind": "quarterly", "on": "day", "day": 15, "month": 2},
            "quarterly, day 15 of the second month, 09:05",
        ),
        (
            {"kind": "quarterly", "on": "last_day", "month": 1},
            "quarterly, last day of the first month, 09:05",
        ),
        (
            {"kind": "quarterly", "nth": -1, **FRIDAY},
            "quarterly, last Friday of the third month, 09:05",
        ),
        (
            {"kind": "yearly", "on": "day", "month": 3, "day": 15},
            "yearly, 15 March, 09:05",
        ),
        (
            {"kind": "yearly", "on": "last_day", "month": 2},
            "yearly, last day of February, 09:05",
        ),
    ],
)
def test_a_rule_reads_as_people_say_it(raw, words):
    assert describe(rule_from_json(raw), time(9, 5)) == words


@given(rules)
def test_every_rule_has_words(rule):
    assert describe(rule, time(9)).strip()
