from datetime import date, time

import pytest
from hypothesis import given

from checklists.domain.cadence_rule import (
    CadenceKind,
    CadenceRule,
    DayPick,
    RuleError,
    rule_from_json,
    rule_to_json,
)
from tests.checklists.domain.calendars import rules


@given(rules)
def test_a_rule_survives_json(rule):
    assert rule_from_json(rule_to_json(rule)) == rule


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        ({"kind": "on_demand"}, CadenceRule(kind=CadenceKind.ON_DEMAND)),
        ({"kind": "handoff"}, CadenceRule(kind=CadenceKind.HANDOFF)),
        (
            {"kind": "on_demand", "starts_from": "22:30", "starts_until": "04:00:59"},
            CadenceRule(
                kind=CadenceKind.ON_DEMAND,
                starts_from=time(22, 30),
                starts_until=time(4),
            ),
        ),
        (
            {"kind": "weekly", "days": ["fri", "mon", "fri"]},
            CadenceRule(kind=CadenceKind.WEEKLY, days=(1, 5)),
        ),
        (
            {
                "kind": "weekly",
                "days": ["mon"],
                "every": 2,
                "starts_on": "2025-11-03",
            },
            CadenceRule(
                kind=CadenceKind.WEEKLY,
                days=(1,),
                every=2,
                starts_on=date(2025, 11, 3),
            ),
        ),
        (
            {"kind": "quarterly", "on": "last_day"},
            CadenceRule(kind=CadenceKind.QUARTERLY, on=DayPick.LAST_DAY, month=3),
        ),
        (
            {"kind": "quarterly", "on": "weekday", "nth": -1, "weekday": "fri"},
            CadenceRule(
                kind=CadenceKind.QUARTERLY,
                on=DayPick.WEEKDAY,
                nth=-1,
                weekday=5,
                month=3,
            ),
        ),
        (
            {"kind": "quarterly", "on": "day", "day": 1},
            CadenceRule(kind=CadenceKind.QUARTERLY, on=DayPick.DAY, day=1, month=1),
        ),
    ],
)
def test_json_is_read_as_people_mean_it(raw, rule):
    assert rule_from_json(raw) == rule
    assert rule_from_json(rule_to_json(rule)) == rule


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ([], "kind", "object with a kind"),
        ({}, "kind", "daily, weekdays, weekly"),
        ({"kind": ["daily"]}, "kind", "daily, weekdays, weekly"),
        ({"kind": "fortnightly"}, "kind", "daily, weekdays, weekly"),
        (
            {"kind": "on_demand", "starts_from": "02:00"},
            "starts_until",
            "both of its ends",
        ),
        (
            {"kind": "on_demand", "starts_until": "02:00"},
            "starts_from",
            "both of its ends",
        ),
        (
            {"kind": "on_demand", "starts_from": "2am", "starts_until": "04:00"},
            "starts_from",
            "such as 02:00",
        ),
        (
            {"kind": "on_demand", "starts_from": "02:00Z", "starts_until": "04:00"},
            "starts_from",
            "without an offset",
        ),
        (
            {"kind": "on_demand", "starts_from": "02:00", "starts_until": "02:00"},
            "starts_until",
            "another time",
        ),
        ({"kind": "daily", "starts_from": "02:00"}, "starts_from", "remove it"),
        ({"kind": "daily", "hours": 4}, "hours", "does not belong to a daily rule"),
        ({"kind": "daily", "on": "day"}, "on", "remove it"),
        ({"kind": "weekly", "dayz": []}, "dayz", "remove it"),
        ({"kind": "weekly"}, "days", "at least one day"),
        ({"kind": "weekly", "days": "mon"}, "days", "list of days"),
        ({"kind": "weekly", "days": ["monday"]}, "days", "mon, tue"),
        ({"kind": "weekly", "days": [1]}, "days", "mon, tue"),
        ({"kind": "weekly", "days": ["mon"], "every": 0}, "every", "1 to 52"),
        ({"kind": "weekly", "days": ["mon"], "every": "2"}, "every", "whole number"),
        ({"kind": "weekly", "days": ["mon"], "every": True}, "every", "whole number"),
        ({"kind": "weekly", "days": ["mon"], "every": 2}, "starts_on", "give a date"),
        (
            {"kind": "weekly", "days": ["mon"], "starts_on": "2025-11-03"},
            "starts_on",
            "remove it",
        ),
        (
            {"kind": "weekly", "days": ["mon"], "every": 2, "starts_on": "3.11."},
            "starts_on",
            "2025-11-03",
        ),
        ({"kind": "hourly"}, "hours", "1, 2, 3, 4, 6, 8, 12"),
        ({"kind": "hourly", "hours": 5}, "hours", "must divide a day"),
        ({"kind": "monthly"}, "on", "last_day"),
        ({"kind": "monthly", "on": "someday"}, "on", "last_day"),
        ({"kind": "monthly", "on": "day"}, "day", "1 to 31"),
        ({"kind": "monthly", "on": "day", "day": 32}, "day", "1 to 31"),
        ({"kind": "monthly", "on": "last_day", "day": 3}, "day", "remove it"),
        ({"kind": "monthly", "on": "last_day", "month": 3}, "month", "remove it"),
        (
            {"kind": "monthly", "on": "weekday", "nth": 5, "weekday": "mon"},
            "nth",
            "-1 for the last one",
        ),
        ({"kind": "monthly", "on": "weekday", "nth": 1}, "weekday", "mon to sun"),
        ({"kind": "monthly", "on": "business_day"}, "nth", "1 to 15"),
        (
            {"kind": "quarterly", "on": "last_day", "month": 4},
            "month",
            "month of the quarter",
        ),
        ({"kind": "yearly", "on": "last_day"}, "month", "1 to 12"),
        (
            {"kind": "yearly", "on": "day", "month": 2, "day": 30},
            "day",
            "February has 29 days",
        ),
    ],
)
def test_an_error_names_the_field_and_the_remedy(raw, field, remedy):
    with pytest.raises(RuleError) as caught:
        rule_from_json(raw)
    assert caught.value.field == field
    assert remedy in caught.value.message


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": CadenceKind.MONTHLY}, "on"),
        ({"kind": CadenceKind.WEEKLY, "days": (0,)}, "days"),
        ({"kind": CadenceKind.WEEKLY, "days": (2, 1)}, "days"),
        ({"kind": CadenceKind.WEEKLY, "days": (1, 1)}, "days"),
        ({"kind": CadenceKind.DAILY, "hours": 4}, "hours"),
    ],
)
def test_a_rule_made_by_hand_is_checked_too(fields, field):
    with pytest.raises(RuleError) as caught:
        CadenceRule(**fields)
    assert caught.value.field == field
