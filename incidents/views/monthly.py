"""The pages of monthly operations reports."""

from datetime import date
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from incidents.domain.monthly_report import (
    Picture,
    draw_pictures,
    month_after,
    month_before,
    read_month,
    write_report,
)
from incidents.queries.monthly import read_month_facts
from incidents.services.monthly_reports import mail_report
from incidents.views.finding import or_404
from oncall.access import PortalRequest, authorize, declares, may, teams_of
from oncall.models import Team
from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.kit.charts import Tone
from opsportal.kit.http import redirect_back, render_page
from opsportal.kit.toasts import say

_MOST = 12


@declares("team.see")
@require_GET
def list_reports(request: PortalRequest) -> HttpResponse:
    """Show the last twelve months of each team."""
    teams = []
    for team in teams_of(request.actor):
        month = _this_month(request, team)
        months = [month]
        while len(months) < _MOST:
            months.append(month_before(months[-1]))
        teams.append((team, [(each, f"{each:%Y-%m}") for each in months]))
    ctx = {"found": teams, "crumbs": [("Incidents", reverse("incident_list"))]}
    return render_page(request, "incidents/monthly_list.html", ctx)


@declares("team.see")
@require_GET
def show(request: PortalRequest, slug: str, month: str) -> HttpResponse:
    """Show the report of one month."""
    team, first = _find(request, slug, month)
    facts = read_month_facts(team, first, now=request.now)
    title, _, body = write_report(facts).partition("\n")
    after = month_after(first)
    ctx = {
        "team": team,
        "month": month,
        "title": title.removeprefix("# "),
        "body": body,
        "pictures": [(each.title, _draw(each)) for each in draw_pictures(facts)],
        "is_running": first == _this_month(request, team),
        "before": f"{month_before(first):%Y-%m}",
        "after": f"{after:%Y-%m}" if after <= _this_month(request, team) else "",
        "may_mail": may(request.actor, "incident.work", team.pk),
        "crumbs": [("Monthly reports", reverse("monthly_list"))],
    }
    return render_page(request, "incidents/monthly_report.html", ctx)


@declares("team.see")
@require_GET
def export(request: PortalRequest, slug: str, month: str) -> HttpResponse:
    """Give the report as a PDF."""
    from opsportal.kit.pdf import BarChart, write_pdf  # noqa: PLC0415 -- heavy, and rarely asked for

    team, first = _find(request, slug, month)
    facts = read_month_facts(team, first, now=request.now)
    bars = [BarChart(*each) for each in draw_pictures(facts)]
    title = f"Operations of {team.name}, {month}"
    made = write_pdf(write_report(facts), title=title, bars=bars)
    answer = HttpResponse(made, "application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{month}.pdf"'
    return answer


@declares("incident.work")
@require_POST
def mail(request: PortalRequest, slug: str, month: str) -> HttpResponse:
    """Send it to the managers now."""
    team, first = _find(request, slug, month)
    authorize(request.actor, "incident.work", team.pk)
    told = mail_report(team, first, by=request.user, now=request.now)
    say(request, f"On its way to {told} manager{'' if told == 1 else 's'}.")
    return redirect_back(request, "monthly_report", slug, month)


def _draw(picture: Picture) -> SafeString:
    rows = [
        NamedValue(name, value, _tone(picture.unit, value))
        for name, value in picture.rows
    ]
    return draw_bars(rows, words=picture.title, unit=picture.unit)


def _tone(unit: str, value: float) -> Tone:
    """A budget that is overspent stands out."""
    if unit != "%":
        return "acc"
    return "crit" if value > 100 else "warn" if value > 50 else "ok"


def _find(request: PortalRequest, slug: str, month: str) -> tuple[Team, date]:
    team = or_404(teams_of(request.actor).filter(slug=slug).first())
    first = or_404(read_month(month))
    if first > _this_month(request, team):
        raise Http404
    return team, first


def _this_month(request: PortalRequest, team: Team) -> date:
    return request.now.astimezone(ZoneInfo(team.time_zone)).date().replace(day=1)
