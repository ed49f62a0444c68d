"""What the pure rules cost: conditions, states, rotations."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bench.figures import Figure, time_call
from checklists.domain.condition import parse
from checklists.domain.observation import Outcome
from checklists.domain.verdict import CheckRule, CheckState, Reading, judge
from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.pace import ActiveWindow, Unit
from oncall.domain.planner import Leave, PlanWish, make_plan
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


def make_wish(people: int) -> PlanWish:
    """A year of weeks in two roles: a tenth of the time away, and ten holidays."""
    names = tuple(f"person {number}" for number in range(people))
    first = datetime.fromisoformat("2026-01-05T09:00")
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    leaves = tuple(
        Leave(name, begin, begin + timedelta(days=12))
        for number, name in enumerate(names)
        for part in range(3)
        for begin in [start + timedelta(days=(number * 31 + part * 119) % 350)]
    )
    holidays = frozenset((first + timedelta(days=37 * n)).date() for n in range(10))
    return PlanWish(
        people=names,
        first=first,
        weeks=52,
        zone=ZoneInfo("Europe/Berlin"),
        absences=leaves,
        holidays=dict.fromkeys(names, holidays),
        has_secondary=True,
    )


def time_plan(people: int) -> float:
    """Return the seconds of one plan."""
    wish = make_wish(people)
    return time_call(lambda: make_plan(wish))


def make_absent(schedule: Schedule) -> Schedule:
    """The same schedule where the next one stands in, with fifty absences."""
    leaves = tuple(
        Absence(person, begin, begin + timedelta(days=5), LONG_AGO)
        for number in range(10)
        for person in "abcde"
        for begin in [NOW + timedelta(days=number * 35 + ord(person) % 7 * 5)]
    )
    return replace(
        schedule,
        absences=leaves,
        rotations=tuple(
            replace(
                rotation,
                versions=tuple(
                    replace(version, absence_policy=AbsencePolicy.NEXT)
                    for version in rotation.versions
                ),
            )
            for rotation in schedule.rotations
        ),
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
    absent = make_absent(schedule)
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
        figure(
            "the same with fifty absences",
            time_call(lambda: timeline(absent, NOW, year)),
            "",
            MILLI,
        ),
        *(
            figure(
                f"a fair year for {people} people",
                time_plan(people),
                "2 s",
                1.0,
            )
            for people in (4, 7, 12)
        ),
    ]
