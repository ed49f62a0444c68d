"""How long the alerts of a sender have to last: set on its page."""

from datetime import timedelta

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from incidents.queries.integrations import get_integration
from incidents.services.durations import set_durations
from incidents.views.finding import or_404, read_numbers, team_ids
from oncall.access import PortalRequest, authorize, declares
from opsportal.kit.errors import PortalError
from opsportal.kit.http import answers_refusals, redirect_back
from opsportal.kit.toasts import say

# In seconds, with their words.
CHOICES = (
    (30, "30 s"),
    (60, "1 min"),
    (120, "2 min"),
    (300, "5 min"),
    (600, "10 min"),
    (900, "15 min"),
    (1800, "30 min"),
    (3600, "1 h"),
)


@declares("integration.edit")
@require_POST
@answers_refusals("integration_detail", keyword="pk")
def of_integration(request: PortalRequest, pk: int) -> HttpResponse:
    """Say how long an alert lasts before it tells, and an end before it counts."""
    sender = or_404(get_integration(team_ids(request), pk))
    authorize(request.actor, "integration.edit", sender.service.team_id)
    set_durations(
        sender,
        _read(request.POST, "hold_for"),
        _read(request.POST, "clear_for"),
        by=request.user,
        now=request.now,
    )
    say(request, "Alerts that open from now on keep to it.")
    return redirect_back(request, "integration_detail", pk)


def describe(length: timedelta | None) -> str:
    """Return what the choice of a length shows as chosen."""
    return "" if length is None else str(length // timedelta(seconds=1))


def _read(said: QueryDict, name: str) -> timedelta | None:
    """Return the length that was chosen; empty is None.

    Raises PortalError for what is no choice.
    """
    text = said.get(name, "")
    if not text:
        return None
    seconds = read_numbers([text])
    if not seconds or seconds[0] not in {number for number, _ in CHOICES}:
        raise PortalError("Choose one of the lengths.", field=name)
    return timedelta(seconds=seconds[0])
