"""Who is on call: flat rows for pages, from the one kernel of the domain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from oncall.domain.plan import SHADOW
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import PersonId
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.stretch import Stretch, join_segments
from oncall.models import Membership, Override, RotationMember, Schedule
from oncall.queries.coverage import (
    GapRow,
    UnreachableRow,
    coverage_gaps,
    gaps_of,
    know_people,
    unreachable_of,
)
from oncall.queries.lanes import Bar, Lane, next_shifts, schedule_lanes
from oncall.queries.loading import load_schedule, load_schedules
from oncall.queries.naming import initials_of, name_people, names_in, people_in

__all__ = [
    "AHEAD",
    "Bar",
    "BoardRow",
    "GapRow",
    "HandoffRow",
    "Lane",
    "OnCallRow",
    "coverage_gaps",
    "find_schedule",
    "gaps_of",
    "name_people",
    "next_handoff_row",
    "next_shifts",
    "on_call_board",
    "on_call_in",
    "on_call_of",
    "own_first",
    "people_on_call",
    "schedule_lanes",
    "taken_until",
    "teams_with",
    "users_on_call",
]

AHEAD = timedelta(days=7)
# A shift that goes on for longer is shown without an end.
SIGHT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OnCallRow:
    """One person on call in one role; ``until`` is None where no end is in sight."""

    role: str
    user_id: int
    name: str
    initials: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class HandoffRow:
    """The next change: when, and who is on call from then."""

    at: datetime
    incoming: list[OnCallRow]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One schedule on a board of who is on call."""

    schedule_id: int
    slug: str
    name: str
    team_id: int
    team_name: str
    time_zone: str
    on_call: list[OnCallRow]
    missing_roles: list[str]
    handoff: HandoffRow | None
    gaps: list[GapRow]
    unreachable: list[UnreachableRow]
    # Everybody in its rotations and overrides: whose schedule it is.
    people: frozenset[int]


def users_on_call(
    schedule_pk: int, now: datetime, role: str | None = None
) -> list[OnCallRow]:
    """Return who is on call, in ``role`` or in all but shadow, the first role first."""
    rows = on_call_in([schedule_pk], now).get(schedule_pk, [])
    if role is None:
        return [row for row in rows if row.role != SHADOW]
    return [row for row in rows if row.role == role]


def on_call_in(
    schedule_pks: Iterable[int], now: datetime
) -> dict[int, list[OnCallRow]]:
    """Return who is on call by schedule, with the same few queries for many."""
    plans = load_schedules(schedule_pks, since=now)
    names = names_in(plans.values())
    return {
        pk: _on_call_rows(plan, now, names, _look_ahead(plan, now))
        for pk, plan in plans.items()
    }


def on_call_board(team_ids: Iterable[int], now: datetime) -> list[BoardRow]:
    """Return the active schedules of the teams: who now, what next, gaps ahead."""
    rows = list(
        Schedule.objects.filter(team__in=list(team_ids), is_active=True)
        .select_related("team")
        .order_by("team__name", "name")
    )
    plans = load_schedules([row.pk for row in rows], since=now)
    people = know_people(plans.values())
    board = []
    for row in rows:
        plan = plans[row.pk]
        ahead = _look_ahead(plan, now)
        gaps = gaps_of(plan, now, now + AHEAD)
        board.append(
            BoardRow(
                schedule_id=row.pk,
                slug=row.slug,
                name=row.name,
                team_id=row.team_id,
                team_name=row.team.name,
                time_zone=row.time_zone,
                on_call=_on_call_rows(plan, now, people.names, ahead),
                missing_roles=[gap.role for gap in gaps if gap.starts_at <= now],
                handoff=_handoff_in(plan, people.names, ahead),
                gaps=gaps,
                unreachable=unreachable_of(plan, people, now, now + AHEAD),
                people=frozenset(people_in(plan)),
            )
        )
    return board


def on_call_of(
    plan: Plan, now: datetime, names: dict[PersonId, str]
) -> list[OnCallRow]:
    """Return who is on call in a schedule that is loaded."""
    return _on_call_rows(plan, now, names, _look_ahead(plan, now))


def takes_part(user_pk: int, now: datetime) -> bool:
    """Say whether a person stands in any rotation, or stands in for somebody."""
    return (
        RotationMember.objects.filter(user=user_pk).exists()
        or Override.objects.filter(add_user=user_pk, ends_at__gt=now).exists()
    )


def own_first(
    board: Iterable[BoardRow], user_pk: int, own_teams: Iterable[int]
) -> list[BoardRow]:
    """Order a board for one viewer: own teams, therein own schedules, then by name."""
    mine = frozenset(own_teams)
    return sorted(
        board,
        key=lambda row: (
            row.team_id not in mine,
            user_pk not in row.people,
            row.team_name,
            row.name,
        ),
    )


def teams_with(user_pk: int) -> frozenset[int]:
    """Return the ids of the teams that a person is a member of."""
    rows = Membership.objects.filter(user=user_pk).order_by()
    return frozenset(rows.values_list("team_id", flat=True))


def taken_until(schedule_pk: int, user_pk: int, now: datetime) -> datetime | None:
    """Return the end of what a person took over and still has, if anything."""
    rows = Override.objects.filter(
        schedule=schedule_pk,
        add_user=user_pk,
        source=Override.Source.TAKE,
        cancelled_at=None,
        starts_at__lte=now,
        ends_at__gt=now,
    )
    return rows.order_by("-ends_at").values_list("ends_at", flat=True).first()


def find_schedule(slug: str, team_ids: Iterable[int]) -> int | None:
    """Return the key of a schedule of one of the teams."""
    rows = Schedule.objects.filter(slug=slug, team__in=list(team_ids))
    return rows.values_list("pk", flat=True).first()


def people_on_call(schedule_pk: int, start: datetime, end: datetime) -> set[int]:
    """Return the ids of everybody who is on call at some time within [start, end)."""
    parts = timeline(load_schedule(schedule_pk), start, end)
    return {part.user for part in parts if isinstance(part.user, int)}


def next_handoff_row(
    plan: Plan, now: datetime, names: dict[PersonId, str] | None = None
) -> HandoffRow | None:
    """Return the next change of who is on call, with the people after it."""
    known = names_in([plan]) if names is None else names
    return _handoff_in(plan, known, _look_ahead(plan, now))


class _Ahead(NamedTuple):
    """What is in sight of ``now``: one timeline says until when and who is next."""

    now: datetime
    limit: datetime
    stretches: list[Stretch]


def _look_ahead(plan: Plan, now: datetime) -> _Ahead:
    limit = now + SIGHT
    return _Ahead(now, limit, join_segments(timeline(plan, now, limit)))


def _handoff_in(
    plan: Plan, names: dict[PersonId, str], ahead: _Ahead
) -> HandoffRow | None:
    held = [each for each in ahead.stretches if each.user is not None]
    edges = {edge for each in held for edge in (each.start, each.end)}
    at = min((edge for edge in edges if ahead.now < edge < ahead.limit), default=None)
    return HandoffRow(at, _on_call_rows(plan, at, names, ahead)) if at else None


def _on_call_rows(
    plan: Plan, at: datetime, names: dict[PersonId, str], ahead: _Ahead
) -> list[OnCallRow]:
    ends = {
        (each.role, each.user): each.end if each.end < ahead.limit else None
        for each in ahead.stretches
        if each.start <= at < each.end
    }
    rows = []
    for line in users_at(plan, at):
        name = names.get(line.user, "")
        rows.append(
            OnCallRow(
                role=line.role,
                user_id=line.user,  # type: ignore[arg-type]  # ours are integers
                name=name,
                initials=initials_of(name),
                until=ends.get((line.role, line.user)),
            )
        )
    return rows
