"""The periods that a cadence will have next."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from checklists.domain.cadence import TICK, Timetable, Timing, next_opening
from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.upcoming import next_slots
from tests.checklists.domain.calendars import DAY, HOUR, at, timetables_at

NOW = at("2025-11-03 12:00")


def timetable(raw, **more):
    timing = Timing(due_time=time(10), opens_before=HOUR, grace=HOUR, closes_after=HOUR)
    return Timetable(
        rule=rule_from_json(raw), timing=timing, zone=ZoneInfo("UTC"), **more
    )


@pytest.mark.parametrize(
    ("raw", "keys"),
    [
        ({"kind": "daily"}, ["2025-11-04", "2025-11-05", "2025-11-06"]),
        ({"kind": "hourly", "hours": 12}, ["2025-11-04/0", "2025-11-04/1"]),
        ({"kind": "monthly", "on": "last_day"}, ["2025-11", "2025-12", "2026-01"]),
        (
            {"kind": "yearly", "on": "day", "month": 3, "day": 1},
            [str(year) for year in range(2026, 2036)],
        ),
        ({"kind": "on_demand"}, []),
    ],
)
def test_the_next_ones_come_in_order(raw, keys):
    found = [slot.period_key for slot in next_slots(timetable(raw), NOW)]
    assert found[: len(keys)] == keys
    assert len(found) == (10 if keys else 0)


def test_a_rotation_shows_as_many_handoffs_as_are_planned():
    def handoffs(start, end):
        moments = (NOW + week * 7 * DAY for week in range(1, 4))
        return [moment for moment in moments if start <= moment < end]

    rule = timetable({"kind": "handoff"}, handoffs=handoffs)
    assert len(next_slots(rule, NOW)) == 3


@given(timetables_at())
def test_each_is_the_next_opening_after_the_one_before(drawn):
    table, after = drawn
    found = next_slots(table, after, 3)
    if found:
        assert found[0].opens_at == next_opening(table, after)
    opens = [slot.opens_at for slot in found]
    assert opens == sorted(opens)
    assert all(moment >= after + TICK - timedelta(0) for moment in opens)
    assert len({slot.period_key for slot in found}) == len(found)
