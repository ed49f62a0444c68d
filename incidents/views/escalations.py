"""What people do to an alert's escalation."""

from datetime import timedelta

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from incidents.services import escalations
from incidents.views.finding import find_alert, read_numbers
from oncall.access import PortalRequest, declares
from opsportal.kit.errors import PortalError
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say

SNOOZES = [
    (15, "15 minutes"), (60, "1 hour"), (240, "4 hours"), (1440, "24 hours"),
]  # fmt: skip


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Acknowledge as well, where everybody told has to."""
    alert = find_alert(request, pk, to="alert.work")
    escalations.confirm_acknowledgement(alert.pk, by=request.user, now=request.now)
    say(request, "Acknowledged by you as well.")
    return redirect_back(request, "alert_detail", pk)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def escalate(request: PortalRequest, pk: int) -> HttpResponse:
    """Make the next step due at once."""
    alert = find_alert(request, pk, to="alert.work")
    escalations.escalate_now(alert.pk, by=request.user, now=request.now)
    say(request, "The next step is told now.")
    return redirect_back(request, "alert_detail", pk)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def snooze(request: PortalRequest, pk: int) -> HttpResponse:
    """Put the steps off for a while."""
    alert = find_alert(request, pk, to="alert.work")
    minutes = read_numbers([request.POST.get("minutes", "")])
    if not minutes or minutes[0] > SNOOZES[-1][0]:
        raise PortalError("Choose for how long.", field="minutes")
    until = request.now + timedelta(minutes=minutes[0])
    escalations.snooze_escalation(alert.pk, until, by=request.user, now=request.now)
    say(request, "Nobody else is told until then.")
    return redirect_back(request, "alert_detail", pk)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def page(request: PortalRequest, pk: int) -> HttpResponse:
    """Page people of the team by hand."""
    alert = find_alert(request, pk, to="alert.work")
    count = escalations.page_by_hand(
        alert.pk,
        read_numbers(request.POST.getlist("users")),
        request.POST.get("text", ""),
        by=request.user,
        now=request.now,
    )
    say(request, f"{count} {'person is' if count == 1 else 'people are'} paged.")
    return redirect_back(request, "alert_detail", pk)
