"""What stands around every page, and how rendered pieces are kept.

A piece is keyed by the versions of the teams that it shows, so it is never
staler than the last change of one of them; what time alone changes is keyed by
the minute as well.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar

from django.core.cache import caches
from django.urls import reverse

from checklists.queries.runs import count_overdue
from incidents.queries import count_alerts, open_incidents
from oncall.access import PortalRequest, teams_of
from oncall.domain.permission import allows
from oncall.models import Membership
from oncall.queries import BoardRow, on_call_board
from oncall.queries.sweeps import PATIENCE, last_sweep_at
from opsportal.engine import URGENT_SWEEPS
from opsportal.kit.moments import say_length

T = TypeVar("T")

_KEEP = 300  # seconds; a key that moved on is only waste
_ENGINE_KEEP = 5


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team as frames show it; ``version`` moves with every change in it."""

    pk: int
    slug: str
    name: str
    time_zone: str
    version: int
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits, for the navigation."""

    overdue: int
    alerts: int
    incidents: int


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One link of the navigation."""

    label: str
    url: str
    icon: str
    count: int
    is_current: bool


def keep(parts: Iterable[Hashable], build: Callable[[], T], seconds: int = _KEEP) -> T:
    """Return what was built under this key, or build it now."""
    fragments = caches["fragments"]
    key = blake2b(repr(tuple(parts)).encode(), digest_size=20).hexdigest()
    found: T | None = fragments.get(key)
    if found is None:
        found = build()
        fragments.set(key, found, seconds)
    return found


def teams_seen(request: PortalRequest) -> tuple[TeamRow, ...]:
    """Return the viewer's teams by name, read once a request."""
    found: tuple[TeamRow, ...] | None = getattr(request, "_teams_seen", None)
    if found is None:
        rows = teams_of(request.actor).order_by("name", "pk")
        found = tuple(
            TeamRow(*row)
            for row in rows.values_list(
                "pk", "slug", "name", "time_zone", "version", "is_demo"
            )
        )
        request._teams_seen = found  # type: ignore[attr-defined]
    return found


def roles_of(request: PortalRequest) -> dict[int, str]:
    """Return the viewer's role in each of their teams, read once a request."""
    found: dict[int, str] | None = getattr(request, "_roles", None)
    if found is None:
        if request.user.is_superuser:
            found = dict.fromkeys(team_ids(request), "admin")
        else:
            memberships = Membership.objects.filter(user=request.user)
            found = dict(memberships.values_list("team_id", "role"))
        request._roles = found  # type: ignore[attr-defined]
    return found


def teams_to(request: PortalRequest, action: str) -> frozenset[int]:
    """Return the teams in which the viewer may do ``action``."""
    roles = roles_of(request)
    return frozenset(pk for pk, role in roles.items() if allows(role, action))


def state_of(request: PortalRequest) -> tuple[Hashable, ...]:
    """Return what every fragment depends on: teams as they are, and the minute."""
    teams = tuple((team.pk, team.version) for team in teams_seen(request))
    return (teams, minute_of(request.now))


def minute_of(now: datetime) -> int:
    """Return the number of the minute, in which words about time stay true."""
    return int(now.timestamp()) // 60


def team_ids(request: PortalRequest) -> list[int]:
    """Return the ids of the viewer's teams."""
    return [team.pk for team in teams_seen(request)]


def count_waiting(request: PortalRequest) -> Counts:
    """Return the counts of the navigation."""
    ids = team_ids(request)

    def build() -> Counts:
        active, _ = count_alerts(ids)
        return Counts(count_overdue(ids, request.now), active, len(open_incidents(ids)))

    return keep(("counts", *state_of(request)), build)


def board_of(request: PortalRequest) -> list[BoardRow]:
    """Return who is on call in the viewer's teams."""

    def build() -> list[BoardRow]:
        return on_call_board(team_ids(request), request.now)

    return keep(("board", *state_of(request)), build)


def is_on_call(request: PortalRequest) -> bool:
    """Say whether the viewer is on call now, in any role."""
    me = request.user.pk
    return any(
        person.user_id == me for row in board_of(request) for person in row.on_call
    )


def home_team(request: PortalRequest) -> TeamRow | None:
    """Return the team that a viewer belongs to first, by name."""
    teams = teams_seen(request)
    if not request.user.is_superuser:
        return teams[0] if teams else None

    def build() -> int:
        first = Membership.objects.filter(user=request.user).order_by("team__name")
        return first.values_list("team_id", flat=True).first() or 0

    own = keep(("home", request.user.pk, *state_of(request)), build)
    return next((team for team in teams if team.pk == own), None)


def nav_of(request: PortalRequest) -> list[NavEntry]:
    """Return the navigation, with what waits behind each link."""
    counts = count_waiting(request)
    waiting = {
        "checklist_list": counts.overdue,
        "alert_list": counts.alerts,
        "incident_list": counts.incidents,
    }
    return [
        NavEntry(label, reverse(name), icon, waiting.get(name, 0), is_current)
        for label, name, icon, starts in _NAV
        for is_current in [_is_in(request.path, starts)]
    ]


_NAV = (
    ("Today", "today", "layout-dashboard", ()),
    ("Checklists", "checklist_list", "list-checks", ("/checklists/", "/runs/")),
    ("On call", "schedule_list", "phone-call", ("/oncall/", "/teams/", "/notifications/")),
    ("Alerts", "alert_list", "bell", ("/alerts/",)),
    ("Incidents", "incident_list", "siren", ("/incidents/",)),
    ("Services", "service_list", "server", ("/services/", "/maintenance/")),
    ("Checks", "check_list", "radar", ("/checks/",)),
)


def _is_in(path: str, starts: tuple[str, ...]) -> bool:
    return path.startswith(starts) if starts else path == "/"


def warn_of_engine(now: datetime) -> str:
    """Return a sentence while the sweeps stand still, else nothing."""

    def build() -> str:
        last = last_sweep_at(URGENT_SWEEPS)
        if last is None:
            return "The engine has not run yet. Checks and reminders wait."
        if now - last <= PATIENCE:
            return ""
        return (
            f"Part of the engine has not run for {say_length(now - last)}."
            " Checks and reminders wait."
        )

    return keep(("engine",), build, _ENGINE_KEEP)
