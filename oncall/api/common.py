"""What several parts of the API are made of."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import Http404
from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, Field

from oncall.access import teams_of
from oncall.api_auth import ApiRequest, readable_teams
from oncall.models import Service, Team
from oncall.queries.schedules import find_schedule
from oncall.queries.services import get_service
from opsportal.kit.errors import Conflict, PortalError

LONGEST = timedelta(days=366)


def _read_moment(value: Any) -> Any:
    # Pydantic would take "0.5" for half a second after 1970.
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("Use RFC 3339, such as 2026-01-14T09:00:00Z.")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_read_moment)]
# A time of the wall clock, and the name of something in an address.
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
ShortName = Annotated[str, Field(pattern="^[-a-zA-Z0-9_]{1,50}$")]


def schedule_pk(request: ApiRequest, slug: str) -> int:
    """Return the key of a schedule that the token may see. Raises Http404."""
    found = find_schedule(slug, readable_teams(request))
    if found is None:
        raise Http404
    return found


def team_named(request: ApiRequest, slug: str) -> Team:
    """Return a team of the token; what may be done there is asked next."""
    team = teams_of(request.auth).filter(slug=slug).first()
    if team is None:
        raise Http404
    return team


def service_named(team_ids: Collection[int], slug: str) -> Service:
    """Return a service of these teams; what may be done there is asked next."""
    found = get_service(slug, team_ids)
    if found is None:
        raise Http404
    return found


@contextmanager
def telling(show: Callable[[Any], Schema | None]) -> Iterator[None]:
    """Let a Conflict carry what the other left in the form of the API; None: nothing."""
    try:
        yield
    except Conflict as conflict:
        conflict.current = show(conflict.current)
        raise


def check_interval(start: datetime, end: datetime) -> None:
    """Raise PortalError unless start < end, at most 366 days apart."""
    if not start < end <= start + LONGEST:
        raise PortalError(
            "Give an end after the start, at most 366 days later.", field="end"
        )
