"""My shifts: what lies ahead of one person, in all schedules."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from oncall.access import MEMBER, PortalRequest, declares, teams_allowing
from oncall.queries.shifts import SIGHT, shifts_of
from oncall.views.finding import team_ids
from opsportal.kit.http import render_page


@declares(MEMBER)
@require_GET
def list_my_shifts(request: PortalRequest) -> HttpResponse:
    """Show the viewer's shift now and those of the next 90 days."""
    rows = shifts_of(
        request.user.pk, team_ids(request), request.now, request.now + SIGHT
    )
    workable = teams_allowing(request.actor, "override.own")
    return render_page(
        request,
        "oncall/my_shifts.html",
        {
            "current": [row for row in rows if row.is_now(request.now)],
            "coming": [
                (row, row.team_id in workable)
                for row in rows
                if not row.is_now(request.now)
            ],
            "days": SIGHT.days,
            "tab": "mine",
        },
    )
