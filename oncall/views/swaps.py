"""Swaps: what is open, asking for one, and answering."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oncall import queries
from oncall.access import (
    MEMBER,
    PortalRequest,
    authorize,
    declares,
    may,
    teams_allowing,
)
from oncall.domain.swap import Parties
from oncall.forms.swaps import AnswerForm, SwapForm
from oncall.models import Schedule, SwapRequest, User
from oncall.queries import swaps as reading
from oncall.queries.absences import AwayRow, away_in_swap
from oncall.services import swaps
from oncall.views.finding import find_schedule, team_ids
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say


@declares(MEMBER)
@require_GET
def list_swaps(request: PortalRequest) -> HttpResponse:
    """Show what is open, what was decided lately, and one's own coming shifts."""
    teams = team_ids(request)
    working = teams_allowing(request.actor, "override.own")
    return render_page(
        request,
        "oncall/swap_list.html",
        {
            "open_swaps": reading.open_swaps(teams, request.now),
            "decided": reading.decided_swaps(teams, request.now),
            "shifts": reading.shifts_of(request.user.pk, working, request.now),
            "swap_takers": working,
            "tab": "swaps",
        },
    )


@declares(MEMBER)
@require_GET
def show_swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one swap and what the viewer may do with it."""
    swap = _find(request, pk, to="team.see")
    row = reading.swap_row(swap)
    is_party = request.user.pk in {row.requester_id, row.taker_id}
    is_manager = may(request.actor, "override.any", row.team_id)
    away = _away(request, swap)
    return render_page(
        request,
        "oncall/swap_detail.html",
        {
            "swap": row,
            "team": swap.schedule.team,
            "swap_takers": teams_allowing(request.actor, "override.own"),
            "changes": _changes(request, swap),
            "away": away,
            "is_taker_away": any(each.user_id == request.user.pk for each in away),
            "may_close": is_party or is_manager,
            "form": AnswerForm(),
            "crumbs": [("On call", "/oncall/"), ("Swaps", reverse("swap_list"))],
        },
    )


@declares("override.own")
@require_http_methods(["GET", "POST"])
def create_swap(request: PortalRequest, slug: str) -> HttpResponse:
    """Ask for a swap: preview first, then send; managers may decide at once."""
    schedule = find_schedule(request, slug, to="override.own")
    can_force = may(request.actor, "override.any", schedule.team_id)
    requester = _requester(request, schedule, can_force=can_force)
    form = _form(request, schedule, requester)
    ctx: dict[str, Any] = {
        "form": form,
        "schedule": schedule,
        "team": schedule.team,
        "requester": requester,
        "is_own": requester == request.user,
        "can_force": can_force,
        "people": queries.people_of(schedule.team_id),
        "crumbs": [("On call", "/oncall/"), (schedule.name, f"/oncall/{slug}/")],
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = _act(request, schedule, requester, form, can_force=can_force)
                if made is not None:
                    return redirect_back(request, "swap_detail", made.pk)
                values = form.read(request.now)
                ctx["changes"] = swaps.preview_swap(
                    schedule, values, requester=requester, now=request.now
                )
                ctx["away"] = away_in_swap(
                    values.legs, Parties(requester.pk, values.asked_id)
                )
                ctx["is_previewed"] = True
                status = 200
            except PortalError as error:
                status = add_error(form, error)
    return render_page(request, "oncall/swap_form.html", ctx, status=status)


@declares("override.own")
@require_POST
@answers_refusals("swap_detail", keyword="pk")
def take_swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Take what is asked for."""
    swap = _find(request, pk, to="override.own")
    is_sure = request.POST.get("though_away") == "yes"
    swaps.take_swap(swap, by=request.user, now=request.now, though_away=is_sure)
    say(request, "The shifts are yours.")
    return redirect_back(request, "swap_detail", pk)


@declares("override.own")
@require_POST
@answers_refusals("swap_detail", keyword="pk")
def decline_swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Say no."""
    swap = _find(request, pk, to="override.own")
    form = AnswerForm(request.POST)
    answer = form.cleaned_data["answer"] if form.is_valid() else ""
    swaps.decline_swap(swap, by=request.user, now=request.now, answer=answer)
    say(request, "You declined; nothing changes.")
    return redirect_back(request, "swap_detail", pk)


@declares("override.own")
@require_POST
@answers_refusals("swap_detail", keyword="pk")
def cancel_swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the wish back: one's own, or as a manager anybody's."""
    swap = _find(request, pk, to="override.own")
    if request.user.pk != swap.requester_id:
        authorize(request.actor, "override.any", swap.schedule.team_id)
    swaps.cancel_swap(swap, by=request.user, now=request.now)
    say(request, "The request is cancelled.")
    return redirect_back(request, "swap_detail", pk)


@declares("override.own")
@require_POST
@answers_refusals("swap_detail", keyword="pk")
def undo_swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Give the shifts back: either of the two, or a manager."""
    swap = _find(request, pk, to="override.own")
    if request.user.pk not in {swap.requester_id, swap.taker_id}:
        authorize(request.actor, "override.any", swap.schedule.team_id)
    swaps.undo_swap(swap, by=request.user, now=request.now)
    say(request, "Everything is as it was before the swap.")
    return redirect_back(request, "swap_detail", pk)


def _find(request: PortalRequest, pk: int, *, to: str) -> SwapRequest:
    swap = reading.find_swap(pk, team_ids(request))
    if swap is None:
        raise Http404
    authorize(request.actor, to, swap.schedule.team_id)
    return swap


def _changes(request: PortalRequest, swap: SwapRequest) -> list[reading.SwapChange]:
    """Say what taking would do; for who looks, when they could take it."""
    if swap.state != SwapRequest.State.OPEN:
        return []
    taker = swap.asked_id or request.user.pk
    return reading.preview_open(
        swap, None if taker == swap.requester_id else taker, now=request.now
    )


def _away(request: PortalRequest, swap: SwapRequest) -> list[AwayRow]:
    """Say who would be away; of the whole team only whoever looks is known."""
    if swap.state != SwapRequest.State.OPEN:
        return []
    taker = swap.asked_id or request.user.pk
    return away_in_swap(swaps.legs_of(swap), Parties(swap.requester_id, taker))


def _requester(request: PortalRequest, schedule: Schedule, *, can_force: bool) -> User:
    """Return whose shifts are given away: one's own, or as a manager somebody's."""
    wanted = request.GET.get("of", "")
    if not can_force or not wanted.isdecimal():
        return request.user
    for person in queries.people_of(schedule.team_id):
        if str(person.pk) == wanted:
            return person
    raise Http404


def _form(request: PortalRequest, schedule: Schedule, requester: User) -> SwapForm:
    shifts = reading.shifts_ahead(schedule, request.now)
    return SwapForm(
        request.POST if request.method == "POST" else None,
        shifts=shifts,
        requester=requester,
        people=queries.people_of(schedule.team_id),
        zone=ZoneInfo(request.user.time_zone),
        initial=_wanted(request, [s for s in shifts if s.user_id == requester.pk]),
    )


def _wanted(request: PortalRequest, mine: list[reading.ShiftRow]) -> dict[str, Any]:
    """Read which shift, or part of one, a link to this page speaks of."""
    keys = request.GET.getlist("shift")
    start, end = _moment(request, "from"), _moment(request, "to")
    if not keys and start is not None and end is not None:
        role = request.GET.get("role", "")
        mine = [s for s in mine if s.role == role]
        keys = [s.key for s in mine if s.starts_at < end and s.ends_at > start]
    chosen = [s for s in mine if s.key in keys]
    # Only a real part is spelled out; a whole shift needs no times.
    if start is not None and any(s.starts_at >= start for s in chosen):
        start = None
    if end is not None and any(s.ends_at <= end for s in chosen):
        end = None
    return {"shifts": keys, "starts_at": start, "ends_at": end}


def _moment(request: PortalRequest, name: str) -> datetime | None:
    """Read a moment of the address, as links from absences give it."""
    try:
        found = datetime.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _act(
    request: PortalRequest,
    schedule: Schedule,
    requester: User,
    form: SwapForm,
    *,
    can_force: bool,
) -> SwapRequest | None:
    """Do what the button says; a preview makes nothing."""
    values = form.read(request.now)
    match request.POST.get("act"):
        case "send" if requester == request.user:
            made = swaps.request_swap(schedule, values, by=requester, now=request.now)
            say(request, "Asked. You hear as soon as somebody answers.")
            return made
        case "force" if can_force:
            made = swaps.force_swap(
                schedule, values, requester=requester, by=request.user,
                now=request.now,
            )  # fmt: skip
            say(request, "The shifts changed hands; both are told.")
            return made
    return None
