"""Finding what an address names, for those who may see it or act on it."""

from functools import wraps
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from oncall.access import PortalRequest, View, authorize, teams_of
from oncall.models import Rotation, Schedule, Service, Team
from oncall.queries.services import get_service
from opsportal.kit.toasts import say


class _OfTeam(Protocol):
    pk: Any
    team: Team
    team_id: int


Row = TypeVar("Row", bound=_OfTeam)


def team_ids(request: PortalRequest) -> list[int]:
    """Return the ids of the viewer's teams."""
    return list(teams_of(request.actor).values_list("pk", flat=True))


def find_team(request: PortalRequest, slug: str, *, to: str = "team.see") -> Team:
    """Return the team for an actor who may do ``to`` in it."""
    team = get_object_or_404(teams_of(request.actor), slug=slug)
    authorize(request.actor, to, team.pk)
    return team


def find_service(request: PortalRequest, slug: str, *, to: str) -> Service:
    """Return the service for an actor who may do ``to`` in its team."""
    service = get_service(slug, team_ids(request))
    if service is None:
        raise Http404
    authorize(request.actor, to, service.team_id)
    return service


def find_schedule(
    request: PortalRequest, slug: str, *, to: str = "team.see"
) -> Schedule:
    """Return the schedule for an actor who may do ``to`` in its team."""
    rows = Schedule._default_manager.select_related("team")
    schedule = get_object_or_404(rows, slug=slug, team__in=teams_of(request.actor))
    authorize(request.actor, to, schedule.team_id)
    return schedule


def find_rotation(request: PortalRequest, slug: str, pk: int) -> Rotation:
    """Return the rotation for an actor who may edit it."""
    schedule = find_schedule(request, slug, to="schedule.edit")
    rotation = get_object_or_404(Rotation, pk=pk, schedule=schedule)
    rotation.schedule = schedule
    return rotation


def find_in_team(request: PortalRequest, kind: type[Row], pk: int, *, to: str) -> Row:
    """Return a row that belongs to a team, for an actor who may do ``to`` there."""
    rows = kind._default_manager.select_related("team")  # type: ignore[attr-defined]
    row: Row = get_object_or_404(rows, pk=pk, team__in=teams_of(request.actor))
    authorize(request.actor, to, row.team_id)
    return row


def steps_up(view: View) -> View:
    """Let only somebody act who showed within 15 minutes that it is them.

    Put it around views that hand out or change power: what was sent is not kept,
    because it may be a secret; the person comes back and sends it again.
    """

    @wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST" or _is_fresh(request):
            return view(request, *args, **kwargs)
        say(
            request,
            "Nothing is saved yet: confirm that it is you, then do it again.",
            level=messages.WARNING,
        )
        back = urlencode({"next": request.POST.get("next") or request.path})
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{back}")

    return cast("View", guarded)


def _is_fresh(request: PortalRequest) -> bool:
    if not get_adapter().get_reauthentication_methods(request.user):
        return True  # signed in by another house, which has no second question
    shown = [
        record["at"] for record in get_authentication_records(request, request.user)
    ]
    oldest = request.now.timestamp() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return bool(shown) and max(shown) > oldest
