"""Handoffs: one with its brief and notes, and the past ones."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from oncall.access import MEMBER, PortalRequest, authorize, declares, may
from oncall.forms.handoffs import HandoffFilterForm, NotesForm
from oncall.models import Handoff
from oncall.queries import handoffs as queries
from oncall.services import handing_over
from oncall.views.finding import team_ids
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

A_PAGE = 25


@declares(MEMBER)
@require_GET
def list_handoffs(request: PortalRequest) -> HttpResponse:
    """Show the handoffs of the viewer's teams with their notes, newest first."""
    teams = team_ids(request)
    form = HandoffFilterForm(
        request.GET, schedules=queries.schedules_with_handoffs(teams)
    )
    # What makes no sense is no limit.
    clean = form.cleaned_data if form.is_valid() else {}
    rows = queries.list_handoffs(
        teams, schedule=clean.get("schedule", ""), text=clean.get("q", "").strip()
    )
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render_page(
        request,
        "oncall/handoff_list.html",
        {
            "form": form,
            "page": page,
            "rows": [(row, *queries.say_state(row)) for row in page],
            "tab": "handoffs",
        },
    )


@declares("team.see")
@require_GET
def show_handoff(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one handoff whole."""
    return _answer(request, _find(request, pk))


@declares("override.own")
@require_POST
def save_notes(request: PortalRequest, pk: int) -> HttpResponse:
    """Save the notes, typed or sent; what somebody else wrote is shown first."""
    row = _find(request, pk, to="override.own")
    form = NotesForm(request.POST)
    if not form.is_valid():
        return _answer(request, row, form=form, status=422)
    notes = form.cleaned_data["notes"]
    try:
        row = handing_over.write_notes(
            row.pk,
            notes,
            revision=form.cleaned_data["revision"],
            by=request.user,
            now=request.now,
        )
    except Conflict as conflict:
        return _answer_conflict(request, conflict, notes)
    except PortalError as error:
        status = add_error(form, error)
        return _answer(request, row, form=form, status=status)
    if request.htmx and not request.POST.get("whole"):
        ctx = {"row": row, "is_saved": True}
        return render_page(
            request,
            "oncall/_handoff_saved.html",
            ctx,
            partial="oncall/_handoff_saved.html",
        )
    say(request, "The notes are saved.")
    return redirect_back(request, "handoff_detail", pk)


@declares("override.own")
@require_POST
@answers_refusals("handoff_detail", keyword="pk")
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the pager over."""
    row = _find(request, pk, to="override.own")
    if not handing_over.may_accept(request.actor, row):
        raise PermissionDenied("Only who takes over, or a manager, accepts it.")
    handing_over.accept_handoff(row.pk, by=request.user, now=request.now)
    say(request, "Accepted. The pager is yours.")
    return redirect_back(request, "handoff_detail", pk)


def _find(request: PortalRequest, pk: int, *, to: str = "team.see") -> Handoff:
    row = queries.find_handoff(pk, team_ids(request))
    if row is None:
        raise Http404
    authorize(request.actor, to, row.schedule.team_id)
    return row


def _answer_conflict(
    request: PortalRequest, conflict: Conflict, notes: str
) -> HttpResponse:
    """Show both; saving again writes one's own over what was just shown."""
    theirs: Any = conflict.current
    form = NotesForm({"notes": notes, "revision": theirs.revision})
    return _answer(request, theirs, form=form, mine=notes, status=conflict.status)


def _answer(
    request: PortalRequest,
    row: Handoff,
    *,
    form: NotesForm | None = None,
    mine: str | None = None,
    status: int = 200,
) -> HttpResponse:
    card = queries.show_handoff(row, request.now)
    may_write = may(request.actor, "override.own", row.schedule.team_id)
    notes = NotesForm(initial={"notes": row.notes, "revision": row.revision})
    response = render_page(
        request,
        "oncall/handoff_detail.html",
        {
            "card": card,
            "row": row,
            "team": row.schedule.team,
            "notes_form": form or notes,
            "mine": mine,
            "is_conflict": mine is not None,
            "may_write": may_write and row.cancelled_at is None,
            "may_accept": card.can_be_accepted
            and handing_over.may_accept(request.actor, row),
            "is_theirs": row.incoming_id == request.user.pk,
            "crumbs": [
                ("On call", reverse("schedule_list")),
                ("Handoffs", reverse("handoff_list")),
            ],
        },
        partial="oncall/_handoff_notes.html" if status != 200 else None,
        status=status,
    )
    if request.htmx and status != 200:
        response["HX-Retarget"], response["HX-Reswap"] = "#notes", "outerHTML"
    return response
