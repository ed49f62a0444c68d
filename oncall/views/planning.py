"""Planning a year of duty fairly, and handing the plan to the rotation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from oncall import queries
from oncall.access import PortalRequest, declares
from oncall.domain.fairness import find_balance
from oncall.domain.handoff import find_handoffs
from oncall.domain.planner import Clash, DutyPlan, Share, Stretch
from oncall.domain.walltime import to_wall
from oncall.forms.load import PlanForm
from oncall.models import Rotation, Schedule, User
from oncall.services import planning
from oncall.services.edit_ground import present_at
from oncall.services.previews import Preview
from oncall.views.finding import find_schedule
from oncall.views.previewing import refuse, save_or_preview
from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.kit.errors import PortalError
from opsportal.kit.http import render_page

_AHEAD = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class PlanShown:
    """A plan in names: shares, clashes and the first stretches."""

    shares: list[tuple[str, Share]]
    clashes: list[tuple[str, Clash]]
    stretches: list[tuple[str, Stretch]]
    balance: int
    percent: float
    bars: str
    has_secondary: bool


@declares("schedule.edit")
@require_http_methods(["GET", "POST"])
def plan_duty(request: PortalRequest, slug: str) -> HttpResponse:
    """Show a fair plan with what it changes, then save exactly that."""
    schedule = find_schedule(request, slug, to="schedule.edit")
    rotations = planning.rotations_to_plan(schedule)
    rotation = _chosen(rotations, request)
    people = list(queries.people_of(schedule.team_id))
    form = PlanForm(
        request.POST or None,
        people=people,
        initial=_initial(schedule, rotation, request.now),
    )
    ctx: dict[str, Any] = {
        "schedule": schedule,
        "team": schedule.team,
        "rotation": rotation,
        "rotations": rotations,
        "form": form,
        "crumbs": [("On call", "/oncall/"), (schedule.name, f"/oncall/{slug}/")],
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                answer, more = _work(request, rotation, form, people)
            except PortalError as error:
                status = refuse(form, error)
            else:
                if answer is not None:
                    return answer
                ctx, status = ctx | more, 200
    return render_page(request, "oncall/plan.html", ctx, status=status)


def _work(
    request: PortalRequest, rotation: Rotation, form: PlanForm, people: list[User]
) -> tuple[HttpResponse | None, dict[str, Any]]:
    values = form.read()
    plan = planning.draft_plan(rotation, values, now=request.now)
    answer, preview = save_or_preview(
        request,
        planning.apply_of(rotation, values, plan),
        done="The plan is saved. What was stays as it was.",
    )
    if answer is not None:
        return answer, {}
    return None, {
        **preview,
        "plan": _show(plan, people),
        "planned": _planned(preview["preview"], rotation),
    }


def _planned(preview: Preview, rotation: Rotation) -> list[datetime]:
    """Return when versions that were planned before take over from the plan."""
    return sorted(
        version.effective_from
        for each in preview.plan.rotations
        if each.key == rotation.pk
        for version in each.versions
        if version.effective_from > preview.starts_at
    )


def _chosen(rotations: list[Rotation], request: PortalRequest) -> Rotation:
    wanted = request.GET.get("rotation", "")
    found = [row for row in rotations if str(row.pk) == wanted] or rotations
    if not found:
        raise Http404
    return found[0]


def _initial(schedule: Schedule, rotation: Rotation, now: datetime) -> dict[str, Any]:
    """Begin with the people and the next handoff of the rotation as it is."""
    present = present_at(rotation, now)
    members = present.members if present else ()
    at = now
    if present is not None:
        plan = queries.load_schedule(schedule.pk)
        ahead = find_handoffs(plan, now, now + _AHEAD, rotation=rotation.pk)
        at = ahead[0].at if ahead else now
    wall = to_wall(at, ZoneInfo(schedule.time_zone))
    return {
        "people": [
            str(person)
            for member in members
            for person in (member if isinstance(member, tuple) else (member,))
            if person is not None
        ],
        "starts_on": wall.date(),
        "at": present.anchor.time() if present else wall.time(),
        "weeks": 52,
    }


def _show(plan: DutyPlan, people: list[User]) -> PlanShown:
    names = {user.pk: user.display_name for user in people}

    def name(person: object) -> str:
        return names.get(person, "")  # type: ignore[call-overload, no-any-return]

    hours = [
        NamedValue(name(share.person), share.time / timedelta(hours=1))
        for share in plan.shares
    ]
    return PlanShown(
        shares=[(name(share.person), share) for share in plan.shares],
        clashes=[(name(clash.person), clash) for clash in plan.clashes],
        stretches=[(name(part.person), part) for part in plan.stretches],
        balance=find_balance(share.time for share in plan.shares),
        percent=100 * plan.spread,
        bars=draw_bars(hours, words="Planned hours", unit="h"),
        has_secondary=any(share.secondary for share in plan.shares),
    )
