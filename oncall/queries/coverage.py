"""Gaps, and people on call whom nobody can reach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.domain.coverage import unreachable
from oncall.domain.coverage_watch import find_unplanned_gaps
from oncall.domain.rotation import timeline
from oncall.domain.schedule import PersonId
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.stretch import join_segments
from oncall.models import ContactMethod, Schedule, User
from oncall.queries.loading import load_schedule, load_schedules
from oncall.queries.naming import people_in

# As far ahead as pages look.
SIGHT = timedelta(days=90)
# A shift is followed this far beyond, to say when it really ends.
BEYOND = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch in which nobody holds an expected role, and somebody should."""

    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class UnreachableRow:
    """A shift of somebody without a verified contact method or an active account."""

    user_id: int
    name: str
    is_active: bool
    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What one schedule lacks."""

    schedule_id: int
    slug: str
    name: str
    gaps: list[GapRow]
    unreachable: list[UnreachableRow]


@dataclass(frozen=True, slots=True)
class People:
    """Whom schedules name: what they are called, who is active, who is reached."""

    names: dict[PersonId, str]
    active: frozenset[int]
    reachable: frozenset[int]


def know_people(plans: Iterable[Plan]) -> People:
    """Return the people of schedules, with two queries however many there are."""
    ids = {each for plan in plans for each in people_in(plan)}
    if not ids:
        return People({}, frozenset(), frozenset())
    users = list(User.objects.filter(pk__in=ids))
    verified = set(
        ContactMethod.objects.filter(user__in=ids, verified_at__isnull=False)
        .order_by()
        .values_list("user_id", flat=True)
    )
    active = frozenset(user.pk for user in users if user.is_active)
    names: dict[PersonId, str] = {user.pk: user.display_name for user in users}
    return People(names, active, active & verified)


def gaps_of(plan: Plan, start: datetime, end: datetime) -> list[GapRow]:
    """Return the gaps of a schedule that is loaded, or only imagined.

    Hours in which a role is empty by design are none.
    """
    return [
        GapRow(part.role, part.start, part.end)
        for part in find_unplanned_gaps(plan, start, end)
    ]


def coverage_gaps(schedule_pk: int, start: datetime, end: datetime) -> list[GapRow]:
    """Return when an expected role is empty within start <= t < end."""
    return gaps_of(load_schedule(schedule_pk), start, end)


def unreachable_of(
    plan: Plan, people: People, start: datetime, end: datetime
) -> list[UnreachableRow]:
    """Return the shifts of people who are not reached that begin before ``end``."""
    if people_in(plan) <= people.reachable:
        return []
    parts = unreachable(
        timeline(plan, start, end + BEYOND), lambda user: user in people.reachable
    )
    return [
        UnreachableRow(
            user_id=each.user,  # type: ignore[arg-type]  # ours are integers
            name=people.names.get(each.user, ""),
            is_active=each.user in people.active,
            role=each.role,
            starts_at=each.start,
            ends_at=each.end,
        )
        for each in join_segments(parts)
        if each.start < end
    ]


def unreachable_shifts(
    schedule_pk: int, start: datetime, end: datetime
) -> list[UnreachableRow]:
    """Return the same of a schedule by its key."""
    plan = load_schedule(schedule_pk)
    return unreachable_of(plan, know_people([plan]), start, end)


def team_coverage(team_pk: int, now: datetime) -> list[CoverageRow]:
    """Return what the team's active schedules lack within sight, by name."""
    rows = list(Schedule.objects.filter(team=team_pk, is_active=True).order_by("name"))
    plans = load_schedules([row.pk for row in rows], since=now)
    people = know_people(plans.values())
    end = now + SIGHT
    return [
        CoverageRow(
            row.pk,
            row.slug,
            row.name,
            gaps_of(plans[row.pk], now, end),
            unreachable_of(plans[row.pk], people, now, end),
        )
        for row in rows
    ]
