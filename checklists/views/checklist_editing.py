"""Writing checklists: as a text that is looked at before it is published."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from checklists.domain.checklist_text import ChecklistText, write_markdown
from checklists.domain.version_diff import compare_items
from checklists.forms.texts import ENDINGS, WRITERS, NewTextForm, TextForm
from checklists.models import Checklist
from checklists.queries import checklists as queries
from checklists.services import drafts, texts
from checklists.services.drafts import DraftState
from checklists.views.draft_editing import find_checklist, frame_of
from oncall.access import PortalRequest, declares, teams_allowing
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.http import INVALID, add_error, redirect_back
from opsportal.kit.toasts import say

_FIRST = """# Name of the checklist

What it is for.

## First section

- [ ] Something to do
  > How to do it.
"""


_MEDIA = {
    "markdown": "text/markdown",
    "json": "application/json",
    "yaml": "application/yaml",
}


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, slug: str) -> HttpResponse:
    """Write the draft of a checklist as a text, look at it, publish it."""
    checklist = find_checklist(request, slug)
    state = drafts.read_draft(checklist)
    initial = {"text": write_markdown(state.draft.text), "written": "markdown"}
    form = TextForm(request.POST or None, initial=initial | {"seen": state.version})
    changes, status = None, 200
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                text = form.read()
                changes = drafts.compare_written(checklist, state, text)
                if "look" not in request.POST:
                    return _keep(request, checklist, form, text)
                status = 200
            except Conflict as refused:
                changes = compare_items(state.draft.text.items, form.read().items)
                form = _begin_again(form, state)
                status = add_error(form, refused)
            except PortalError as refused:
                status = add_error(form, refused)
    ctx = frame_of(checklist) | {
        "form": form,
        "changes": changes,
        "title": f"Edit {checklist.name}",
        "checks": queries.list_checks_for(checklist),
        "state": state,
        "back_url": reverse("checklist_draft", args=[slug]),
    }
    return render(request, "checklists/checklist_editor.html", ctx, status=status)


def _keep(
    request: PortalRequest, checklist: Checklist, form: TextForm, text: ChecklistText
) -> HttpResponse:
    """Save the text as the draft, and publish it when that was pressed."""
    seen = form.cleaned_data["seen"]
    version = drafts.read_draft(checklist).version if seen is None else seen
    who: Any = {"version": version, "by": request.user, "now": request.now}
    if "publish" not in request.POST:
        drafts.write_draft(checklist, text, **who)
        return redirect_back(request, "checklist_draft", checklist.slug)
    published = drafts.publish_written(checklist, text, **who)
    say(request, f"Version {published.number} is published.")
    return redirect_back(request, "checklist_detail", checklist.slug)


def _begin_again(form: TextForm, state: DraftState) -> TextForm:
    """Return the form as it was typed, made from what stands there now."""
    data: Any = form.data
    typed = data.copy()
    typed["seen"] = str(state.version)
    again = TextForm(typed)
    again.is_valid()
    return again


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """Write a new checklist, perhaps beginning with a copy of another."""
    teams = teams_allowing(request.actor, "checklist.edit")
    if not teams:
        raise PermissionDenied("This needs the role manager in a team.")
    form = NewTextForm(request.POST or None, initial=_first(request), teams=teams)
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            is_draft = "save" in request.POST
            make = drafts.create_with_draft if is_draft else texts.create_from_text
            try:
                checklist = make(
                    form.cleaned_data["team"],
                    form.read(),
                    service=form.cleaned_data["service"],
                    by=request.user,
                    now=request.now,
                )
            except PortalError as refused:
                status = add_error(form, refused)
            else:
                if is_draft:
                    return redirect_back(request, "checklist_draft", checklist.slug)
                say(request, "Published. Give it a cadence, so that runs open.")
                return redirect_back(request, "checklist_detail", checklist.slug)
    ctx = {
        "form": form,
        "title": "New checklist",
        "back_url": reverse("checklist_list"),
        "crumbs": [("Checklists", reverse("checklist_list"))],
    }
    return render(request, "checklists/checklist_editor.html", ctx, status=status)


def _first(request: PortalRequest) -> dict[str, Any]:
    """Return what a new checklist begins with."""
    slug = request.GET.get("copy", "")
    if not slug:
        return {"text": _FIRST, "written": "markdown"}
    source = queries.get_checklist_for(request.actor, slug)
    text = write_markdown(texts.read_edition(source).text)
    return {
        "text": text.replace("# ", "# Copy of ", 1),
        "written": "markdown",
        "team": source.team_id,
        "service": source.service_id,
    }


@declares("team.see")
@require_safe
def export(request: PortalRequest, slug: str, form: str) -> HttpResponse:
    """Give the published text of a checklist."""
    checklist = queries.get_checklist_for(request.actor, slug)
    text = WRITERS[form](texts.read_edition(checklist).text)
    name = f'attachment; filename="{slug}.{ENDINGS[form]}"'
    return HttpResponse(
        text, f"{_MEDIA[form]}; charset=utf-8", headers={"Content-Disposition": name}
    )


@declares("checklist.edit")
@require_POST
def archive(request: PortalRequest, slug: str) -> HttpResponse:
    """Put a checklist away."""
    checklist = find_checklist(request, slug)
    texts.archive_checklist(checklist, by=request.user, now=request.now)
    undo = reverse("checklist_restore", args=[slug])
    say(request, f"Archived: {checklist.name}. Its history stays.", undo_url=undo)
    return redirect_back(request, "checklist_detail", slug)


@declares("checklist.edit")
@require_POST
def restore(request: PortalRequest, slug: str) -> HttpResponse:
    """Bring a checklist back."""
    checklist = find_checklist(request, slug)
    texts.restore_checklist(checklist, by=request.user, now=request.now)
    say(request, "It is back. Resume its cadences, so that runs open.")
    return redirect_back(request, "checklist_detail", slug)
