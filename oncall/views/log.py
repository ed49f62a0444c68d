"""The delivery log: what was sent, what waits, what failed."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from oncall.access import MEMBER, PortalRequest, authorize, declares, teams_allowing
from oncall.forms.log import LogForm
from oncall.models import Notification, TransportKind
from oncall.queries import delivery_log as log
from oncall.services import notifications
from oncall.views.finding import team_ids
from opsportal.kit.http import answers_refusals, redirect_back, render_page
from opsportal.kit.toasts import say

A_PAGE = 50
_TONES = {
    Notification.State.SENT: "ok",
    Notification.State.BUNDLED: "ok",
    Notification.State.FAILED: "crit",
    Notification.State.LEASED: "acc",
}


@declares(MEMBER)
@require_GET
def list_notifications(request: PortalRequest) -> HttpResponse:
    """Show the messages of the viewer's teams, newest first."""
    ids = team_ids(request)
    form = LogForm(request.GET, people=log.log_people(ids))
    # What makes no sense is no limit.
    clean = form.cleaned_data if form.is_valid() else {}
    wanted = log.LogFilter(
        state=clean.get("state", ""),
        urgency=clean.get("urgency", ""),
        kind=clean.get("kind", ""),
        text=clean.get("q", "").strip(),
        person=clean.get("person"),
        topic=clean.get("topic", "").strip(),
    )
    rows = log.delivery_log(ids, request.user, wanted)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    allowed = teams_allowing(request.actor, "notification.retry")
    failed = log.count_failed(allowed)
    return render_page(
        request,
        "oncall/notification_list.html",
        {
            "form": form,
            "page": page,
            "rows": [
                (
                    row,
                    log.say_reader(row),
                    _TONES.get(Notification.State(row.state), ""),
                    _say_how(row),
                    row.state == "failed" and _may_retry(row, allowed),
                )
                for row in page
            ],
            "failed": failed,
            "servers_down": log.servers_down(),
            "tab": "log",
        },
    )


def _may_retry(row: Notification, allowed: set[int]) -> bool:
    return row.team_id is None or row.team_id in allowed


def _say_how(row: Notification) -> tuple[str, str]:
    kind, shown = log.say_way(row)
    return TransportKind(kind).label, shown


@declares("notification.retry")
@require_POST
@answers_refusals("notification_list")
def retry_notification(request: PortalRequest, pk: int) -> HttpResponse:
    """Send a failed message again."""
    seen = log.delivery_log(team_ids(request), request.user, log.LogFilter())
    row = get_object_or_404(seen, pk=pk)
    if row.team_id is not None:
        authorize(request.actor, "notification.retry", row.team_id)
    notifications.retry_notification(row, by=request.user, now=request.now)
    say(request, "It is on its way again.")
    return redirect_back(request, "notification_list")


@declares("notification.retry")
@require_POST
def retry_failed(request: PortalRequest) -> HttpResponse:
    """Send everything again that failed in the viewer's teams."""
    allowed = teams_allowing(request.actor, "notification.retry")
    done = notifications.retry_failed(allowed, by=request.user, now=request.now)
    say(request, f"{done} on their way again.")
    return redirect_back(request, "notification_list")
