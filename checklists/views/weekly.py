"""The pages of weekly reviews."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from checklists.domain.weekly_review import monday_of, read_monday, write_review
from checklists.forms.reviews import ReviewForm
from checklists.models import WeeklyReview
from checklists.queries.weekly import find_review
from checklists.services.weekly_reviews import plan_review, read_week, send_review
from oncall.access import PortalRequest, authorize, declares, may, teams_of
from oncall.models import Team
from opsportal.kit.errors import PortalError
from opsportal.kit.http import render_page
from opsportal.kit.toasts import say

_WEEK = timedelta(days=7)
_MOST = 8


@declares("team.see")
@require_safe
def list_reviews(request: PortalRequest) -> HttpResponse:
    """Show the last weeks of each team."""
    found = []
    for team in teams_of(request.actor).order_by("name"):
        monday = _this_week(request, team)
        found.append((team, [monday - number * _WEEK for number in range(_MOST)]))
    crumbs = [("Checklists", reverse("checklist_list"))]
    return render_page(
        request, "checklists/weekly_list.html", {"found": found, "crumbs": crumbs}
    )


@declares("team.see")
@require_safe
def show(request: PortalRequest, slug: str, monday: str) -> HttpResponse:
    """Show the review of one week."""
    team, first = _find(request, slug, monday)
    return _show(request, team, first, _form_of(team))


@declares("team.see")
@require_safe
def export(request: PortalRequest, slug: str, monday: str) -> HttpResponse:
    """Give the review as a PDF."""
    from opsportal.kit.pdf import write_pdf  # noqa: PLC0415 -- heavy, and rarely asked for

    team, first = _find(request, slug, monday)
    text = write_review(read_week(team, first, now=request.now))
    answer = HttpResponse(
        write_pdf(text, title=f"Week of {team.name}, {monday}"), "application/pdf"
    )
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{monday}.pdf"'
    return answer


@declares("run.work")
@require_POST
def send(request: PortalRequest, slug: str, monday: str) -> HttpResponse:
    """Send it now to those who get it every week, or to the managers."""
    team, first = _find(request, slug, monday)
    authorize(request.actor, "run.work", team.pk)
    told = send_review(team, first, by=request.user, now=request.now)
    say(request, f"On its way to {told} recipient{'' if told == 1 else 's'}.")
    return redirect("weekly_review", slug, monday)


@declares("checklist.edit")
@require_POST
def plan(request: PortalRequest, slug: str, monday: str) -> HttpResponse:
    """Set when the reviews of this team are sent."""
    team, first = _find(request, slug, monday)
    authorize(request.actor, "checklist.edit", team.pk)
    form = ReviewForm(request.POST, team=team)
    if form.is_valid():
        try:
            plan_review(team, form.plan(), by=request.user, now=request.now)
        except PortalError as error:
            form.add_error(error.field or None, str(error))
        else:
            say(request, "Saved.")
            return redirect("weekly_review", slug, monday)
    return _show(request, team, first, form, status=422)


def _show(
    request: PortalRequest,
    team: Team,
    first: date,
    form: ReviewForm,
    *,
    status: int = 200,
) -> HttpResponse:
    text = write_review(read_week(team, first, now=request.now))
    title, _, body = text.partition("\n")
    now_running = _this_week(request, team)
    ctx = {
        "team": team,
        "monday": first.isoformat(),
        "title": title.removeprefix("# "),
        "body": body,
        "is_running": first == now_running,
        "before": (first - _WEEK).isoformat(),
        "after": (first + _WEEK).isoformat() if first < now_running else "",
        "review": find_review(team),
        "form": form,
        "may_send": may(request.actor, "run.work", team.pk),
        "may_plan": may(request.actor, "checklist.edit", team.pk),
        "crumbs": [("Weekly reviews", reverse("weekly_list"))],
    }
    return render_page(request, "checklists/weekly_review.html", ctx, status=status)


def _form_of(team: Team) -> ReviewForm:
    review = find_review(team) or WeeklyReview()
    initial = {
        "is_on": review.next_send_at is not None,
        "weekday": review.weekday,
        "send_time": review.send_time.isoformat("minutes"),
        "to_managers": review.to_managers,
        "channel": review.channel_id,
    }
    return ReviewForm(team=team, initial=initial)


def _find(request: PortalRequest, slug: str, monday: str) -> tuple[Team, date]:
    team = teams_of(request.actor).filter(slug=slug).first()
    first = read_monday(monday)
    if team is None or first is None or first > _this_week(request, team):
        raise Http404
    return team, first


def _this_week(request: PortalRequest, team: Team) -> date:
    return monday_of(request.now, ZoneInfo(team.time_zone))
