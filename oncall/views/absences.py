"""Absences: one's own, the team's month, and who covers."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from oncall import queries
from oncall.access import (
    MEMBER,
    PortalRequest,
    authorize,
    declares,
    may,
    teams_allowing,
    teams_of,
)
from oncall.forms.absences import AbsenceForm, CoverForm
from oncall.models import Absence, User
from oncall.queries import absence_feeds as feeds
from oncall.queries import absences as reading
from oncall.services import absences
from oncall.views.finding import find_schedule, find_team, team_ids
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say


@declares(MEMBER)
@require_http_methods(["GET", "POST"])
def list_absences(request: PortalRequest) -> HttpResponse:
    """Show one's absences and what they clash with; enter one, preview first."""
    person = request.user
    form = AbsenceForm(request.POST or None)
    ctx: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        made, status, ctx = _enter(request, form, person)
        if made:
            return redirect_back(request, "absence_list")
    teams = list(teams_of(request.actor).order_by("name"))
    ctx |= {
        "form": form,
        "person": person,
        "absences": reading.absences_of(person.pk, request.now),
        "clashes": reading.clashes_of(
            person.pk, [each.pk for each in teams], request.now
        ),
        "feeds": feeds.feeds_of(person),
        "teams": teams,
        "tab": "absences",
    }
    return render_page(request, "oncall/absence_list.html", ctx, status=status)


@declares("team.see")
@require_GET
def show_team_absences(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Show a month of the team: who is away, who is on call, what clashes."""
    team = find_team(request, team_slug)
    month = _month(request, ZoneInfo(team.time_zone))
    can_cover = may(request.actor, "override.any", team.pk)
    people = queries.people_of(team.pk)
    return render_page(
        request,
        "oncall/absence_team.html",
        {
            "team": team,
            "month": month,
            "earlier": month - timedelta(days=1),
            "later": month + timedelta(days=32),
            "people": reading.month_of(team, month),
            "clashes": reading.clashes_in(team, request.now),
            "can_cover": can_cover,
            "can_edit": may(request.actor, "member.edit", team.pk),
            "members": people,
            "tab": "absences",
        },
    )


@declares("member.edit")
@require_http_methods(["GET", "POST"])
def add_for_member(request: PortalRequest, team_slug: str, pk: int) -> HttpResponse:
    """Enter an absence of a member of one's team."""
    team = find_team(request, team_slug, to="member.edit")
    person = _member(team.pk, pk)
    form = AbsenceForm(request.POST or None)
    ctx: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        made, status, ctx = _enter(request, form, person)
        if made:
            return redirect_back(request, "absence_team", team_slug)
    crumbs = [
        ("Absences", reverse("absence_list")),
        (team.name, reverse("absence_team", args=[team_slug])),
    ]
    ctx |= {"form": form, "person": person, "team": team, "crumbs": crumbs}
    return render_page(request, "oncall/absence_form.html", ctx, status=status)


@declares(MEMBER)
@require_POST
@answers_refusals("absence_list")
def cancel_absence(request: PortalRequest, pk: int) -> HttpResponse:
    """Take an absence back: one's own, or as a manager a member's."""
    row = _find(request, pk)
    absences.cancel_absence(row, by=request.user, now=request.now)
    say(request, "The absence is cancelled.")
    return redirect_back(request, "absence_list")


@declares("override.any")
@require_POST
@answers_refusals("absence_list")
def cover_absence(request: PortalRequest, pk: int) -> HttpResponse:
    """Let somebody cover a shift of who is away."""
    slug = request.POST.get("schedule", "")
    schedule = find_schedule(request, slug, to="override.any")
    row = reading.find_absence(pk)
    if row is None or not reading.teams_shared(row.user_id, [schedule.team_id]):
        raise Http404
    form = CoverForm(request.POST, people=queries.people_of(schedule.team_id))
    if not form.is_valid():
        raise PortalError("Choose who covers.", field="cover")
    absences.cover_absence(
        row, schedule, form.read(), cover_id=int(form.cleaned_data["cover"]),
        by=request.user, now=request.now,
    )  # fmt: skip
    say(request, "Covered; those whose hours change are told.")
    return redirect_back(request, "absence_team", schedule.team.slug)


def _enter(
    request: PortalRequest, form: AbsenceForm, person: User
) -> tuple[Absence | None, int, dict[str, Any]]:
    """Save, or preview; return the row, the status, and what the page shows more."""
    if not form.is_valid():
        return None, 422, {}
    values = form.read(ZoneInfo(person.time_zone))
    try:
        if request.POST.get("act") == "preview":
            found = absences.preview_absence(person, values, now=request.now)
            return None, 200, {"preview": found}
        row = absences.add_absence(person, values, by=request.user, now=request.now)
    except PortalError as error:
        return None, add_error(form, error), {}
    say(request, "The absence is noted.")
    return row, 200, {}


def _member(team_pk: int, pk: int) -> User:
    for person in queries.people_of(team_pk):
        if person.pk == pk:
            return person
    raise Http404


def _find(request: PortalRequest, pk: int) -> Absence:
    row = reading.find_absence(pk)
    if row is None:
        raise Http404
    if row.user_id == request.user.pk:
        return row
    shared = reading.teams_shared(row.user_id, team_ids(request))
    if not shared:
        raise Http404
    led = shared & teams_allowing(request.actor, "member.edit")
    authorize(request.actor, "member.edit", min(led or shared))
    return row


def _month(request: PortalRequest, zone: ZoneInfo) -> date:
    here = request.now.astimezone(zone).date()
    try:
        found = date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        found = here
    is_near = abs(found.year - here.year) <= 5
    return (found if is_near else here).replace(day=1)
