"""Who carried how much, and what the team owes for it."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from oncall.access import PortalRequest, declares, may
from oncall.forms.load import PERIODS, Period, RatesForm, read_period
from oncall.models import Schedule
from oncall.queries.duty_rules import rates_of
from oncall.queries.load import LoadReport, report_load
from oncall.queries.stipends import HEAD, csv_row, stipend_rows
from oncall.services.stipends import save_rates
from oncall.views.finding import find_schedule, find_team
from opsportal.kit.bars import NamedValue, draw_bars
from opsportal.kit.errors import PortalError
from opsportal.kit.http import add_error, redirect_back, render_page
from opsportal.kit.tables import write_csv
from opsportal.kit.toasts import say


@declares("team.see")
@require_GET
def show_load(request: PortalRequest, slug: str) -> HttpResponse:
    """Show the load of each person over a period, and how even it is."""
    schedule = find_schedule(request, slug)
    period, form = read_period(request.GET, _zone_of(schedule), request.now)
    report = report_load(
        schedule,
        period.starts_at,
        period.ends_at,
        now=request.now,
        role=request.GET.get("role", ""),
    )
    can_pay = may(request.actor, "stipend.see", schedule.team_id)
    return render_page(
        request,
        "oncall/load.html",
        {
            "schedule": schedule,
            "team": schedule.team,
            "period": period,
            "form": form,
            "load": report,
            "bars": _draw(report),
            "periods": _links(PERIODS, "period", period.key, role=report.role),
            "roles": _links(
                [
                    ("", "Every role"),
                    *((role, role.capitalize()) for role in report.roles),
                ],
                "role",
                report.role,
                **_days(period),
            ),
            "rates": rates_of(schedule.team),
            "stipends": stipend_rows(
                [schedule.team_id],
                period.starts_at,
                period.ends_at,
                now=request.now,
                schedule=slug,
            )
            if can_pay
            else [],
            "csv_query": urlencode(_days(period)),
            "can_pay": can_pay,
            "can_edit": may(request.actor, "schedule.edit", schedule.team_id),
            "crumbs": [("On call", "/oncall/"), (schedule.name, f"/oncall/{slug}/")],
        },
    )


@declares("stipend.see")
@require_GET
def export_stipends(request: PortalRequest, slug: str) -> HttpResponse:
    """Give the stipends of a period as CSV."""
    schedule = find_schedule(request, slug, to="stipend.see")
    period, _ = read_period(request.GET, _zone_of(schedule), request.now)
    rows = stipend_rows(
        [schedule.team_id],
        period.starts_at,
        period.ends_at,
        now=request.now,
        schedule=slug,
    )
    name = f"{slug}-{period.first}-{period.last}.csv"
    return HttpResponse(
        write_csv(HEAD, map(csv_row, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@declares("stipend.edit")
@require_http_methods(["GET", "POST"])
def edit_rates(request: PortalRequest, team_slug: str) -> HttpResponse:
    """Change what an hour on call is worth in a team."""
    team = find_team(request, team_slug, to="stipend.edit")
    form = RatesForm(request.POST or None, instance=rates_of(team))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                save_rates(team, form.read(), by=request.user, now=request.now)
            except PortalError as error:
                status = add_error(form, error)
            else:
                say(request, "The rates are saved. Reports use them from now on.")
                return redirect_back(request, "team_detail", team.slug)
    return render_page(
        request,
        "oncall/stipend_rates.html",
        {
            "team": team,
            "form": form,
            "crumbs": [("On call", "/oncall/"), (team.name, f"/teams/{team.slug}/")],
        },
        status=status,
    )


def _zone_of(schedule: Schedule) -> ZoneInfo:
    return ZoneInfo(schedule.team.time_zone)


def _days(period: Period) -> dict[str, str]:
    if period.key:
        return {"period": period.key}
    return {"first": str(period.first), "last": str(period.last)}


def _links(
    choices: object, name: str, current: str, **others: str
) -> list[dict[str, object]]:
    return [
        {
            "label": label,
            "url": "?" + urlencode({**others, name: key}),
            "is_current": key == current,
        }
        for key, label in choices  # type: ignore[attr-defined]
    ]


def _draw(report: LoadReport) -> str:
    rows = [NamedValue(row.name, row.hours) for row in report.rows]
    return draw_bars(rows, words="Hours on call", unit="h")
