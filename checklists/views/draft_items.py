"""One item of the draft of a checklist: written, changed, and its checks tried."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from checklists.domain.checklist_draft import (
    Draft,
    DraftItem,
    add_item,
    change_item,
    says_still,
    seal_item,
)
from checklists.domain.version_diff import say_differences
from checklists.forms.draft_items import DraftItemForm
from checklists.models import Check, Checklist
from checklists.queries import checklists as queries
from checklists.services import drafts
from checklists.services.checks import Seen, try_saved
from checklists.services.drafts import DraftState
from checklists.views.check_words import say_status, say_value, tone_of
from checklists.views.draft_editing import find_checklist, frame_of, read_version
from oncall.access import PortalRequest, declares
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import INVALID

_TESTED = "checklists/_draft_tested.html"
_MOST_TESTED = 20
_TONES = {"pass": "ok", "fail": "crit", "unknown": "warn"}


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, slug: str) -> HttpResponse:
    """Write a new item, behind another one or at the end."""
    checklist = find_checklist(request, slug)
    state = drafts.read_draft(checklist)
    after = request.GET.get("after", "")
    keys = state.draft.keys
    place = keys.index(after) + 1 if after in keys else len(keys)
    earlier = [each.item for each in state.draft.items[:place]]
    section = earlier[-1].section if earlier else ""
    form = DraftItemForm(
        request.POST or None,
        earlier=earlier,
        checks=_checks_of(checklist),
        section=section,
    )
    after = keys[place - 1] if place else ""
    return _answer_form(request, checklist, state, form, key=None, after=after)


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, slug: str, key: UUID) -> HttpResponse:
    """Change one item."""
    checklist = find_checklist(request, slug)
    state = drafts.read_draft(checklist)
    known = str(key)
    is_there = known in state.draft.keys
    # Whoever was writing when somebody removed it keeps what they wrote.
    if not is_there and request.method != "POST":
        raise Http404
    place = state.draft.place_of(known) if is_there else len(state.draft.items)
    form = DraftItemForm(
        request.POST or None,
        earlier=[each.item for each in state.draft.items[:place]],
        checks=_checks_of(checklist),
        item=state.draft.item_of(known) if is_there else None,
    )
    return _answer_form(request, checklist, state, form, key=known, after="")


@declares("checklist.edit")
@require_POST
def test(request: PortalRequest, slug: str) -> HttpResponse:
    """Look at the checks of an item at once, and keep nothing."""
    checklist = find_checklist(request, slug)
    tested = _try_checks(request, checklist, request.POST.getlist("checks"))
    ctx = frame_of(checklist) | {"tested": tested}
    template = _TESTED if request.htmx else "checklists/draft_tested.html"
    return render(request, template, ctx)


def _answer_form(
    request: PortalRequest,
    checklist: Checklist,
    state: DraftState,
    form: DraftItemForm,
    *,
    key: str | None,
    after: str,
) -> HttpResponse:
    status, faster = 200, None
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                return _save(request, checklist, form, key=key, after=after)
            except Conflict as refused:
                status = refused.status
                faster = _say_faster(refused, form, key)
            except PortalError as refused:
                form.place_error(refused)
    is_shown_anew = faster or not form.is_bound
    ctx = frame_of(checklist) | {
        "form": form,
        "is_new": key is None,
        "version": state.version if is_shown_anew else None,
        "seen": request.POST.get("version", ""),
        "seal": _seal(state, key) if is_shown_anew else None,
        "sealed": request.POST.get("seal", ""),
        "faster": faster,
        "sections": sorted({each.item.section for each in state.draft.items} - {""}),
    }
    return render(request, "checklists/draft_item.html", ctx, status=status)


def _save(
    request: PortalRequest,
    checklist: Checklist,
    form: DraftItemForm,
    *,
    key: str | None,
    after: str,
) -> HttpResponse:
    item = form.read()
    known = key or str(uuid4())
    change: Any
    is_apart: Any
    if key:
        change = partial(change_item, key=key, item=item)
        is_apart = partial(says_still, key=key, seal=request.POST.get("seal", ""))
    else:
        change = partial(add_item, new=DraftItem(known, item), after=after)
        is_apart = _always
    drafts.change_draft(
        checklist,
        change,
        version=read_version(request),
        by=request.user,
        now=request.now,
        is_apart=is_apart,
    )
    url = frame_of(checklist)["draft_url"]
    return HttpResponseRedirect(f"{url}#item-{known}")


def _always(_draft: Draft) -> bool:
    return True


def _seal(state: DraftState, key: str | None) -> str:
    is_there = key in state.draft.keys
    return seal_item(state.draft.item_of(key)) if key and is_there else ""


def _say_faster(
    refused: Conflict, form: DraftItemForm, key: str | None
) -> dict[str, Any]:
    """Say what stands there now beside what was typed."""
    state: Any = refused.current
    rows: Any = ()
    if key in state.draft.keys:
        rows = say_differences(state.draft.item_of(key), form.read())
    return {"message": refused.message, "rows": rows, "at": state.changed_at}


def _checks_of(checklist: Checklist) -> list[tuple[str, str]]:
    found = queries.list_checks_for(checklist)
    return [(each.name, f"{each.words} ({each.name})") for each in found]


def _try_checks(
    request: PortalRequest, checklist: Checklist, names: list[str]
) -> list[dict[str, Any]]:
    checks = queries.find_named_checks(checklist.team_id, names[:_MOST_TESTED])
    seen = try_saved(checks, now=request.now)
    return [_say_seen(check, each) for check, each in zip(checks, seen, strict=True)]


def _say_seen(check: Check, seen: Seen) -> dict[str, Any]:
    return {
        "check": check,
        "outcome": seen.outcome.value,
        "tone": _TONES[seen.outcome.value],
        "value": say_value(seen.value, check.unit),
        "summary": seen.summary,
        "latency": seen.latency,
        "status": say_status(check),
        "status_tone": tone_of(check),
    }
