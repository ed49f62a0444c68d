"""Swaps: asking for one, taking it, and what else becomes of it.

Taking looks once more whether every stretch is still held as it was, and makes all
overrides in the transaction that decides the request: all of a swap happens or nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from oncall.domain import swap as rules
from oncall.domain.swap import Leg, Parties
from oncall.models import Override, Schedule, SwapLeg, SwapRequest, User
from oncall.queries.loading import load_schedule
from oncall.queries.swaps import SwapChange, compare_swap
from oncall.services import swap_news
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.swap_checks import (
    SwapForm,
    refuse_absence,
    refuse_doubling,
    require_held,
    require_once,
    require_possible,
    require_sound,
    require_working,
)
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError, Refused

UNDO_FOR = timedelta(days=30)
State = SwapRequest.State
_ACTS = {State.DECLINED: "decline", State.CANCELLED: "cancel"}


def request_swap(
    schedule: Schedule, form: SwapForm, *, by: User, now: datetime
) -> SwapRequest:
    """Ask one person, or the team, to take shifts of ``by``.

    Raises PortalError with the field at fault, Refused when a shift is not (or no
    longer) held by who would give it, or somebody would be on call twice at once.
    """
    with transaction.atomic():
        touch_team(schedule.team_id)
        require_sound(schedule, form, requester=by, now=now)
        require_once(schedule, form, by)
        swap = _save(schedule, form, requester=by, now=now)
        _record("request", swap, by=by, now=now, after=_describe(swap, form))
        swap_news.tell_asked(swap, swap.legs.all(), now=now)
    return swap


def force_swap(
    schedule: Schedule, form: SwapForm, *, requester: User, by: User, now: datetime
) -> SwapRequest:
    """Carry a swap out at once on a manager's word; it is recorded as such.

    ``form.asked_id`` takes the shifts of ``requester``. Raises like request_swap, and
    Refused when they are away then: nobody asks them.
    """
    if form.asked_id is None:
        raise PortalError("Choose who takes the shifts.", field="asked")
    with transaction.atomic():
        touch_team(schedule.team_id)
        plan = require_sound(schedule, form, requester=requester, now=now)
        refuse_absence(
            plan, form.legs, Parties(requester.pk, form.asked_id),
            "Choose somebody who is there.",
        )  # fmt: skip
        swap = _save(schedule, form, requester=requester, now=now)
        _settle(swap, State.TAKEN, now, answer=f"Decided by {by}", taker=swap.asked)
        _make_overrides(swap, form.legs, by=by, now=now)
        _record("force", swap, by=by, now=now, after=_describe(swap, form))
        people = {each.pk: each for each in (requester, swap.taker) if each}
        people.pop(by.pk, None)
        swap_news.tell_decision(swap, people.values(), now=now)
    return swap


def preview_swap(
    schedule: Schedule, form: SwapForm, *, requester: User, now: datetime
) -> list[SwapChange]:
    """Return whose hours the swap would change; writes nothing. Raises like taking.

    With nobody chosen yet only the requester is known.
    """
    plan = require_sound(schedule, form, requester=requester, now=now)
    return compare_swap(plan, form.legs, Parties(requester.pk, form.asked_id), at=now)


def take_swap(
    swap: SwapRequest, *, by: User, now: datetime, though_away: bool = False
) -> SwapRequest:
    """Take what was asked for: every leg becomes an override, all at once.

    Raises Refused when it is not open any more, was not asked of ``by``, a shift is
    not held as it was, somebody would be on call twice at once, or ``by`` is away
    then and does not say that they take it ``though_away``.
    """
    with transaction.atomic():
        # The row lock of the team puts takers and editors of the roster in turn.
        touch_team(swap.schedule.team_id)
        if swap.requester_id == by.pk or swap.asked_id not in {None, by.pk}:
            raise Refused("This swap is asked of somebody else.", code="not_asked")
        require_working([by.pk], swap.schedule.team_id)
        _settle(swap, State.TAKEN, now, taker=by)
        legs = legs_of(swap)
        plan = load_schedule(swap.schedule_id)
        parties = Parties(swap.requester_id, by.pk)
        require_possible(plan, legs, parties, now=now)
        if not though_away:
            refuse_absence(plan, legs, parties, "Take it all the same, or leave it.")
        _make_overrides(swap, legs, by=by, now=now)
        _record("take", swap, by=by, now=now)
        swap_news.tell_decision(swap, [swap.requester, by], now=now)
    return swap


def decline_swap(
    swap: SwapRequest, *, by: User, now: datetime, answer: str = ""
) -> SwapRequest:
    """Say no, as the one person who is asked. Raises Refused for anybody else."""
    if swap.asked_id != by.pk:
        raise Refused("Only the person who is asked can decline.", code="not_asked")
    return _close(swap, State.DECLINED, by=by, now=now, answer=answer)


def cancel_swap(swap: SwapRequest, *, by: User, now: datetime) -> SwapRequest:
    """Take the wish back while nobody took it. Raises Refused when it is decided."""
    return _close(swap, State.CANCELLED, by=by, now=now, answer="")


def undo_swap(swap: SwapRequest, *, by: User, now: datetime) -> SwapRequest:
    """Give every shift back, within 30 days and while all of them are ahead.

    Raises Refused when it is too late, or the shifts changed hands once more.
    """
    with transaction.atomic():
        touch_team(swap.schedule.team_id)
        legs = legs_of(swap)
        if swap.taker_id is None or rules.span_of(legs)[0] <= now:
            raise Refused("Shifts that have begun are not given back.", code="over")
        won = SwapRequest.objects.filter(
            pk=swap.pk, state=State.TAKEN, decided_at__gt=now - UNDO_FOR
        ).update(state=State.CANCELLED, answer=f"Undone by {by}"[:250])
        if not won:
            raise Refused("This swap cannot be undone any more.", code="over")
        _give_back(swap, legs, now=now)
        _record("undo", swap, by=by, now=now)
        swap.refresh_from_db()
        people = [each for each in (swap.requester, swap.taker) if each]
        swap_news.tell_decision(swap, people, now=now)
    return swap


def expire_swaps(*, now: datetime) -> int:
    """End open requests whose first shift begins; return how many."""
    due = SwapRequest.objects.filter(state=State.OPEN, expires_at__lte=now)
    keys = list(due.order_by("expires_at").values_list("pk", flat=True)[:500])
    return sweep_each(keys, lambda key: _expire(key, now), what="swap_expiry")


def legs_of(swap: SwapRequest) -> tuple[Leg, ...]:
    """Return the legs as values."""
    return tuple(
        Leg(row.role, row.starts_at, row.ends_at, row.is_return)
        for row in swap.legs.all()
    )


def _expire(key: int, now: datetime) -> int:
    with transaction.atomic():
        won = SwapRequest.objects.filter(pk=key, state=State.OPEN).update(
            state=State.EXPIRED, decided_at=now
        )
        if not won:
            return 0
        swap = SwapRequest.objects.select_related("schedule", "requester").get(pk=key)
        touch_team(swap.schedule.team_id)
        record_change(
            "swap.expire", swap, by=None, now=now, team_id=swap.schedule.team_id
        )
        swap_news.tell_decision(swap, [swap.requester], now=now)
    return 1


def _close(
    swap: SwapRequest, state: State, *, by: User, now: datetime, answer: str
) -> SwapRequest:
    with transaction.atomic():
        touch_team(swap.schedule.team_id)
        _settle(swap, state, now, answer=answer)
        _record(_ACTS[state], swap, by=by, now=now)
        told = [swap.requester] if by.pk != swap.requester_id else []
        swap_news.tell_decision(swap, told, now=now)
    return swap


def _settle(
    swap: SwapRequest,
    state: State,
    now: datetime,
    *,
    answer: str = "",
    taker: User | None = None,
) -> None:
    """Decide an open request once; the update's count says who was first."""
    won = SwapRequest.objects.filter(
        pk=swap.pk, state=State.OPEN, expires_at__gt=now
    ).update(state=state, decided_at=now, answer=answer[:250], taker=taker)
    swap.refresh_from_db()
    if not won:
        what = swap.get_state_display().lower() if swap.state != State.OPEN else "over"
        who = f" by {swap.taker}" if swap.taker else ""
        raise Refused(f"This swap is {what}{who} already.", code="decided")


def _save(
    schedule: Schedule, form: SwapForm, *, requester: User, now: datetime
) -> SwapRequest:
    swap = SwapRequest.objects.create(
        schedule=schedule,
        requester=requester,
        asked_id=form.asked_id,
        reason=form.reason,
        created_at=now,
        expires_at=rules.span_of(form.legs)[0],
    )
    SwapLeg.objects.bulk_create(
        SwapLeg(
            request=swap,
            role=leg.role,
            starts_at=leg.start,
            ends_at=leg.end,
            is_return=leg.is_return,
        )
        for leg in form.legs
    )
    return swap


def _make_overrides(
    swap: SwapRequest, legs: Sequence[Leg], *, by: User, now: datetime
) -> None:
    parties = Parties(swap.requester_id, swap.taker_id)
    Override.objects.bulk_create(
        Override(
            schedule_id=swap.schedule_id,
            starts_at=leg.start,
            ends_at=leg.end,
            role=leg.role,
            remove_user_id=parties.giver(leg),  # type: ignore[misc]  # ours are integers
            add_user_id=parties.receiver(leg),
            reason=swap.reason,
            source=Override.Source.SWAP,
            swap=swap,
            created_by=by,
            created_at=now,
        )
        for leg in legs
    )


def _give_back(swap: SwapRequest, legs: Sequence[Leg], *, now: datetime) -> None:
    """Cancel the overrides, when the shifts are still where the swap put them."""
    plan = load_schedule(swap.schedule_id)
    made = Override.objects.filter(swap=swap, cancelled_at=None)
    keys = set(made.values_list("pk", flat=True))
    back = Parties(swap.taker_id, swap.requester_id)
    for leg in legs:
        require_held(plan, leg, back.giver(leg), now=now)
    after = replace(
        plan, overrides=tuple(each for each in plan.overrides if each.key not in keys)
    )
    refuse_doubling(plan, after, legs, back)
    made.update(cancelled_at=now)


def _record(
    what: str, swap: SwapRequest, *, by: User, now: datetime, **change: Any
) -> None:
    record_change(
        f"swap.{what}",
        swap,
        by=by,
        now=now,
        team_id=swap.schedule.team_id,
        **change,
    )


def _describe(swap: SwapRequest, form: SwapForm) -> dict[str, Any]:
    return {
        "requester": swap.requester_id,
        "asked": form.asked_id,
        "legs": [
            {
                "role": leg.role,
                "starts_at": leg.start.isoformat(),
                "ends_at": leg.end.isoformat(),
                "is_return": leg.is_return,
            }
            for leg in form.legs
        ],
    }
