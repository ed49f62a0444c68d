"""Words of a cadence as rules that the calendar keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from runbooks.domain.findings import Checklist
from runbooks.domain.timetable import ANCHOR, plan_schedule, plan_timing

CADENCES = [
    *("hourly", "daily", "weekdays", "weekly", "biweekly", "monthly", "quarterly"),
    *("semiannual", "yearly", "per-shift", "every-4h", "every-90d", "every-5h"),
    *("every-2w", "every-99w", "every-1d", "every-24h", "every-3mo", "every-1y", ""),
]


def plan(cadence, weekday="", ordinal="", time_of_day=""):
    return plan_schedule(
        Checklist(
            line=1, title="A", cadence=cadence, weekday=weekday, ordinal=ordinal,
            time_of_day=time_of_day,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("slot", "rule"),
    [
        (("hourly",), {"kind": "hourly", "hours": 1}),
        (("every-4h",), {"kind": "hourly", "hours": 4}),
        (("daily",), {"kind": "daily"}),
        (("every-24h",), {"kind": "daily"}),
        (("weekdays",), {"kind": "weekdays"}),
        (("weekly",), {"kind": "weekly", "days": ["fri"]}),
        (("weekly", "thursday, monday"), {"kind": "weekly", "days": ["mon", "thu"]}),
        (
            ("biweekly", "tuesday"),
            {"kind": "weekly", "days": ["tue"], "every": 2, "starts_on": ANCHOR},
        ),
        (
            ("every-3w", "friday"),
            {"kind": "weekly", "days": ["fri"], "every": 3, "starts_on": ANCHOR},
        ),
        (("monthly",), {"kind": "monthly", "on": "last_day"}),
        (("monthly", "", "15"), {"kind": "monthly", "on": "day", "day": 15}),
        (("monthly", "", "99"), {"kind": "monthly", "on": "last_day"}),
        (("monthly", "", "mid"), {"kind": "monthly", "on": "day", "day": 15}),
        (("every-1mo", "", "first"), {"kind": "monthly", "on": "day", "day": 1}),
        (
            ("monthly", "monday", "last"),
            {"kind": "monthly", "on": "weekday", "nth": -1, "weekday": "mon"},
        ),
        (("quarterly",), {"kind": "quarterly", "on": "last_day", "month": 3}),
        (
            ("every-3mo", "", "first"),
            {"kind": "quarterly", "on": "day", "day": 1, "month": 1},
        ),
        (("yearly",), {"kind": "yearly", "on": "last_day", "month": 1}),
    ],
)
def test_each_cadence_has_its_rule(slot, rule):
    assert plan(*slot).rule == rule


@pytest.mark.parametrize("cadence", ["every-90d", "per-shift", "semiannual"])
def test_what_no_calendar_keeps_is_started_by_people(cadence):
    found = plan(cadence)
    assert found.rule == {"kind": "on_demand"}
    assert cadence in found.note


def test_what_the_runbook_leaves_to_people_is_started_by_them():
    found = plan("on-demand")
    assert found.rule == {"kind": "on_demand"}
    assert found.note == "by no calendar: people start it"


def test_a_time_that_is_not_said_is_noted():
    assert plan("daily").note == "the runbook names no time of day: 10:00"
    assert (plan("weekly", "", "", "9").due_time) == "17:00"
    said = plan("weekly", "", "", "09:30")
    assert (said.due_time, said.note) == ("09:30", "")


@given(
    cadence=st.sampled_from(CADENCES),
    weekday=st.sampled_from(["", "monday", "sunday, friday"]),
    ordinal=st.sampled_from(["", "first", "mid", "last", "31", "fourth"]),
    due=st.times().map("{:%H:%M}".format),
)
def test_every_schedule_is_one_that_the_calendar_takes(cadence, weekday, ordinal, due):
    found = plan(cadence, weekday, ordinal, due)
    rule_from_json(found.rule)
    timing_from_json(plan_timing(found.rule, found.due_time))
