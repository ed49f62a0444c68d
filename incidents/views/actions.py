"""The pages of action items."""

from collections.abc import Mapping
from typing import Any, cast

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from incidents import queries
from incidents.domain.action_item import MOVES
from incidents.models import ActionItem
from incidents.postmortem_forms import ActionForm, EditActionForm, ExportForm
from incidents.queries import actions as rows
from incidents.services import actions as services
from incidents.services.actions import ActionDraft
from incidents.views.afterwards import say_due
from incidents.views.finding import find_incident, or_404, team_ids
from oncall.access import PortalRequest, authorize, declares, may
from opsportal.kit.choices import say_none_such
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

_TABS = (("mine", "Mine"), ("team", "Team"), ("overdue", "Overdue"), ("done", "Done"))
_LABELS = {
    "in_progress": ("Begin", "pri"),
    "done": ("Done", "pri"),
    "open": ("Open again", ""),
}


@declares("team.see")
@require_GET
def list_actions(request: PortalRequest) -> HttpResponse:
    """Show the viewer's action items, the teams', what is overdue, what is done."""
    asked = request.GET.get("tab", "")
    tab = asked if asked in dict(_TABS) else "mine"
    text = request.GET.get("q", "").strip()
    found = rows.action_rows(
        team_ids(request), tab=tab, me=request.user, text=text, now=request.now
    )
    ctx = {
        "tab": tab,
        "text": text,
        "tabs": [
            {"label": label, "url": f"?tab={name}", "is_current": name == tab}
            for name, label in _TABS
        ],
        "lines": [(row, *say_due(row, request.now)) for row in found],
        "crumbs": [("Incidents", reverse("incident_list"))],
    }
    return render_page(request, "incidents/action_list.html", ctx)


@declares("incident.work")
@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, ref: str) -> HttpResponse:
    """Write down what has to change after an incident."""
    incident = find_incident(request, ref, to="incident.work")
    members = queries.list_members(incident.team_id)
    form = ActionForm(request.POST or None, members=members)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                item = services.add_action(
                    incident.pk,
                    ActionDraft(**form.cleaned_data),
                    by=request.user,
                    now=request.now,
                )
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, f"Written down: {item.title}")
                return redirect_back(request, "incident_detail", ref)
    ctx = {"incident": incident, "team": incident.team, "form": form}
    return render_page(request, "incidents/action_form.html", ctx, status=status)


@declares("team.see")
@require_http_methods(["GET", "POST"])
def show(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one action item; what somebody else wrote meanwhile is shown first."""
    to = "incident.work" if request.method == "POST" else "team.see"
    item = _find(request, pk, to=to)
    form = _edit_form(request, item)
    if request.method != "POST":
        return _answer(request, item, form)
    if not form.is_valid():
        return _answer(request, item, form, status=422)
    changes = dict(form.cleaned_data)
    expected = changes.pop("version")
    try:
        services.edit_action(
            pk, changes, expected_version=expected, by=request.user, now=request.now
        )
    except Conflict as conflict:
        now = cast("Mapping[str, Any]", conflict.current)
        form.data = {**request.POST.dict(), "version": now["version"]}
        theirs = [
            (form[name].label, now[name], changes[name])
            for name in changes
            if now[name] != changes[name]
        ]
        return _answer(request, item, form, status=409, theirs=theirs)
    except PortalError as error:
        return _answer(request, item, form, status=add_error(form, error))
    say(request, "Saved.")
    return redirect_back(request, "action_detail", pk)


@declares("incident.work")
@require_POST
@answers_refusals("action_detail", keyword="pk")
def move(request: PortalRequest, pk: int) -> HttpResponse:
    """Begin it, finish it, refuse it, or open it again."""
    _find(request, pk, to="incident.work")
    state = request.POST.get("state", "")
    if state not in MOVES:
        raise PortalError(say_none_such("state", MOVES))
    moved = services.move_action(
        pk,
        state,
        by=request.user,
        now=request.now,
        reason=request.POST.get("reason", ""),
    )
    say(request, f"{moved.title}: {moved.get_state_display().lower()}.")
    return redirect_back(request, "action_detail", pk)


@declares("incident.work")
@require_POST
@answers_refusals("action_detail", keyword="pk")
def export(request: PortalRequest, pk: int) -> HttpResponse:
    """Send it to a tracker."""
    item = _find(request, pk, to="incident.work")
    trackers = rows.list_trackers(item.incident.team_id)
    form = ExportForm(request.POST, trackers=trackers)
    if not form.is_valid():
        raise PortalError("Choose one of the team's webhooks.")
    channel = form.cleaned_data["channel"]
    services.export_action(pk, channel, by=request.user, now=request.now)
    say(request, f"On its way to {channel.name}.")
    return redirect_back(request, "action_detail", pk)


def _find(request: PortalRequest, pk: int, *, to: str) -> ActionItem:
    item = or_404(rows.get_action(team_ids(request), pk))
    authorize(request.actor, to, item.incident.team_id)
    return item


def _edit_form(request: PortalRequest, item: ActionItem) -> EditActionForm:
    shown = ("title", "kind", "priority", "due_on", "version")
    initial = {name: getattr(item, name) for name in shown}
    return EditActionForm(
        request.POST or None,
        initial={**initial, "owner": item.owner_id},
        members=queries.list_members(item.incident.team_id),
    )


def _answer(
    request: PortalRequest,
    item: ActionItem,
    form: EditActionForm,
    *,
    status: int = 200,
    theirs: list[tuple[Any, Any, Any]] | None = None,
) -> HttpResponse:
    trackers = rows.list_trackers(item.incident.team_id)
    row = next(r for r in rows.actions_of(item.incident_id) if r.pk == item.pk)
    words, tone = say_due(row, request.now)
    ctx = {
        "item": item,
        "row": row,
        "due_words": words,
        "due_tone": tone,
        "team": item.incident.team,
        "form": form,
        "theirs": theirs,
        "may_work": may(request.actor, "incident.work", item.incident.team_id),
        "moves": [
            (state, *_LABELS[state]) for state in MOVES[item.state] if state in _LABELS
        ],
        "may_refuse": "wont_do" in MOVES[item.state],
        "export_form": ExportForm(trackers=trackers) if trackers else None,
        "crumbs": [
            ("Action items", reverse("action_list")),
            (
                item.incident.ref,
                reverse("incident_detail", args=[item.incident.ref]),
            ),
        ],
    }
    return render_page(request, "incidents/action_detail.html", ctx, status=status)
