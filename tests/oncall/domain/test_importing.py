"""Exports of other systems, read into our words; faults name their place."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.importing import ImportFault, read_export
from oncall.domain.importing.plan import (
    ImportedPerson,
    split_turn,
    to_schedule,
    windows_from,
)
from oncall.domain.importing.reading import Node, parse_json
from oncall.domain.pace import ActiveWindow, Unit
from oncall.domain.rotation import users_at
from oncall.domain.validation import validate

FILES = Path(__file__).parents[1] / "imports"
NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
ANCHOR = datetime.fromisoformat("2025-01-06T09:00")


def sample(kind):
    return (FILES / f"{kind}.json").read_text()


def change(kind, path, value):
    """The sample with one value in it replaced."""
    root = json.loads(sample(kind))
    *way, last = path
    node = root
    for step in way:
        node = node[step]
    node[last] = value
    return json.dumps(root)


def on_call(plan, at, **chosen):
    values = to_schedule(plan, ZoneInfo(plan.time_zone), chosen, now=NOW)
    validate(values)
    return [line.user for line in users_at(values, at)]


def test_pagerduty_layers_become_rotations_of_rising_priority():
    (plan,) = read_export("pagerduty", sample("pagerduty"))
    assert (plan.name, plan.time_zone) == ("Data primary", "Europe/Warsaw")
    assert plan.people == (
        ImportedPerson("PA", "Engineer A", "a@example.org"),
        ImportedPerson("PB", "Engineer B"),
    )
    weeks, nights, weekend = plan.rotations
    assert (weeks.anchor, weeks.unit, weeks.every) == (ANCHOR, Unit.WEEK, 1)
    assert (weeks.members, weeks.windows) == ((("PA",), ("PB",)), ())
    assert [each.priority for each in plan.rotations] == [0, 1, 2]
    assert nights.windows[0] == ActiveWindow(0, 22 * 60, 30 * 60)
    assert len(nights.windows) == 7
    assert (weekend.unit, weekend.every) == (Unit.HOUR, 2)
    assert weekend.windows == (ActiveWindow(5, 480, 1_920), ActiveWindow(6, 480, 1_920))
    assert plan.notes[0] == "“Old” has ended and is left out."
    midday, night = NOW, NOW.replace(hour=23)
    assert on_call(plan, midday, PA="a", PB="b") != on_call(plan, night, PA="a")
    assert on_call(plan, night, PA="a", PB="b") == ["b"]


def test_shifts_that_are_over_or_nobody_s_are_left_out():
    (plan,) = read_export("pagerduty", sample("pagerduty"))
    assert len(plan.shifts) == 2
    zone = ZoneInfo(plan.time_zone)
    assert len(to_schedule(plan, zone, {"PA": 1}, now=NOW).overrides) == 1
    assert to_schedule(plan, zone, {}, now=NOW).overrides == ()


def test_pagerduty_lists_and_bare_schedules_are_read_too():
    one = json.loads(sample("pagerduty"))["schedule"]
    assert len(read_export("pagerduty", json.dumps({"schedules": [one, one]}))) == 2
    del one["overrides_subschedule"]
    assert read_export("pagerduty", json.dumps(one))[0].shifts == ()


def test_opsgenie_rotations_serve_together():
    (plan,) = read_export("opsgenie", sample("opsgenie"))
    days, weekend, hours = plan.rotations
    assert (days.unit, days.every, days.anchor) == (Unit.WEEK, 2, ANCHOR)
    assert days.members == (("a@example.org",), (), (), ("u-b",))
    assert days.windows[0] == ActiveWindow(0, 1_110, 1_800)
    assert weekend.windows == (
        ActiveWindow(4, 1_080, 2_520),
        ActiveWindow(5, 1_080, 2_520),
        ActiveWindow(6, 1_080, 1_920),
    )
    assert (hours.name, hours.unit, hours.every) == ("Rotation 3", Unit.HOUR, 12)
    assert {each.priority for each in plan.rotations} == {0}
    assert "A turn of a team becomes an empty slot." in plan.notes
    assert "“Past” ends on a date and is left out." in plan.notes
    people = {"a@example.org": "a", "b@example.org": "b", "u-b": "c"}
    sunday = datetime(2026, 1, 18, 12, tzinfo=UTC)
    assert on_call(plan, sunday, **people) == ["b", "a"]


def test_opsgenie_lists_are_read_too():
    one = json.loads(sample("opsgenie"))["data"]
    assert len(read_export("opsgenie", json.dumps({"data": [one, one]}))) == 2
    assert len(read_export("opsgenie", json.dumps(one))) == 1


def test_grafana_shifts_become_rotations_with_their_hours():
    plan, second = read_export("grafana", sample("grafana"))
    weeks, office, mondays, monthly, daily = plan.rotations
    assert weeks.members == (("U2", "U3"), (), ("U1",))
    assert (weeks.unit, weeks.windows, weeks.anchor) == (Unit.WEEK, (), ANCHOR)
    assert office.windows == (ActiveWindow(0, 600, 1_080), ActiveWindow(2, 600, 1_080))
    assert office.priority == 2
    assert mondays.windows == (ActiveWindow(0, 540, 780),)
    assert (monthly.unit, monthly.windows) == (Unit.MONTH, ())
    assert len(daily.windows) == 7
    assert [shift.person for shift in plan.shifts] == ["U1", "U9"]
    assert plan.shifts[0].start == datetime(2026, 1, 20, 8, tzinfo=UTC)
    assert ImportedPerson("U3", "U3") in plan.people
    assert len(plan.notes) == 3
    assert second.rotations == ()
    assert on_call(plan, NOW, U1="a", U2="b", U3="c") == ["a"]


@pytest.mark.parametrize(
    ("kind", "path", "value", "place"),
    [
        ("pagerduty", ["schedule", "time_zone"], "Mars/Base", "$.schedule.time_zone"),
        ("pagerduty", ["schedule", "name"], 7, "$.schedule.name"),
        (
            "pagerduty",
            ["schedule", "schedule_layers"],
            [],
            "$.schedule.schedule_layers",
        ),
        (
            "pagerduty",
            ["schedule", "schedule_layers"],
            {},
            "$.schedule.schedule_layers",
        ),
        ("pagerduty", ["schedule"], [1], "$.schedule"),
        ("opsgenie", ["data"], [], "$.data"),
        ("opsgenie", ["data", "rotations"], None, "$.data.rotations"),
        ("grafana", ["schedules"], [], "$.schedules"),
        ("grafana", ["on_call_shifts"], [], "$.schedules.results[0].shifts[0]"),
    ],
)
def test_faults_of_a_whole_file_name_their_place(kind, path, value, place):
    with pytest.raises(ImportFault) as caught:
        read_export(kind, change(kind, path, value))
    assert caught.value.path == place


LAYER = ["schedule", "schedule_layers", 0]
NIGHTS = ["schedule", "schedule_layers", 1, "restrictions", 0]
DAYS = ["data", "rotations", 0]
LIMITS = [*DAYS, "timeRestriction"]
SHIFT = ["on_call_shifts", "results"]


@pytest.mark.parametrize(
    ("kind", "path", "value", "words"),
    [
        ("pagerduty", [*LAYER, "rotation_turn_length_seconds"], 61, "whole number of hours"),
        ("pagerduty", [*LAYER, "rotation_turn_length_seconds"], True, "whole number from 1"),
        ("pagerduty", [*LAYER, "users"], [], "nobody in it"),
        ("pagerduty", [*LAYER, "rotation_virtual_start"], "soon", "not a moment"),
        ("pagerduty", [*NIGHTS, "start_time_of_day"], "25:00:00", "not a time"),
        ("pagerduty", [*NIGHTS, "duration_seconds"], 90_000, "longer than its period"),
        ("opsgenie", [*DAYS, "type"], "yearly", "weekly, daily or hourly"),
        ("opsgenie", [*DAYS, "participants"], [], "nobody in it"),
        ("opsgenie", [*LIMITS, "type"], "moon", "no restriction"),
        ("opsgenie", [*LIMITS, "restriction", "startHour"], 25, "time of day"),
        ("opsgenie", ["data", "rotations", 1, "timeRestriction", "restrictions", 0, "startDay"], "x", "day of the week"),
        ("grafana", [*SHIFT, 0, "type"], "x", "no kind of shift"),
        ("grafana", [*SHIFT, 0, "frequency"], "yearly", "hourly, daily"),
        ("grafana", [*SHIFT, 0, "rolling_users"], [], "nobody in it"),
        ("grafana", [*SHIFT, 1, "by_day"], ["XX"], "not a day"),
        ("grafana", ["schedules", "results", 0, "shifts"], [], "nobody in it"),
        ("grafana", [*SHIFT, 0, "duration"], 5, "whole number from 60"),
    ],
)  # fmt: skip
def test_faults_inside_a_file_say_what_is_wrong(kind, path, value, words):
    with pytest.raises(ImportFault, match=words):
        read_export(kind, change(kind, path, value))


def test_what_is_no_json_says_where():
    with pytest.raises(ImportFault, match="line 2, column 1: is not JSON"):
        parse_json("{\n")
    with pytest.raises(ImportFault, match="nested too deeply"):
        parse_json("[" * 100_000)
    for strange in ("a\0b", "\ud800"):
        with pytest.raises(ImportFault, match="cannot be kept"):
            Node(strange).text()
    with pytest.raises(ImportFault, match="is not a list"):
        list(Node({}).items())
    with pytest.raises(ImportFault, match="is empty"):
        read_export("pagerduty", '{"schedules": []}')


def test_lengths_and_windows():
    assert split_turn(timedelta(days=14)) == (Unit.WEEK, 2)
    assert split_turn(timedelta(days=3)) == (Unit.DAY, 3)
    assert split_turn(timedelta(hours=30)) == (Unit.HOUR, 30)
    assert split_turn(timedelta(0)) is None
    assert windows_from([6], 1_000, 3_000) == (
        ActiveWindow(6, 1_000, 2_440),
        ActiveWindow(0, 1_000, 2_440),
        ActiveWindow(1, 1_000, 1_120),
    )
