"""Giving several runs and cadences to one person."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from checklists.queries.assigning import TeamWork, work_of
from checklists.services.assigning import assign_cadences, assign_runs
from checklists.views.checklist_words import say_cadence, say_for
from oncall.access import PortalRequest, declares, teams_where
from oncall.views.finding import find_team
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say


class AssignForm(forms.Form):
    """What is given, and to whom; nobody is whom the cadences say."""

    runs = forms.TypedMultipleChoiceField(coerce=int, required=False)
    cadences = forms.TypedMultipleChoiceField(coerce=int, required=False)
    person = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, work: TeamWork) -> None:
        """Offer what the team has."""
        super().__init__(*args)
        offers = {"runs": work.runs, "cadences": work.cadences, "person": work.people}
        for name, rows in offers.items():
            choices = [(row.pk, str(row)) for row in rows]  # type: ignore[attr-defined]
            self.fields[name].choices = [("", ""), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for something to give."""
        cleaned = super().clean() or {}
        if not (cleaned.get("runs") or cleaned.get("cadences")):
            raise forms.ValidationError("Choose runs or cadences.")
        return cleaned


@declares("checklist.edit")
@require_safe
def show(request: PortalRequest) -> HttpResponse:
    """Show the open runs and the cadences of one's teams."""
    teams = teams_where(request.actor, "checklist.edit")
    groups = [
        (work, [(row, say_cadence(row), say_for(row)) for row in work.cadences])
        for work in work_of(teams)
        if work.runs or work.cadences
    ]
    ctx = {"groups": groups, "crumbs": [("Checklists", reverse("checklist_list"))]}
    return render(request, "checklists/assignments.html", ctx)


@declares("checklist.edit")
@require_POST
@answers_refusals("run_assignments")
def assign(request: PortalRequest, *, team_slug: str) -> HttpResponse:
    """Give what was chosen of a team to one of its members."""
    team = find_team(request, team_slug, to="checklist.edit")
    (work,) = work_of([team.pk])
    form = AssignForm(request.POST, work=work)
    if not form.is_valid():
        say(request, "Choose runs or cadences, and a member of the team.", level=40)
        return redirect_back(request, "run_assignments")
    chosen = form.cleaned_data
    by, now = request.user, request.now
    person = next((each for each in work.people if each.pk == chosen["person"]), None)
    count = assign_runs(team.pk, chosen["runs"], person, by=by, now=now)
    count += assign_cadences(team.pk, chosen["cadences"], person, by=by, now=now)
    whom = person.display_name if person else "whom their cadences say"
    say(request, f"{count} given to {whom}.")
    return redirect_back(request, "run_assignments")
