"""Bringing open runs to the newest version, after looking at what changes."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from checklists.domain.syncing import Fate, Step
from checklists.models import Checklist
from checklists.queries import checklists as queries
from checklists.services.syncing import SyncPreview, preview_sync, sync_runs
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, add_error
from opsportal.kit.toasts import say

_FATES = {
    Fate.ADDED: ("new, open", "ok"),
    Fate.KEPT: ("goes on", ""),
    Fate.REOPENED: ("opens again", "warn"),
    Fate.RECORDED: ("removed; its answer stays for the record", "warn"),
    Fate.LEFT_OUT: ("removed; left out, its story stays", "warn"),
    Fate.DROPPED: ("removed", "crit"),
}


class SyncForm(forms.Form):
    """Which runs, and the version that was looked at."""

    runs = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": "Choose at least one run."}
    )
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, preview: SyncPreview, **kwargs: Any) -> None:
        """Offer the runs of ``preview``."""
        super().__init__(*args, **kwargs)
        runs = [(each.run.pk, each.run.period_key) for each in preview.runs]
        self.fields["runs"].choices = runs  # type: ignore[attr-defined]


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def sync(request: PortalRequest, slug: str) -> HttpResponse:
    """Show what becomes of each open run; bring those that were chosen along."""
    checklist = queries.get_checklist_for(request.actor, slug)
    authorize(request.actor, "checklist.edit", checklist.team_id)
    preview = preview_sync(checklist, now=request.now)
    posted = request.POST if request.method == "POST" else None
    form = SyncForm(posted, preview=preview)
    status = 200
    if posted is not None:
        status = INVALID
        if form.is_valid():
            try:
                return _bring(request, checklist, form)
            except PortalError as refused:
                status = add_error(form, refused)
    url = reverse("checklist_detail", args=[slug])
    ctx = {
        "checklist": checklist,
        "team": checklist.team,
        "form": form,
        "preview": preview,
        "rows": [
            (each.run, [_say(step) for step in each.steps if step.is_news])
            for each in preview.runs
        ],
        "back_url": url,
        "crumbs": [
            ("Checklists", reverse("checklist_list")),
            (checklist.name, url),
        ],
    }
    return render(request, "checklists/checklist_sync.html", ctx, status=status)


def _bring(
    request: PortalRequest, checklist: Checklist, form: SyncForm
) -> HttpResponse:
    done = sync_runs(
        checklist,
        form.cleaned_data["runs"],
        seen=form.cleaned_data["seen"],
        by=request.user,
        now=request.now,
    )
    say(request, f"{done} open run{'s' if done != 1 else ''} brought to this version.")
    return HttpResponseRedirect(reverse("checklist_detail", args=[checklist.slug]))


def _say(step: Step) -> dict[str, Any]:
    words, tone = _FATES[step.fate]
    if step.fate is Fate.KEPT:
        words = "changed; its answer is kept" if step.is_answered else "changed"
    return {"text": step.text, "words": words, "tone": tone, "fields": step.fields}
