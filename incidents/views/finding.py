"""Finding what an address names, for those who may see it or act on it."""

from collections.abc import Iterable
from typing import TypeVar

from django.http import Http404

from incidents import queries
from incidents.models import Alert, Incident, MaintenanceWindow
from oncall.access import PortalRequest, authorize, teams_of

Row = TypeVar("Row")


def team_ids(request: PortalRequest) -> list[int]:
    """Return the ids of the viewer's teams."""
    return list(teams_of(request.actor).values_list("pk", flat=True))


def read_numbers(texts: Iterable[str]) -> list[int]:
    """Return those texts that are row numbers; what a person did not send is left."""
    plain = [text for text in texts if text.isascii() and text.isdigit()]
    return [int(text) for text in plain if len(text) <= 18]


def or_404(row: Row | None) -> Row:
    """Return the row; what is not there, or not theirs, does not exist."""
    if row is None:
        raise Http404
    return row


def find_alert(request: PortalRequest, pk: int, *, to: str = "team.see") -> Alert:
    """Return the alert for an actor who may do ``to`` with it."""
    alert = or_404(queries.get_alert(team_ids(request), pk))
    authorize(request.actor, to, alert.service.team_id)
    return alert


def find_incident(
    request: PortalRequest, ref: str, *, to: str = "team.see"
) -> Incident:
    """Return the incident for an actor who may do ``to`` with it."""
    incident = or_404(queries.get_incident(team_ids(request), ref))
    authorize(request.actor, to, incident.team_id)
    return incident


def find_window(request: PortalRequest, pk: int) -> MaintenanceWindow:
    """Return the maintenance window for an actor who may edit it."""
    window = or_404(queries.get_window(team_ids(request), pk))
    authorize(request.actor, "maintenance.edit", window.service.team_id)
    return window
