"""The delivery log: what was sent, what waits, what failed."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from oncall.access import MEMBER, PortalRequest, authorize, declares, teams_allowing
from oncall.forms.log import LogForm
from oncall.models import Notification, TransportKind
from oncall.queries import people
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
    form = LogForm(request.GET)
    # What makes no sense is no limit.
    clean = form.cleaned_data if form.is_valid() else {}
    wanted = people.LogFilter(
        state=clean.get("state", ""),
        urgency=clean.get("urgency", ""),
        kind=clean.get("kind", ""),
        text=clean.get("q", "").strip(),
    )
    ids = team_ids(request)
    rows = people.delivery_log(ids, request.user, wanted)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    allowed = teams_allowing(request.actor, "notification.retry")
    failed = people.count_failed(allowed)
    return render_page(
        request,
        "oncall/notification_list.html",
        {
            "form": form,
            "page": page,
            "rows": [
                (
                    row,
                    _TONES.get(Notification.State(row.state), ""),
                    _say_how(row),
                    row.state == "failed" and _may_retry(row, allowed),
                )
                for row in page
            ],
            "failed": failed,
            "servers_down": people.servers_down(),
            "tab": "log",
        },
    )


def _may_retry(row: Notification, allowed: set[int]) -> bool:
    return row.team_id is None or row.team_id in allowed


def _say_how(row: Notification) -> tuple[str, str]:
    """Return the kind of way, and the address with enough hidden."""
    if row.channel is not None:
        return row.channel.get_kind_display(), ""
    method = row.contact_method
    if method is not None:
        return method.get_kind_display(), people.mask_address(
            method.kind, method.address
        )
    email = row.contact.value if row.contact else ""
    email = email or (row.recipient.email if row.recipient else "")
    return TransportKind.EMAIL.label, people.mask_address("email", email)


@declares("notification.retry")
@require_POST
@answers_refusals("notification_list")
def retry_notification(request: PortalRequest, pk: int) -> HttpResponse:
    """Send a failed message again."""
    seen = people.delivery_log(team_ids(request), request.user, people.LogFilter())
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
