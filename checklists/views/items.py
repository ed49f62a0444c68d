"""What a person does to one item of a run: plain forms that htmx swaps in place."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from checklists.models import ChecklistItem, RunItem
from checklists.queries.run_story import hidden_items_of
from checklists.queries.runs import get_item_for, get_run_for
from checklists.services import items
from checklists.services.attachments import Upload, attach_file
from checklists.services.items import Edit
from checklists.services.verifying import verify_item
from checklists.views import run_page
from checklists.views.item_asking import NOTHING_REFUSED, Refusal
from checklists.views.item_drawing import draw_item
from checklists.views.item_inputs import draw_choice
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import INVALID, redirect_back
from opsportal.kit.toasts import say

_OOB = "parts/messages_oob.html"
# Refusals that one more word of the person lifts.
_ASKS = {
    "reason_required": "reason",
    "note_required": "note",
    "note_needed": "note",
    "out_of_bounds": "number",
    "not_finite": "number",
    "empty": "value",
    "not_a_link": "value",
    "not_a_choice": "value",
    "invalid": "file",
}


@declares("run.work")
@require_POST
def tick(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark it done."""
    return _perform(request, pk, items.tick_item, said="Ticked")


@declares("run.work")
@require_POST
def untick(request: PortalRequest, pk: int) -> HttpResponse:
    """Open it again."""
    return _perform(request, pk, items.untick_item, said="Open again")


@declares("run.work")
@require_POST
def leave_out(request: PortalRequest, pk: int) -> HttpResponse:
    """Leave it out of this run."""
    return _perform(request, pk, items.mark_item_na, said="Not applicable")


@declares("run.work")
@require_POST
def note(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep a note beside it."""
    return _perform(request, pk, items.write_note, said="Noted")


@declares("run.work")
@require_POST
def release(request: PortalRequest, pk: int) -> HttpResponse:
    """Let its check tick it again."""
    return _perform(request, pk, items.release_item, said="Its check ticks it again")


@declares("run.work")
@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """Keep it done although its check failed afterwards."""
    return _perform(request, pk, items.accept_contradiction, said="Kept")


@declares("run.work")
@require_POST
def number(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer with a number."""

    def act(item_pk: int, edit: Edit) -> RunItem:
        return items.enter_number(item_pk, _read_number(request), edit)

    return _perform(request, pk, act, said="Saved")


@declares("run.work")
@require_POST
def value(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer with a text, one of the options, or a link."""

    def act(item_pk: int, edit: Edit) -> RunItem:
        return items.enter_value(item_pk, request.POST.get("value", ""), edit)

    return _perform(request, pk, act, said="Saved")


@declares("run.work")
@require_POST
def upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Answer with a file or a photo."""

    def act(item_pk: int, edit: Edit) -> RunItem:
        sent = request.FILES.get("file")
        if sent is None or sent.file is None:
            raise PortalError("Choose a file first.", field="file")
        return attach_file(item_pk, Upload(sent.name or "", sent.file), edit).run_item

    return _perform(request, pk, act, said="Uploaded")


@declares("run.work")
@require_POST
def verify(request: PortalRequest, pk: int) -> HttpResponse:
    """Look at its checks now."""

    def act(item_pk: int, edit: Edit) -> RunItem:
        return verify_item(item_pk, now=edit.now)

    return _perform(request, pk, act, said="Looked at")


def _read_number(request: PortalRequest) -> float:
    text = request.POST.get("number", "").strip().replace(",", ".")
    try:
        return float(text)
    except ValueError:
        raise PortalError(
            "Enter a number such as 12.5.", code="not_finite", field="number"
        ) from None


def _read_edit(request: PortalRequest) -> Edit:
    version = request.POST.get("version", "")
    return Edit(
        by=request.user,
        now=request.now,
        version=int(version) if version.isdecimal() and len(version) < 10 else None,
        reason=request.POST.get("reason", "")[:500],
        note=request.POST.get("note", "")[:5000],
    )


def _perform(
    request: PortalRequest,
    pk: int,
    act: Callable[[int, Edit], Any],
    *,
    said: str,
) -> HttpResponse:
    item = get_item_for(request.actor, pk)
    authorize(request.actor, "run.work", item.run.team_id)
    hidden = hidden_items_of(item.run_id) if request.htmx else frozenset()
    try:
        act(item.pk, _read_edit(request))
    except Conflict as conflict:
        return _answer_conflict(request, item, conflict)
    except PortalError as refused:
        return _answer_refusal(request, item, refused)
    say(request, f"{said}: {item.item.text}", undo_url=_undo_url(request, item))
    return _answer_row(request, item, hidden)


def _undo_url(request: PortalRequest, item: RunItem) -> str:
    """Return what takes the act back, for acts that answer an item."""
    if request.resolver_match is None or request.resolver_match.url_name in _FINAL:
        return ""
    url = reverse("item_untick", args=[item.pk])
    return f"{url}?back=today" if _is_on_today(request) else url


_FINAL = {
    "item_untick",
    "item_note",
    "item_release",
    "item_accept",
    "item_verify",
}


def _is_on_today(request: PortalRequest) -> bool:
    today = reverse("today")
    return request.POST.get("next") == today or request.GET.get("back") == "today"


def _answer_row(
    request: PortalRequest, item: RunItem, hidden: frozenset[int] = frozenset()
) -> HttpResponse:
    """Send the row as it is now, or go back to where the person was.

    ``hidden`` were the items that were not asked for before the act.
    """
    if not request.htmx:
        return redirect_back(request, _home(request, item))
    if _is_on_today(request):
        # Today fetches itself whole: its rings and counts moved as well.
        response = HttpResponse(render_to_string(_OOB, request=request))
        response["HX-Reswap"] = "none"
        response["HX-Trigger"] = json.dumps({"run-changed": ""})
        return response
    turned = hidden ^ hidden_items_of(item.run_id)
    return _render_row(request, item, turned=turned)


def _home(request: PortalRequest, item: RunItem) -> str:
    if _is_on_today(request):
        return reverse("today")
    return f"{reverse('run_detail', args=[item.run_id])}#item-{item.pk}"


def _render_row(
    request: PortalRequest,
    item: RunItem,
    status: int = 200,
    turned: frozenset[int] = frozenset(),
    refusal: Refusal = NOTHING_REFUSED,
) -> HttpResponse:
    """Send one row, and beside it those that are asked for now or no more."""
    run = get_run_for(request.actor, item.run_id)
    rows = run_page.rows_of(run, request.now)
    shown = [each for each in rows if each.line.pk in turned | {item.pk}]
    shown = run_page.link_rows(run, shown)
    frame = run_page.frame_of(request, run, rows)
    pen = run_page.pen_of(request, run, frame, refusal)
    items = [
        draw_item(each, pen, oob=each.line.pk != item.pk)
        for each in sorted(shown, key=lambda each: each.line.pk != item.pk)
    ]
    parts = ["checklists/_progress_oob.html", _OOB]
    items[1:1] = [render_to_string(part, frame, request) for part in parts]
    return HttpResponse("".join(items), status=status)


def _answer_conflict(
    request: PortalRequest, item: RunItem, conflict: Conflict
) -> HttpResponse:
    """Show what the other person left, and let this one decide."""
    theirs = conflict.current
    if not isinstance(theirs, RunItem):
        raise TypeError("a conflict of an item carries its row")
    who = theirs.done_by.display_name if theirs.done_by else "A check"
    ctx = {
        "what": f"“{item.item.text}”",
        "theirs": _say_state(theirs),
        "their_name": who,
        "their_at": theirs.done_at,
        "yours": _say_mine(request),
        "reload_url": f"{reverse('run_detail', args=[item.run_id])}#item-{item.pk}",
        "row_id": f"item-{item.pk}",
        "team": item.run.team,
    }
    if request.path == reverse("item_note", args=[item.pk]):
        # Only a note may stand over theirs: what is answered is unticked first.
        ctx |= {"keep_url": request.path, "keep_name": "note"}
        ctx |= {"keep_value": request.POST.get("note", "")}
    is_part = bool(request.htmx) and not _is_on_today(request)
    template = "checklists/_item_conflict.html" if is_part else "409.html"
    response = render(request, template, ctx, status=409)
    if request.htmx and not is_part:
        response["HX-Redirect"] = str(ctx["reload_url"])
    return response


def _say_state(row: RunItem) -> str:
    said = row.value or row.get_state_display()
    return f"{said}, note “{row.note}”" if row.note else str(said)


def _say_mine(request: PortalRequest) -> str:
    mine = [
        request.POST.get(name, "") for name in ("value", "number", "note", "reason")
    ]
    return next((text for text in mine if text), "your click")


def _answer_refusal(
    request: PortalRequest, item: RunItem, refused: PortalError
) -> HttpResponse:
    """Ask for what is missing where it was left out, or say why it cannot be."""
    asks = _ASKS.get(refused.code, "")
    if not asks:
        say(request, refused.message, level=40)
        if request.htmx and not _is_on_today(request):
            return _render_row(request, item, status=409)
        if request.htmx:
            response = _answer_row(request, item)
            response.status_code = 409
            return response
        return HttpResponseRedirect(_home(request, item))
    act = request.resolver_match.url_name if request.resolver_match else ""
    refusal = Refusal(act or "", asks, refused.message, request.POST.dict())
    if request.htmx and not _is_on_today(request):
        return _render_row(request, item, status=INVALID, refusal=refusal)
    if request.htmx:
        response = HttpResponse(status=INVALID)
        response["HX-Redirect"] = _home_of_run(item)
        return response
    return _show_form(request, item, refusal)


def _home_of_run(item: RunItem) -> str:
    return f"{reverse('run_detail', args=[item.run_id])}#item-{item.pk}"


def _show_form(request: PortalRequest, item: RunItem, refusal: Refusal) -> HttpResponse:
    """Ask on a page of its own: nothing here needs a script."""
    run = get_run_for(request.actor, item.run_id)
    kinds, typed = ChecklistItem.Kind, refusal.typed
    ctx = {
        "asked": refusal.act,
        "asks": refusal.asks,
        "error": refusal.error,
        "typed": typed,
        "choice": draw_choice(
            item.pk, item.item.options, typed.get("value", ""), is_wanted=True
        ),
        "item": item,
        "run": run,
        "team": run.team,
        "action": request.path,
        "back_url": _home_of_run(item),
        "is_upload": item.item.kind in {kinds.FILE, kinds.PHOTO},
        "kinds": kinds,
    }
    return render(request, "checklists/item_form.html", ctx, status=INVALID)
