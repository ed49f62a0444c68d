"""What must hold before shifts change hands, each refusal with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.domain import schedule as domain
from oncall.domain import swap as rules
from oncall.domain.swap import Leg, Parties
from oncall.models import Membership, Schedule, SwapLeg, SwapRequest, User
from oncall.queries.absences import away_in_swap
from oncall.queries.editing import roles_of
from oncall.queries.loading import load_schedule
from oncall.queries.schedules import name_people
from oncall.services import swap_news
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.moments import say_moment

MOST_LEGS = 20
LONGEST_AHEAD = timedelta(days=366)
State = SwapRequest.State


@dataclass(frozen=True, slots=True)
class SwapForm:
    """A swap as it is asked for; without ``asked_id`` the whole team is asked."""

    legs: tuple[Leg, ...]
    asked_id: int | None = None
    reason: str = ""


def require_sound(
    schedule: Schedule, form: SwapForm, *, requester: User, now: datetime
) -> domain.Schedule:
    """Return the schedule's plan when the form can be asked for.

    Raises PortalError with the field at fault, or Refused.
    """
    _require_form(schedule, form, now=now)
    if form.asked_id == requester.pk:
        raise PortalError("Choose somebody else.", field="asked")
    people = [requester.pk, *([form.asked_id] if form.asked_id else [])]
    require_working(people, schedule.team_id)
    plan = load_schedule(schedule.pk)
    require_possible(plan, form.legs, Parties(requester.pk, form.asked_id), now=now)
    return plan


def _require_form(schedule: Schedule, form: SwapForm, *, now: datetime) -> None:
    if all(leg.is_return for leg in form.legs) or len(form.legs) > MOST_LEGS:
        raise PortalError(
            f"Choose one to {MOST_LEGS} shifts to give away.", field="shifts"
        )
    if form.asked_id is None and any(leg.is_return for leg in form.legs):
        raise PortalError(
            "Shifts in return come from one person: choose whom to ask.",
            field="returns",
        )
    known = roles_of(schedule)
    for leg in form.legs:
        if leg.role not in known:
            raise PortalError(f"There is no role “{leg.role}”.", field="shifts")
        if not now < leg.start < leg.end <= now + LONGEST_AHEAD:
            raise PortalError(
                "A shift to swap begins after now and ends within a year. Of one "
                "that has begun, give away the rest from a later moment.",
                field="shifts",
            )
    if rules.find_overlap(form.legs):
        raise PortalError("The same time is chosen twice.", field="shifts")


def require_working(people: Sequence[int], team_id: int) -> None:
    """Raise PortalError unless all are active responders of the team."""
    found = Membership.objects.filter(
        team=team_id,
        user__in=people,
        user__is_active=True,
        role__in=swap_news.WORKING_ROLES,
    )
    if found.count() < len(people):
        raise PortalError(
            "Only active responders of the team swap shifts.", field="asked"
        )


def require_once(schedule: Schedule, form: SwapForm, requester: User) -> None:
    """Raise Refused when the requester asks for one of the shifts already."""
    rows = SwapLeg.objects.filter(
        request__schedule=schedule,
        request__requester=requester,
        request__state=State.OPEN,
        is_return=False,
    )
    for leg in form.legs:
        same = rows.filter(role=leg.role, starts_at__lt=leg.end, ends_at__gt=leg.start)
        if not leg.is_return and same.exists():
            raise Refused(
                "You ask for this shift already. Cancel that request first.",
                code="asked_already",
            )


def require_possible(
    plan: domain.Schedule, legs: Sequence[Leg], parties: Parties, *, now: datetime
) -> None:
    """Raise Refused unless every giver holds, and no receiver serves twice."""
    for leg in legs:
        require_held(plan, leg, parties.giver(leg), now=now)
    if parties.taker is not None:
        after = rules.apply_swap(plan, legs, parties, at=now)
        refuse_doubling(plan, after, legs, parties)


def require_held(
    plan: domain.Schedule, leg: Leg, giver: domain.PersonId, *, now: datetime
) -> None:
    """Raise Refused, naming what changed, unless `giver` holds the whole leg."""
    found = rules.find_break(plan, leg, giver)
    if found is None:
        return
    names = name_people([giver, *found.holders])
    holders = " and ".join(names.get(each, "") for each in found.holders) or "nobody"
    at = say_moment(found.at, _zone(plan), now=now, form="full")
    raise Refused(
        f"The roster changed: from {at} {holders} is {leg.role}, "
        f"not {names.get(giver, '')}. Ask anew for what is there now.",
        code="changed",
    )


def refuse_doubling(
    before: domain.Schedule,
    after: domain.Schedule,
    legs: Sequence[Leg],
    parties: Parties,
) -> None:
    """Raise Refused when a receiver would be on call twice at once."""
    found = rules.find_doubling(before, after, legs, parties)
    if found is None:
        return
    name = name_people([found.user]).get(found.user, "")
    at = say_moment(found.at, _zone(before), now=None, form="full")
    both = " and ".join(dict.fromkeys(found.roles))
    raise Refused(
        f"{name} would be on call twice from {at} ({both}). Choose other shifts.",
        code="twice",
    )


def refuse_absence(
    plan: domain.Schedule, legs: Sequence[Leg], parties: Parties, what_to_do: str
) -> None:
    """Raise Refused when the taker is away in a shift that they would receive."""
    taken = rules.received(legs, parties, parties.taker)
    for row in away_in_swap(taken, parties):
        start, end = (
            say_moment(at, _zone(plan), now=None, form="full")
            for at in (row.starts_at, row.ends_at)
        )
        raise Refused(
            f"{row.name} is away from {start} to {end}. {what_to_do}", code="away"
        )


def _zone(plan: domain.Schedule) -> ZoneInfo:
    return ZoneInfo(str(plan.zone))
