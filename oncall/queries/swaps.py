"""What pages show of swaps and of the shifts that people could exchange."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from oncall.domain import coverage
from oncall.domain import schedule as domain
from oncall.domain import swap as rules
from oncall.domain.rotation import timeline
from oncall.domain.swap import Held, Leg, Parties
from oncall.models import Schedule, SwapLeg, SwapRequest
from oncall.queries.loading import load_schedule, load_schedules
from oncall.queries.schedules import name_people

AHEAD = timedelta(days=90)
SHOWN_FOR = timedelta(days=30)
_WHOLE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class SwapChange:
    """What a swap gives one person in one role, and what it takes away."""

    name: str
    role: str
    gained: timedelta
    lost: timedelta


@dataclass(frozen=True, slots=True)
class LegRow:
    """One stretch of a swap."""

    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SwapRow:
    """A swap request with its stretches; ``asked`` is "" for the whole team."""

    pk: int
    schedule_slug: str
    schedule_name: str
    team_id: int
    requester_id: int
    requester: str
    asked_id: int | None
    asked: str
    taker_id: int | None
    taker: str
    state: str
    state_label: str
    reason: str
    answer: str
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    given: list[LegRow]
    returned: list[LegRow]

    @property
    def tone(self) -> str:
        """The colour of the state."""
        return {"open": "acc", "taken": "ok", "declined": "warn"}.get(self.state, "")

    @property
    def was_undone(self) -> bool:
        """Whether it was taken and given back."""
        return self.state == SwapRequest.State.CANCELLED and self.taker_id is not None


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A coming shift of a person in one schedule."""

    schedule_id: int
    schedule_slug: str
    schedule_name: str
    team_id: int
    role: str
    user_id: int
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> str:
        """What names it in a form: whose, in which role, and until when.

        Of a shift in progress only the rest is read, so its start says nothing.
        """
        return f"{self.user_id}|{self.role}|{self.ends_at:%Y%m%dT%H%MZ}"


def swap_rows(rows: QuerySet[SwapRequest]) -> list[SwapRow]:
    """Return swaps flat, with two queries."""
    wanted = rows.select_related("schedule", "requester", "asked", "taker")
    return [swap_row(each) for each in wanted.prefetch_related("legs")]


def open_swaps(
    team_ids: Iterable[int], now: datetime, *, schedule_pk: int | None = None
) -> list[SwapRow]:
    """Return what can still be taken in the teams, or in one schedule, soonest first.

    For the part ``oncall/_swap_cards.html``.
    """
    rows = SwapRequest.objects.filter(
        schedule__team__in=list(team_ids),
        state=SwapRequest.State.OPEN,
        expires_at__gt=now,
    )
    if schedule_pk is not None:
        rows = rows.filter(schedule=schedule_pk)
    # Mostly there are none; asking for whole ones costs three times as much.
    return swap_rows(rows.order_by("expires_at", "pk")) if rows.exists() else []


def decided_swaps(team_ids: Iterable[int], now: datetime) -> list[SwapRow]:
    """Return what was decided within 30 days, newest first."""
    rows = SwapRequest.objects.filter(
        Q(decided_at__gt=now - SHOWN_FOR), schedule__team__in=list(team_ids)
    ).exclude(state=SwapRequest.State.OPEN)
    return swap_rows(rows.order_by("-decided_at", "-pk"))


def find_swap(pk: int, team_ids: Iterable[int]) -> SwapRequest | None:
    """Return a swap of one of the teams, with its schedule and people."""
    return (
        SwapRequest.objects.filter(pk=pk, schedule__team__in=list(team_ids))
        .select_related("schedule__team", "requester", "asked", "taker")
        .first()
    )


def find_schedule_row(slug: str, team_ids: Iterable[int]) -> Schedule | None:
    """Return a schedule of one of the teams."""
    rows = Schedule.objects.filter(slug=slug, team__in=list(team_ids))
    return rows.select_related("team").first()


def shifts_ahead(
    schedule: Schedule, now: datetime, *, days: timedelta = AHEAD
) -> list[ShiftRow]:
    """Return everybody's shifts of one schedule that are not over, soonest first."""
    plan = load_schedule(schedule.pk)
    return _shifts_ahead(schedule, plan, now, days)


def shifts_of(
    user_id: int, team_ids: Iterable[int], now: datetime, *, days: timedelta = AHEAD
) -> list[ShiftRow]:
    """Return a person's shifts that are not over in all schedules, soonest first."""
    rows = Schedule.objects.filter(team__in=list(team_ids), is_active=True)
    plans = load_schedules([row.pk for row in rows], since=now)
    found = [
        shift
        for row in rows
        for shift in _shifts_ahead(row, plans[row.pk], now, days)
        if shift.user_id == user_id
    ]
    return sorted(found, key=lambda shift: shift.starts_at)


def compare_swap(
    plan: domain.Schedule, legs: Iterable[Leg], parties: Parties, *, at: datetime
) -> list[SwapChange]:
    """Return whose hours a swap changes, by name and role.

    Without a taker only what the requester would give away.
    """
    known = list(legs)
    start, end = rules.span_of(known)
    after = rules.apply_swap(plan, known, parties, at=at)
    changes = coverage.diff(timeline(plan, start, end), timeline(after, start, end))
    names = name_people(change.user for change in changes)
    rows = [
        SwapChange(names.get(each.user, ""), each.role, each.gained, each.lost)
        for each in changes
    ]
    return sorted(rows, key=lambda row: (row.name, row.role))


def _shifts_ahead(
    schedule: Schedule, plan: domain.Schedule, now: datetime, days: timedelta
) -> list[ShiftRow]:
    # The same all day long, so that a shift without an end keeps its key; and some
    # more, so that the last one is whole.
    sight = now.replace(hour=0, minute=0, second=0, microsecond=0) + days
    found = shifts_in(schedule, plan, now, sight + _WHOLE)
    return [shift for shift in found if shift.starts_at < sight]


def shifts_in(
    schedule: Schedule, plan: domain.Schedule, start: datetime, end: datetime
) -> list[ShiftRow]:
    """Return everybody's shifts of a plan of the schedule within [start, end)."""
    # A shift in progress began before; one that goes on ends at the edge of sight.
    held = rules.held_shifts(timeline(plan, start, end))
    return [_shift(schedule, each) for each in held if isinstance(each.user, int)]


def _shift(schedule: Schedule, held: Held) -> ShiftRow:
    return ShiftRow(
        schedule_id=schedule.pk,
        schedule_slug=schedule.slug,
        schedule_name=schedule.name,
        team_id=schedule.team_id,
        role=held.role,
        user_id=held.user,  # type: ignore[arg-type]  # ours are integers
        starts_at=held.start,
        ends_at=held.end,
    )


def swap_row(swap: SwapRequest) -> SwapRow:
    """Return one swap flat."""
    legs = list(swap.legs.all())
    return SwapRow(
        pk=swap.pk,
        schedule_slug=swap.schedule.slug,
        schedule_name=swap.schedule.name,
        team_id=swap.schedule.team_id,
        requester_id=swap.requester_id,
        requester=swap.requester.display_name,
        asked_id=swap.asked_id,
        asked=swap.asked.display_name if swap.asked else "",
        taker_id=swap.taker_id,
        taker=swap.taker.display_name if swap.taker else "",
        state=swap.state,
        state_label=swap.get_state_display(),
        reason=swap.reason,
        answer=swap.answer,
        created_at=swap.created_at,
        expires_at=swap.expires_at,
        decided_at=swap.decided_at,
        given=[_leg(leg) for leg in legs if not leg.is_return],
        returned=[_leg(leg) for leg in legs if leg.is_return],
    )


def _leg(leg: SwapLeg) -> LegRow:
    return LegRow(leg.role, leg.starts_at, leg.ends_at)


def preview_open(
    swap: SwapRequest, taker_id: int | None, *, now: datetime
) -> list[SwapChange]:
    """Return whose hours change when a person takes an open swap."""
    legs = [
        Leg(row.role, row.starts_at, row.ends_at, row.is_return)
        for row in swap.legs.all()
    ]
    plan = load_schedule(swap.schedule_id)
    return compare_swap(plan, legs, Parties(swap.requester_id, taker_id), at=now)
