"""Which webhooks hear of runs, and how they know that it is us."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from checklists.domain.run_moment import Moment
from checklists.queries.run_hooks import list_hooks as find_hooks
from checklists.services.run_hooks import save_run_webhook
from oncall.access import PortalRequest, declares, teams_where
from oncall.models import Channel
from oncall.services.channels import reveal_keys
from oncall.views.finding import find_in_team, steps_up
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say

_WORDS = {
    Moment.OPENED: "opened",
    Moment.LATE: "late: past its due time",
    Moment.COMPLETED: "completed",
    Moment.MISSED: "missed: past its grace",
}


class HookForm(forms.Form):
    """The moments that a webhook hears of."""

    moments = forms.MultipleChoiceField(
        choices=[(each.value, words) for each, words in _WORDS.items()], required=False
    )


@declares("checklist.edit")
@require_safe
def list_hooks(request: PortalRequest) -> HttpResponse:
    """Show the webhooks of one's teams and what each hears."""
    teams = teams_where(request.actor, "checklist.edit")
    if not teams:
        raise PermissionDenied("This needs the role manager in a team.")
    ctx = {
        "hooks": find_hooks(teams),
        "moments": [(each.value, words) for each, words in _WORDS.items()],
        "crumbs": [("Checklists", reverse("checklist_list"))],
    }
    return render(request, "checklists/run_webhooks.html", ctx)


@declares("checklist.edit")
@require_POST
@answers_refusals("run_webhooks")
def save(request: PortalRequest, *, pk: int) -> HttpResponse:
    """Let a webhook hear of these moments; of none ends it."""
    channel = find_in_team(request, Channel, pk, to="checklist.edit")
    form = HookForm(request.POST)
    if not form.is_valid():
        say(request, "Choose among the moments of a run.", level=40)
        return redirect_back(request, "run_webhooks")
    moments = {Moment(each) for each in form.cleaned_data["moments"]}
    save_run_webhook(channel, moments, by=request.user, now=request.now)
    told = ", ".join(each.value for each in Moment if each in moments)
    say(request, f"{channel} hears of runs that are {told}." if told
        else f"{channel} hears of no runs any more.")  # fmt: skip
    return redirect_back(request, "run_webhooks")


@declares("channel.edit")
@require_POST
@steps_up
@answers_refusals("run_webhooks")
def show_key(request: PortalRequest, *, pk: int) -> HttpResponse:
    """Show the keys that sign what a webhook is sent."""
    channel = find_in_team(request, Channel, pk, to="channel.edit")
    keys = reveal_keys(channel, by=request.user, now=request.now)
    ctx = {
        "channel": channel,
        "team": channel.team,
        "keys": keys,
        "back_url": reverse("run_webhooks"),
        "crumbs": [
            ("Checklists", reverse("checklist_list")),
            ("Webhooks", reverse("run_webhooks")),
        ],
    }
    return render(request, "checklists/run_webhook_key.html", ctx)
