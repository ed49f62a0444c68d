"""A schedule as lanes: as rotated, its overrides, and what comes of both."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.domain.coverage_watch import find_unplanned_gaps
from oncall.domain.plan import SHADOW
from oncall.domain.rotation import timeline
from oncall.domain.schedule import Override, PersonId
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.stretch import Stretch, join_segments
from oncall.queries.naming import names_in

# A shift is followed this far beyond what is drawn, to say when it really begins
# and ends.
BEYOND = timedelta(days=35)
NEXT = timedelta(days=60)
WITHOUT = "without "


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane; without a user it is a gap. ``key``: of its override."""

    starts_at: datetime
    ends_at: datetime
    user_id: PersonId | None
    name: str
    note: str = ""
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the schedule page. ``kind``: rotation, override or final.

    ``role`` is empty where a lane holds several.
    """

    label: str
    kind: str
    bars: list[Bar]
    role: str = ""
    is_shadow: bool = False


def schedule_lanes(
    plan: Plan,
    start: datetime,
    end: datetime,
    names: dict[PersonId, str] | None = None,
) -> list[Lane]:
    """Return the lanes of a page: each rotation's roles, overrides, each role at last.

    Whoever only looks on stands apart, at the end. Bars may begin before ``start``
    and end after ``end``.
    """
    known = names_in([plan]) if names is None else names
    low, high = start - BEYOND, end + BEYOND
    final = [each for each in _seen(plan, low, high) if _meets(each, start, end)]
    roles = list(dict.fromkeys([*_roles_of(plan), *(each.role for each in final)]))
    lanes = [
        *_rotation_lanes(plan, start, end, known),
        _override_lane(plan, start, end, known),
        *(_lane(role, "final", final, known) for role in roles),
    ]
    return sorted(lanes, key=lambda lane: lane.is_shadow)


def next_shifts(
    plan: Plan,
    now: datetime,
    most: int = 5,
    names: dict[PersonId, str] | None = None,
) -> list[Bar]:
    """Return the coming shifts of the first role, gaps among them."""
    if not plan.expected_roles:
        return []
    known = names_in([plan]) if names is None else names
    seen = _seen(plan, now, now + NEXT)
    bars = _lane(plan.expected_roles[0], "final", seen, known).bars
    return [bar for bar in bars if bar.starts_at > now][:most]


def _seen(plan: Plan, start: datetime, end: datetime) -> list[Stretch]:
    """Return who is on call and the gaps, without what is empty by design."""
    held = [part for part in timeline(plan, start, end) if part.user is not None]
    gaps = find_unplanned_gaps(plan, start, end)
    return sorted(join_segments([*held, *gaps]), key=lambda each: each.start)


def _meets(each: Stretch, start: datetime, end: datetime) -> bool:
    return each.start < end and each.end > start


def _roles_of(plan: Plan) -> list[str]:
    filled = (role for rotation in plan.rotations for role in rotation.roles)
    return list(dict.fromkeys([*plan.expected_roles, *filled]))


def _rotation_lanes(
    plan: Plan, start: datetime, end: datetime, names: dict[PersonId, str]
) -> list[Lane]:
    roles = _roles_of(plan)
    filled = [role for rotation in plan.rotations for role in rotation.roles]
    lanes = []
    for rotation in plan.rotations:
        bare = replace(plan, rotations=(rotation,), overrides=())
        parts = timeline(bare, start - BEYOND, end + BEYOND)
        held = [
            each
            for each in join_segments(parts)
            if each.user is not None and _meets(each, start, end)
        ]
        for role in rotation.roles:
            lane = _lane(role, "rotation", held, names)
            if filled.count(role) > 1:
                rank = [each.key for each in plan.layers].index(rotation.key) + 1
                lane = replace(lane, label=f"{role} · layer {rank}")
            lanes.append(lane)
    return sorted(lanes, key=lambda lane: roles.index(lane.role))


def _lane(
    role: str, kind: str, seen: Iterable[Stretch], names: dict[PersonId, str]
) -> Lane:
    bars = [
        Bar(
            each.start,
            each.end,
            each.user,
            "No one" if each.user is None else names.get(each.user, ""),
        )
        for each in seen
        if each.role == role
    ]
    return Lane(role, kind, bars, role, role == SHADOW)


def _override_lane(
    plan: Plan, start: datetime, end: datetime, names: dict[PersonId, str]
) -> Lane:
    bars = []
    for each in plan.overrides_as_created:
        stop = min(each.end, each.cancelled_at or each.end)
        if each.start < end and stop > max(start, each.start):
            bars.append(_override_bar(each, stop, names))
    return Lane("overrides", "override", sorted(bars, key=lambda bar: bar.starts_at))


def _override_bar(each: Override, stop: datetime, names: dict[PersonId, str]) -> Bar:
    person = each.remove_user if each.add_user is None else each.add_user
    name = names.get(person, "")
    return Bar(
        each.start,
        stop,
        person,
        f"{WITHOUT}{name}" if each.add_user is None else name,
        each.role or "every role",
        each.key if isinstance(each.key, int) else None,
    )
