"""Instants near real clock changes, and small schedules, for the property tests."""

import os
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import settings
from hypothesis import strategies as st

from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.schedule import (
    HolidayPolicy,
    Override,
    Rotation,
    RotationVersion,
    Schedule,
)

# Days that were skipped whole, changes of half an hour, at midnight, of two hours,
# backwards in summer, on Fridays, and twice around Ramadan.
NASTY_ZONES = (
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Beirut",
    "America/Sao_Paulo",
    "America/Havana",
    "Antarctica/Troll",
    "Europe/Dublin",
    "Asia/Gaza",
    "Africa/Cairo",
    "Europe/Warsaw",
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
IS_NIGHT = PROFILE == "nightly"
# By night every zone that there is, by day those that find the faults.
ZONES = tuple(sorted(available_timezones())) if IS_NIGHT else NASTY_ZONES
# What the kernel promises is tried more often than the rest.
thoroughly = settings(max_examples={"ci": 500, "nightly": 20_000}.get(PROFILE, 10))
QUARTER = timedelta(minutes=15)
QUIET = datetime(2010, 6, 1, tzinfo=UTC)
PEOPLE = ("A", "B", "C", "D", "E")


def changes_of(name: str) -> tuple[datetime, ...]:
    """Return the zone's clock changes 1995 to 2037, found without the code on trial.

    A zone without any has a quiet moment instead.
    """
    zone = ZoneInfo(name)

    def offset(at):
        return at.astimezone(zone).utcoffset()

    found = []
    at = datetime(1995, 1, 1, tzinfo=UTC)
    held = offset(at)
    while at.year < 2038:
        ahead = at + timedelta(days=2)
        after = offset(ahead)
        if held != after:
            low, high = at, ahead
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == held else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        at, held = ahead, after
    return tuple(found or [QUIET])


# Strategies are made once: making one hashes all that it may draw.
_PLACES = st.sampled_from(
    [(ZoneInfo(name), change) for name in ZONES for change in changes_of(name)]
)


def zones_and_changes():
    """Draw a nasty zone and the UTC instant of one of its clock changes."""
    return _PLACES


# So is a draw inside another: what follows is drawn by functions, not by strategies.
_QUARTERS = {hours: st.integers(-4 * hours, 4 * hours) for hours in range(1, 61)}


def draw_near(draw, change: datetime, *, hours: int = 3) -> datetime:
    """Draw an instant on the quarter hour within some hours of a clock change."""
    return change + draw(_QUARTERS[hours]) * QUARTER


def draw_wall(draw, zone: ZoneInfo, change: datetime, *, hours: int = 4) -> datetime:
    """Draw a naive wall time around a clock change, also one that never showed."""
    base = change.astimezone(zone).replace(tzinfo=None)
    return base + draw(_QUARTERS[hours]) * QUARTER


@st.composite
def clock_faces(draw, *, walls=1):
    """Draw (zone, instant, *walls): some wall times near one clock change."""
    zone, change = draw(_PLACES)
    shown = [draw_wall(draw, zone, change) for _ in range(walls)]
    return zone, draw_near(draw, change), *shown


MEMBERS = (
    ("A", "B"),
    ("A", "B", "C"),
    ("C", None, "A", "B"),
    (("F", "G"), "A", "B"),
    (None, "D"),
    ("E", "D", "C", "B", "A"),
    ("A", "A", "B", "B", "C"),
)
WINDOWS = (
    (),
    tuple(ActiveWindow(day, 9 * 60, 17 * 60) for day in range(5)),
    # Nights of the weekend's days, the last of them into Monday.
    tuple(ActiveWindow(day, 22 * 60, 30 * 60) for day in (4, 5, 6)),
    # Edges inside the hours that clocks skip and repeat.
    tuple(ActiveWindow(day, 60 + 15 * day, 165) for day in (6, 5, 3)),
    # From Saturday noon to Monday, and two that overlap.
    (ActiveWindow(5, 720, 2_220), ActiveWindow(3, 0, 600), ActiveWindow(3, 300, 1_500)),
)
# The draws are few and wide: a schedule made of many small ones is slow to draw.
_SHAPES = st.sampled_from(
    list(
        product(Unit, (1, 2, 3), WINDOWS, Count, HolidayPolicy, MEMBERS, AbsencePolicy)
    )
)
_CORRECTIONS = st.sampled_from(
    [
        (remove, add, takes)
        for remove, add, takes in product((*PEOPLE, None), (*PEOPLE, None), (0, 1))
        if remove != add and (add is not None or not takes)
    ]
)


_BEGINNINGS = st.sampled_from((-900, -9, 0, 1))


def draw_version(draw, zone, change, *, positions=1):
    """Draw a version whose anchor lies within a day of a clock change."""
    unit, every, windows, count, policy, people, absences = draw(_SHAPES)
    return RotationVersion(
        effective_from=change + draw(_BEGINNINGS) * QUARTER,
        anchor=draw_wall(draw, zone, change, hours=27),
        unit=unit,
        members=people,
        every=every,
        concurrency=positions,
        count=count,
        holiday_policy=policy,
        windows=windows,
        absence_policy=absences,
    )


_LEAVES = st.sampled_from(
    list(product((*PEOPLE, "F"), (-30, -8, -1, 0, 2), (1, 9, 60), (-99, 3), (None, 6)))
)


def draw_absence(draw, change):
    """Draw an absence near a clock change, perhaps told late, perhaps cancelled."""
    person, start, length, told, cancelled = draw(_LEAVES)
    return Absence(
        person,
        change + start * QUARTER,
        change + (start + length) * QUARTER,
        created_at=change + (start + told) * QUARTER,
        cancelled_at=None if cancelled is None else change + cancelled * QUARTER,
    )


# How long overrides are in quarters, and after how many they are cancelled, if ever.
_LENGTHS = st.sampled_from(list(product(range(1, 101), (None, None, 1, 9, 30))))


def draw_override(draw, change, *, key=0):
    """Draw an override near a clock change; later keys are created later."""
    remove, add, takes = draw(_CORRECTIONS)
    start = draw_near(draw, change, hours=20)
    length, cancelled = draw(_LENGTHS)
    return Override(
        key=key,
        start=start,
        end=start + length * QUARTER,
        created_at=change - timedelta(days=100 - key),
        remove_user=remove,
        add_user=add,
        role="primary",
        takes_role=bool(takes),
        cancelled_at=None if cancelled is None else start + cancelled * QUARTER,
    )


_BOTH = ("primary", "secondary")
_LAYERS = st.sampled_from(
    [
        ((_BOTH, 0, 1),),
        ((("primary",), 0, 2),),
        ((_BOTH, 0, 1), (("primary",), 1, 1)),
        ((("primary",), 1, 1), (_BOTH, 1, 1)),
        ((("secondary",), 1, 2), (_BOTH, 0, 1)),
    ]
)


# How many overrides and absences, and whether the day of the change is a holiday.
_EXCEPTIONS = st.sampled_from(list(product((0, 1, 2), (0, 1, 3), (False, True))))


def draw_schedule(draw, zone, change):
    """Draw a schedule of one or two layers, some of primary and secondary at once."""
    rotations = tuple(
        Rotation(
            key,
            tuple(
                draw_version(draw, zone, change, positions=len(roles))
                for _ in range(count)
            ),
            roles,
            priority,
        )
        for key, (roles, priority, count) in enumerate(draw(_LAYERS))
    )
    day = change.astimezone(zone).date()
    corrections, leaves, holidays = draw(_EXCEPTIONS)
    return Schedule(
        zone=zone,
        rotations=rotations,
        overrides=tuple(
            draw_override(draw, change, key=key) for key in range(corrections)
        ),
        holidays=frozenset({day} if holidays else ()),
        absences=tuple(draw_absence(draw, change) for _ in range(leaves)),
    )


@st.composite
def scenes(draw):
    """Draw a schedule with the clock change it lives around."""
    zone, change = draw(zones_and_changes())
    return draw_schedule(draw, zone, change), change


_SIZES = st.integers(2, 5)


@st.composite
def lone_rotations(draw, *, plain=False):
    """Draw (version, zone, change): one version that has long been in force.

    With `plain` nobody is ever missing: no windows, empty slots or holidays.
    """
    zone, change = draw(zones_and_changes())
    unit, every, windows, count, *_ = draw(_SHAPES)
    version = RotationVersion(
        effective_from=change - timedelta(days=900),
        anchor=draw_wall(draw, zone, change, hours=27),
        unit=unit,
        members=PEOPLE[: draw(_SIZES)],
        every=every,
        windows=() if plain else windows,
        count=Count.CALENDAR if plain else count,
    )
    return version, zone, change


def schedule_of(version: RotationVersion, zone: ZoneInfo, **more) -> Schedule:
    """Return a schedule of one rotation with that one version."""
    return Schedule(zone, (Rotation("weekly", (version,)),), **more)


def a_weekly_schedule(
    zone: str = "Europe/Warsaw",
    *,
    people: tuple = ("A", "B", "C"),
    overrides: tuple = (),
    holidays: frozenset[date] = frozenset(),
    **more,
) -> Schedule:
    """Return a rotation of weeks from Monday 2026-01-05 at 09:00."""
    version = RotationVersion(
        effective_from=datetime(2025, 12, 1, tzinfo=UTC),
        anchor=datetime.fromisoformat("2026-01-05T09:00"),
        unit=more.pop("unit", Unit.WEEK),
        members=people,
        **more,
    )
    return schedule_of(version, ZoneInfo(zone), overrides=overrides, holidays=holidays)


def an_override(start: datetime, end: datetime, *, key=0, **more) -> Override:
    """Return an override of the primary; later keys are created later."""
    created_at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=key)
    fields = {"role": "primary", "created_at": created_at} | more
    return Override(key=key, start=start, end=end, **fields)
