"""The draft of a checklist, item by item: its order, and what becomes of it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from checklists.domain.checklist_draft import (
    Draft,
    DraftItem,
    change_about,
    duplicate_item,
    move_item,
    remove_item,
    seal_about,
    step_item,
)
from checklists.domain.show_if import say_condition
from checklists.forms.draft_items import AboutForm
from checklists.models import Checklist
from checklists.queries import checklists as queries
from checklists.services import drafts
from checklists.services.drafts import DraftState
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import INVALID, add_error, answers_refusals, render_page
from opsportal.kit.toasts import say

_PAGE = "checklists/draft.html"
_PART = "checklists/_draft.html"
_ACTS: dict[str, Callable[[Draft, str], Draft]] = {
    "up": lambda draft, key: step_item(draft, key, -1),
    "down": lambda draft, key: step_item(draft, key, 1),
    "duplicate": lambda draft, key: duplicate_item(draft, key, str(uuid4())),
    "remove": remove_item,
}


def find_checklist(request: PortalRequest, slug: str) -> Checklist:
    """Return a checklist that the person may write; 404 or 403 else."""
    checklist = queries.get_checklist_for(request.actor, slug)
    authorize(request.actor, "checklist.edit", checklist.team_id)
    return checklist


def read_version(request: PortalRequest) -> int:
    """Return the version of the draft that was looked at; PortalError for none."""
    raw = request.POST.get("version", "")
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise PortalError("Reload the page, then do it again.", field="version")
    return int(raw)


def frame_of(checklist: Checklist) -> dict[str, Any]:
    """Return what pages around a draft show."""
    draft_url = reverse("checklist_draft", args=[checklist.slug])
    return {
        "checklist": checklist,
        "team": checklist.team,
        "draft_url": draft_url,
        "crumbs": [
            ("Checklists", reverse("checklist_list")),
            (checklist.name, reverse("checklist_detail", args=[checklist.slug])),
        ],
    }


@declares("checklist.edit")
@require_safe
def show(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the draft, or what is published where there is none."""
    checklist = find_checklist(request, slug)
    return answer_draft(request, checklist, drafts.read_draft(checklist))


@declares("checklist.edit")
@require_POST
def act(request: PortalRequest, slug: str, key: UUID, word: str) -> HttpResponse:
    """Move, double or remove one item."""
    checklist = find_checklist(request, slug)

    def change(draft: Draft) -> Draft:
        return _ACTS[word](draft, str(key))

    return _perform(request, checklist, change, said=word)


@declares("checklist.edit")
@require_POST
def move(request: PortalRequest, slug: str) -> HttpResponse:
    """Put one item before or behind another."""
    checklist = find_checklist(request, slug)
    said = request.POST
    change = partial(
        move_item,
        key=said.get("key", ""),
        beside=said.get("beside", ""),
        is_before=said.get("side") == "before",
    )
    return _perform(request, checklist, change)


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def about(request: PortalRequest, slug: str) -> HttpResponse:
    """Change what it is called and what it is for."""
    checklist = find_checklist(request, slug)
    state = drafts.read_draft(checklist)
    initial = {"name": state.draft.name, "description": state.draft.description}
    form = AboutForm(request.POST or None, initial=initial)
    status, seal = 200, request.POST.get("seal", "")
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                drafts.change_draft(
                    checklist,
                    partial(change_about, **form.cleaned_data),
                    version=read_version(request),
                    by=request.user,
                    now=request.now,
                    is_apart=lambda draft: seal_about(draft) == seal,
                )
            except Conflict as refused:
                status = add_error(form, _show_theirs(refused, state))
            except PortalError as refused:
                status = add_error(form, refused)
            else:
                return HttpResponseRedirect(frame_of(checklist)["draft_url"])
    ctx = frame_of(checklist) | {
        "form": form,
        "version": state.version,
        "seal": seal_about(state.draft),
    }
    return render(request, "checklists/draft_about.html", ctx, status=status)


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def changes(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what publishing would change; publish it."""
    checklist = find_checklist(request, slug)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _publish(request, checklist)
        except PortalError as refused:
            refusal, status = refused.message, _status_of(refused)
    state = drafts.read_draft(checklist)
    found = None
    try:
        found = drafts.compare_draft(checklist, state)
    except PortalError as refused:
        refusal = refused.message
    said = (state.draft.name, state.draft.description)
    is_renamed = said != (checklist.name, checklist.description)
    ctx = frame_of(checklist) | {
        "state": state,
        "changes": found,
        "refusal": refusal,
        "is_news": bool(found) or (found is not None and is_renamed),
    }
    return render(request, "checklists/draft_changes.html", ctx, status=status)


@declares("checklist.edit")
@require_POST
@answers_refusals("checklist_draft", keyword="slug")
def discard(request: PortalRequest, slug: str) -> HttpResponse:
    """Give the draft up, with a way back."""
    checklist = find_checklist(request, slug)
    state = drafts.discard_draft(
        checklist, version=read_version(request), by=request.user, now=request.now
    )
    undo = reverse("draft_undo", args=[slug, state.version])
    say(request, "Discarded. What is published stays as it is.", undo_url=undo)
    return _answer_change(request, checklist, state)


@declares("checklist.edit")
@require_POST
@answers_refusals("checklist_draft", keyword="slug")
def undo(request: PortalRequest, slug: str, version: int) -> HttpResponse:
    """Take the last change back."""
    checklist = find_checklist(request, slug)
    state = drafts.undo_change(
        checklist, version=version, by=request.user, now=request.now
    )
    say(request, "Undone.")
    return _answer_change(request, checklist, state)


def answer_draft(
    request: PortalRequest,
    checklist: Checklist,
    state: DraftState,
    *,
    status: int = 200,
    refusal: str = "",
) -> HttpResponse:
    """Render the draft; htmx gets the part that changes."""
    ctx = frame_of(checklist) | {
        "state": state,
        "rows": [_row(each) for each in state.draft.items],
        "last": state.draft.keys[-1] if state.draft.items else "",
        "refusal": refusal,
    }
    return render_page(request, _PAGE, ctx, _PART, status=status)


def _row(each: DraftItem) -> dict[str, Any]:
    return {
        "key": each.key,
        "item": each.item,
        "condition": say_condition(each.item.show_if),
    }


def _perform(
    request: PortalRequest,
    checklist: Checklist,
    change: Callable[[Draft], Draft],
    *,
    said: str = "",
) -> HttpResponse:
    try:
        state = drafts.change_draft(
            checklist,
            change,
            version=read_version(request),
            by=request.user,
            now=request.now,
        )
    except Conflict as refused:
        # What stands there now is the answer; the same press then does it.
        message = f"{refused.message} This is how it stands; do it again if need be."
        return answer_draft(
            request,
            checklist,
            drafts.read_draft(checklist),
            status=refused.status,
            refusal=message,
        )
    except PortalError as refused:
        return answer_draft(
            request,
            checklist,
            drafts.read_draft(checklist),
            status=_status_of(refused),
            refusal=refused.message,
        )
    if said == "remove":
        url = reverse("draft_undo", args=[checklist.slug, state.version])
        say(request, "Removed.", undo_url=url)
    return _answer_change(request, checklist, state)


def _answer_change(
    request: PortalRequest, checklist: Checklist, state: DraftState
) -> HttpResponse:
    if request.htmx:
        return answer_draft(request, checklist, state)
    return HttpResponseRedirect(frame_of(checklist)["draft_url"])


def _show_theirs(refused: Conflict, state: DraftState) -> Conflict:
    message = (
        f"{refused.message} It is called “{state.draft.name}” there. Save writes yours"
        " over it."
    )
    return Conflict(message, current=refused.current)


def _publish(request: PortalRequest, checklist: Checklist) -> HttpResponse:
    version = drafts.publish_draft(
        checklist, version=read_version(request), by=request.user, now=request.now
    )
    say(request, f"Version {version.number} is published.")
    return HttpResponseRedirect(reverse("checklist_detail", args=[checklist.slug]))


def _status_of(refused: PortalError) -> int:
    return INVALID if refused.status == PortalError.status else refused.status
