"""Ready-made checklists to begin with."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from checklists.domain.cadence_rule import rule_from_json
from checklists.domain.cadence_timing import timing_from_json
from checklists.domain.cadence_words import describe
from checklists.domain.starters import STARTERS, Starter
from checklists.forms.starters import StarterForm
from checklists.services.starting import take_starter
from oncall.access import PortalRequest, declares, teams_allowing
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, add_error
from opsportal.kit.toasts import say


@declares("checklist.edit")
@require_http_methods(["GET", "POST"])
def take(request: PortalRequest) -> HttpResponse:
    """Show what is ready-made, and take one for a team."""
    teams = teams_allowing(request.actor, "checklist.edit")
    if not teams:
        raise PermissionDenied("This needs the role manager in a team.")
    form = StarterForm(request.POST or None, teams=teams)
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.is_valid():
            try:
                checklist = take_starter(
                    form.chosen(),
                    form.cleaned_data["team"],
                    service=form.cleaned_data["service"],
                    by=request.user,
                    now=request.now,
                )
            except PortalError as refused:
                add_error(form, refused)
            else:
                say(request, "It is yours: start a run, or make it fit.")
                return redirect("checklist_detail", checklist.slug)
    ctx = {
        "form": form,
        "starters": [(each, _say_start(each)) for each in STARTERS],
        "crumbs": [("Checklists", reverse("checklist_list"))],
    }
    return render(request, "checklists/starters.html", ctx, status=status)


def _say_start(starter: Starter) -> str:
    due_time = timing_from_json(starter.timing).due_time
    return describe(rule_from_json(starter.rule), due_time)
