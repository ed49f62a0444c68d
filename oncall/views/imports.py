"""Bringing a schedule along from another system, with a look at it first."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods

from oncall import queries
from oncall.access import PortalRequest, declares
from oncall.domain.importing import ImportedSchedule
from oncall.forms.imports import FileForm, MappingForm
from oncall.models import Schedule, Team, User
from oncall.services import importing
from oncall.views.finding import find_team
from opsportal.kit.errors import PortalError
from opsportal.kit.http import INVALID, add_error, redirect_back, render_page
from opsportal.kit.toasts import say

_TEMPLATE = "oncall/schedule_import.html"


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def import_schedule(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Take a file, ask who its people are, show four weeks, then make the schedule."""
    team = find_team(request, team_slug, to="schedule.edit")
    ctx: dict[str, Any] = {
        "team": team,
        "crumbs": [("On call", "/oncall/"), (team.name, f"/teams/{team.slug}/")],
    }
    if request.method != "POST":
        return render_page(request, _TEMPLATE, ctx | {"form": FileForm()})
    form = FileForm(request.POST, request.FILES)
    ctx["form"] = form
    if not form.is_valid():
        return render_page(request, _TEMPLATE, ctx, status=INVALID)
    kind, content = form.cleaned_data["kind"], form.read()
    try:
        plans = importing.read_import(
            kind, content, zone=team.time_zone, now=request.now
        )
    except PortalError as error:
        status = add_error(form, error)
        return render_page(request, _TEMPLATE, ctx, status=status)
    ctx |= {"kind": kind, "content": content.decode("utf-8-sig", "replace")}
    return _choose(request, team, plans, ctx)


def _choose(
    request: PortalRequest,
    team: Team,
    plans: list[ImportedSchedule],
    ctx: dict[str, Any],
) -> HttpResponse:
    """Go on with the one schedule that is wanted of the file."""
    which = request.POST.get("which", "0")
    number = int(which) if which.isascii() and which.isdecimal() else 0
    plan = plans[min(number, len(plans) - 1)]
    members = queries.people_of(team.pk)
    act = request.POST.get("act", "")
    mapping = MappingForm(
        request.POST if act in {"preview", "apply"} else None,
        plan=plan,
        members=members,
        initial={"name": plan.name, "slug": slugify(plan.name)[:50]},
        guessed=importing.guess_people(plan, members),
    )
    ctx |= {"plans": plans, "plan": plan, "which": number, "mapping": mapping}
    status = 200
    if mapping.is_bound:
        made, status = _work(request, team, plan, mapping, ctx)
        if made is not None:
            return redirect_back(request, "schedule_detail", made.slug)
    ctx["names"] = _names(members)
    return render_page(request, _TEMPLATE, ctx, status=status)


def _work(
    request: PortalRequest,
    team: Team,
    plan: ImportedSchedule,
    mapping: MappingForm,
    ctx: dict[str, Any],
) -> tuple[Schedule | None, int]:
    if not mapping.is_valid():
        return None, INVALID
    values = mapping.read()
    try:
        if request.POST["act"] == "apply":
            made = importing.apply_import(
                team, plan, values, by=request.user, now=request.now
            )
            say(request, "The schedule is made.")
            return made, 200
        names = _names(queries.people_of(team.pk))
        held = importing.preview_import(plan, values.chosen, now=request.now)
        ctx["shifts"] = [(names.get(each.user, ""), each) for each in held]
        ctx["zone"] = ZoneInfo(plan.time_zone)
    except PortalError as error:
        return None, add_error(mapping, error)
    return None, 200


def _names(members: list[User]) -> dict[Any, str]:
    return {user.pk: user.display_name for user in members}
