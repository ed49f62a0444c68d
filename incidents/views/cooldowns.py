"""How often one series may tell: set from an alert, or for a whole sender."""

from datetime import timedelta

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from incidents.queries.integrations import get_integration
from incidents.services.cooldowns import cool_sender, cool_series
from incidents.views.finding import find_alert, or_404, read_numbers, team_ids
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import PortalError
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say

# In minutes, with their words.
CHOICES = (
    (1, "1 min"),
    (5, "5 min"),
    (10, "10 min"),
    (30, "30 min"),
    (60, "1 h"),
    (240, "4 h"),
    (1440, "1 day"),
)


@declares("alert.work")
@require_POST
@answers_refusals("alert_detail", keyword="pk")
def of_alert(request: PortalRequest, pk: int) -> HttpResponse:
    """Let the series of an alert tell at most once in so long."""
    alert = find_alert(request, pk, to="alert.work")
    cool_series(alert.series, _read(request.POST), by=request.user, now=request.now)
    say(request, "The cooldown holds from now on.")
    return redirect_back(request, "alert_detail", pk)


@declares("integration.edit")
@require_POST
@answers_refusals("integration_detail", keyword="pk")
def of_integration(request: PortalRequest, pk: int) -> HttpResponse:
    """Let each series of a sender tell at most once in so long."""
    sender = or_404(get_integration(team_ids(request), pk))
    authorize(request.actor, "integration.edit", sender.service.team_id)
    cool_sender(sender, _read(request.POST), by=request.user, now=request.now)
    say(request, "The cooldown holds from now on.")
    return redirect_back(request, "integration_detail", pk)


def describe(cooldown: timedelta | None) -> str:
    """Return what the choice of a cooldown shows as chosen."""
    return "" if cooldown is None else str(cooldown // timedelta(minutes=1))


def _read(said: QueryDict) -> timedelta | None:
    """Return the length that was chosen; empty is None.

    Raises PortalError for what is no choice.
    """
    text = said.get("minutes", "")
    if not text:
        return None
    minutes = read_numbers([text])
    if not minutes or minutes[0] not in {0, *(number for number, _ in CHOICES)}:
        raise PortalError("Choose one of the lengths.", field="minutes")
    return timedelta(minutes=minutes[0])
