"""What the pure rules cost: conditions, states, rotations."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.figures import Figure, time_call
from checklists.domain.condition import parse
from checklists.domain.observation import Outcome
from checklists.domain.verdict import CheckRule, CheckState, Reading, judge
from oncall.domain.pace import ActiveWindow, Unit
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import Override, Rotation, RotationVersion, Schedule

NEEDS_DATABASE = False
NOW = datetime(2026, 6, 17, 10, 30, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 6, tzinfo=UTC)
MICRO, MILLI = 1e6, 1e3
UNITS = {MICRO: "us", MILLI: "ms", 1.0: "s"}
LIMIT = "an empty function call"
OFFICE = tuple(ActiveWindow(day, 9 * 60, 17 * 60) for day in range(5))


def make_schedule(*, windows: tuple[ActiveWindow, ...] = ()) -> Schedule:
    """Three layers by priority: weekly in two roles, daily, and monthly leads."""
    weekly = _version("2025-01-06T09:00", Unit.WEEK, "abcde", concurrency=2)
    daily = _version("2025-01-06T00:00", Unit.DAY, "fgh", windows=windows)
    monthly = _version("2025-01-31T00:00", Unit.MONTH, "ij")
    override = Override(
        key="o",
        created_at=LONG_AGO,
        role="primary",
        start=NOW - timedelta(hours=2),
        end=NOW + timedelta(hours=2),
        add_user="k",
    )
    return Schedule(
        zone=ZoneInfo("Europe/Berlin"),
        rotations=(
            Rotation("weekly", (weekly,), roles=("primary", "secondary")),
            Rotation("daily", (daily,), roles=("helper",)),
            Rotation("monthly", (monthly,), roles=("lead",)),
        ),
        overrides=(override,),
    )


def _version(anchor: str, unit: Unit, people: str, **more: Any) -> RotationVersion:
    return RotationVersion(
        effective_from=LONG_AGO,
        anchor=datetime.fromisoformat(anchor),
        unit=unit,
        members=tuple(people),
        **more,
    )


def nothing() -> None:
    pass


def measure() -> list[Figure]:
    """Time each rule beside a call that does nothing."""
    empty = time_call(nothing)
    simple = parse("status == 200")
    longer = parse("value < 5% and not (status in (500, 503))", "%")
    seen = {"status": 200, "value": 0.4}
    rule, state = CheckRule(), CheckState()
    reading = Reading(NOW, NOW, Outcome.PASS)
    schedule, office = make_schedule(), make_schedule(windows=OFFICE)
    users_at(schedule, NOW)  # what is kept of a schedule is made once
    year = NOW + timedelta(days=365)

    def figure(what: str, seconds: float, goal: str, per: float = MICRO) -> Figure:
        return Figure(
            what=what,
            value=seconds * per,
            unit=UNITS[per],
            limit=empty * per,
            limit_is=LIMIT,
            goal=goal,
        )

    who = time_call(lambda: users_at(schedule, NOW))
    fresh = time_call(lambda: users_at(make_schedule(), NOW))
    return [
        figure(
            "a condition of one comparison",
            time_call(lambda: simple.holds(seen, NOW, None)),
            "1 us",
        ),
        figure(
            "a condition of two, with units",
            time_call(lambda: longer.holds(seen, NOW, None)),
            "",
        ),
        figure(
            "the same with its explanation",
            time_call(lambda: longer.evaluate(seen, now=NOW)),
            "",
        ),
        figure(
            "the state after one reading",
            time_call(lambda: judge(state, rule, reading)),
            "",
        ),
        figure("who is on call, three layers", who, "10 us"),
        figure("the same of a schedule just loaded", fresh, ""),
        figure("who is on call in 10,000 schedules", who * 10_000, "0.3 s", 1.0),
        figure(
            "a year's timeline, three layers",
            time_call(lambda: timeline(schedule, NOW, year)),
            "3 ms",
            MILLI,
        ),
        figure(
            "the same with office hours",
            time_call(lambda: timeline(office, NOW, year)),
            "",
            MILLI,
        ),
    ]
