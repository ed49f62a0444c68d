"""What people are told of a swap."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from oncall.models import Membership, Role, SwapLeg, SwapRequest, User
from oncall.services.notifications import cancel, enqueue
from opsportal.kit.moments import say_moment

WORKING_ROLES = (Role.RESPONDER, Role.MANAGER)


def people_asked(swap: SwapRequest) -> list[User]:
    """Return who can take it: the person asked, or everybody else on duty's team."""
    if swap.asked is not None:
        return [swap.asked]
    members = Membership.objects.filter(
        team=swap.schedule.team_id, role__in=WORKING_ROLES, user__is_active=True
    ).exclude(user=swap.requester)
    return [row.user for row in members.select_related("user")]


def tell_asked(swap: SwapRequest, legs: Iterable[SwapLeg], *, now: datetime) -> None:
    """Ask those who can take it."""
    known = list(legs)
    for person in people_asked(swap):
        _tell(
            swap,
            person,
            what="asked",
            subject=f"{swap.requester} asks you to take a shift: {swap.schedule}",
            text=_sentence(swap, known, person),
            now=now,
        )


def tell_decision(swap: SwapRequest, people: Iterable[User], *, now: datetime) -> None:
    """Tell people what became of it; what still waits to be sent is dropped."""
    cancel(topic_of(swap), reason=f"The swap is {swap.state}", now=now)
    what = f"{swap.state}:{now:%Y%m%d%H%M%S}"
    legs = list(swap.legs.all())
    for person in people:
        _tell(
            swap,
            person,
            what=what,
            subject=f"Swap {swap.state}: {swap.schedule}",
            text=_sentence(swap, legs, person),
            now=now,
        )


def topic_of(swap: SwapRequest) -> str:
    """Return the topic of all messages about a swap."""
    return f"swap:{swap.pk}"


def _tell(
    swap: SwapRequest,
    person: User,
    *,
    what: str,
    subject: str,
    text: str,
    now: datetime,
) -> None:
    enqueue(
        team_id=swap.schedule.team_id,
        topic=topic_of(swap),
        dedupe_key=f"{topic_of(swap)}:{what}:{person.pk}",
        recipient=person,
        subject=subject,
        text=text,
        url=reverse("swap_detail", args=[swap.pk]),
        now=now,
    )


def _sentence(swap: SwapRequest, legs: list[SwapLeg], person: User) -> str:
    zone = ZoneInfo(person.time_zone)
    given = [_say(leg, zone) for leg in legs if not leg.is_return]
    returned = [_say(leg, zone) for leg in legs if leg.is_return]
    taker = swap.taker or swap.asked
    lines = [f"{swap.requester} gives to {taker or 'whoever takes it'}:", *given]
    if returned:
        lines += ["and gets in return:", *returned]
    lines += [text for text in (swap.reason, swap.answer) if text]
    return "\n".join(lines)


def _say(leg: SwapLeg, zone: ZoneInfo) -> str:
    begin = say_moment(leg.starts_at, zone, now=None, form="full")
    end = say_moment(leg.ends_at, zone, now=None, form="full")
    return f"- {leg.role}, {begin} to {end}"
