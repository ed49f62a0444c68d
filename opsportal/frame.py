"""What stands around every page, and how rendered pieces are kept.

A piece is keyed by the versions of the teams that it shows, so it is never
staler than the last change of one of them; what time alone changes is keyed by
the minute as well.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sized
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

from django.core.cache import caches
from django.urls import reverse

from checklists.queries.runs import count_overdue
from incidents.queries import (
    AlertRow,
    IncidentRow,
    active_alerts,
    count_active_alerts,
    count_open_incidents,
    open_incidents,
)
from oncall.access import PortalRequest
from oncall.domain.permission import allows
from oncall.models import Membership
from oncall.queries import BoardRow, on_call_board
from oncall.queries.delivery_log import count_unreached, servers_down
from oncall.queries.schedules import own_first, takes_part, teams_with
from oncall.queries.sweeps import PATIENCE, last_sweep_at
from oncall.queries.teams import TeamRow, teams_by_name
from opsportal.engine import URGENT_SWEEPS
from opsportal.kit.moments import say_length

T = TypeVar("T")

_KEEP = 300  # seconds; a key that moved on is only waste
_ENGINE_KEEP = 5


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
    key = _key_of(parts)
    found: T | None = fragments.get(key)
    if found is None:
        found = build()
        fragments.set(key, found, seconds)
    return found


def _kept(parts: Iterable[Hashable]) -> Any:
    """Return what was built under this key; None if nothing was."""
    return caches["fragments"].get(_key_of(parts))


def _key_of(parts: Iterable[Hashable]) -> str:
    return blake2b(repr(tuple(parts)).encode(), digest_size=20).hexdigest()


def teams_seen(request: PortalRequest) -> tuple[TeamRow, ...]:
    """Return the viewer's teams by name, read once a request."""
    found: tuple[TeamRow, ...] | None = getattr(request, "_teams_seen", None)
    if found is None:
        user = request.user
        found = teams_by_name(user.pk, is_admin=user.is_superuser)
        request._teams_seen = found  # type: ignore[attr-defined]
    return found


def teams_to(request: PortalRequest, action: str) -> frozenset[int]:
    """Return the teams in which the viewer may do ``action``."""
    return frozenset(
        team.pk for team in teams_seen(request) if allows(team.role, action)
    )


def roles_of(request: PortalRequest) -> tuple[tuple[int, str], ...]:
    """Return the viewer's role in each of their teams."""
    return tuple((team.pk, team.role) for team in teams_seen(request))


def state_of(request: PortalRequest) -> tuple[Hashable, ...]:
    """Return what every fragment depends on: teams as they are, and the minute."""
    teams = tuple((team.pk, team.version) for team in teams_seen(request))
    return (teams, minute_of(request.now))


def calm_state_of(request: PortalRequest) -> tuple[Hashable, ...]:
    """Return what fragments depend on that show no run and no reading."""
    teams = tuple((team.pk, team.calm_version) for team in teams_seen(request))
    return (teams, minute_of(request.now))


def minute_of(now: datetime) -> int:
    """Return the number of the minute, in which words about time stay true."""
    return int(now.timestamp()) // 60


def team_ids(request: PortalRequest) -> list[int]:
    """Return the ids of the viewer's teams."""
    return [team.pk for team in teams_seen(request)]


def alerts_of(request: PortalRequest) -> list[AlertRow]:
    """Return the open alerts of the viewer's teams, worst first, then newest."""

    def build() -> list[AlertRow]:
        return sorted(active_alerts(team_ids(request)), key=_worst_first)

    return keep(("alerts", *calm_state_of(request)), build)


def _worst_first(alert: AlertRow) -> tuple[int, float]:
    return alert.level, -alert.starts_at.timestamp()


def incidents_of(request: PortalRequest) -> list[IncidentRow]:
    """Return the open incidents of the viewer's teams."""

    def build() -> list[IncidentRow]:
        return open_incidents(team_ids(request))

    return keep(("incidents", *calm_state_of(request)), build)


def _count(
    request: PortalRequest, what: str, ask: Callable[[Collection[int]], int]
) -> int:
    """Return how many rows there are: most pages show nothing else of them."""
    state = calm_state_of(request)
    rows: Sized | None = _kept((what, *state))
    if rows is not None:
        return len(rows)
    return keep((f"count of {what}", *state), lambda: ask(team_ids(request)))


def overdue_of(request: PortalRequest, known: int | None = None) -> int:
    """Return how many runs of the viewer's teams are overdue.

    Who has just counted them anyway gives the number as ``known``.
    """

    def build() -> int:
        if known is not None:
            return known
        return count_overdue(team_ids(request), request.now)

    return keep(("overdue", *state_of(request)), build)


def board_of(request: PortalRequest) -> list[BoardRow]:
    """Return who is on call in the viewer's teams."""

    def build() -> list[BoardRow]:
        return on_call_board(team_ids(request), request.now)

    return keep(("board", *calm_state_of(request)), build)


def own_board_of(request: PortalRequest) -> list[BoardRow]:
    """Return the same with the viewer's own teams and schedules first."""
    return own_first(board_of(request), request.user.pk, _own_teams(request))


def _own_teams(request: PortalRequest) -> frozenset[int]:
    me = request.user
    if not me.is_superuser:
        return frozenset(team_ids(request))
    # Admins see every team; their own are those that they are members of.
    key = ("own", me.pk, *calm_state_of(request))
    return keep(key, lambda: teams_with(me.pk))


def is_on_call(request: PortalRequest) -> bool:
    """Say whether the viewer is on call now, in any role."""
    me, state = request.user.pk, calm_state_of(request)
    if _kept(("board", *state)) is None and not keep(
        ("part", me, *state), lambda: takes_part(me, request.now)
    ):
        return False
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

    own = keep(("home", request.user.pk, *calm_state_of(request)), build)
    return next((team for team in teams if team.pk == own), None)


def nav_of(request: PortalRequest) -> list[NavEntry]:
    """Return the navigation, with what waits behind each link."""
    waiting = {
        "checklist_list": overdue_of(request),
        "alert_list": _count(request, "alerts", count_active_alerts),
        "incident_list": _count(request, "incidents", count_open_incidents),
    }
    return [
        NavEntry(label, _url_of(name), icon, waiting.get(name, 0), is_current)
        for label, name, icon, starts in _NAV
        for is_current in [_is_in(request.path, starts)]
    ]


# Eight of them a page, on every page.
_url_of = cache(reverse)

_NAV = (
    ("Today", "today", "layout-dashboard", ()),
    (
        "Checklists",
        "checklist_list",
        "list-checks",
        ("/checklists/", "/runs/", "/history/", "/reviews/"),
    ),
    (
        "On call",
        "schedule_list",
        "phone-call",
        (
            "/oncall/",
            "/handoffs/",
            "/teams/",
            "/notifications/",
            "/swaps/",
            "/absences/",
            "/calendars/",
            "/policies/",
        ),
    ),
    (
        "Alerts",
        "alert_list",
        "bell",
        ("/alerts/", "/alert-groups/", "/integrations/", "/silences/", "/storms/"),
    ),
    (
        "Incidents",
        "incident_list",
        "siren",
        ("/incidents/", "/actions/", "/postmortems/", "/reports/"),
    ),
    (
        "Services",
        "service_list",
        "server",
        ("/services/", "/dashboards/", "/maintenance/", "/slos/", "/status-pages/"),
    ),
    ("Checks", "check_list", "radar", ("/checks/",)),
    ("Runbooks", "runbook_list", "book-open", ("/runbooks/",)),
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


def warn_of_delivery(request: PortalRequest) -> str:
    """Return a sentence for managers while pages reach nobody, else nothing."""
    managed = sorted(teams_to(request, "channel.edit"))
    if not managed:
        return ""

    def build() -> str:
        down = [server.label for server in servers_down()]
        lost = count_unreached(managed, request.now)
        pages = "page has" if lost == 1 else "pages have"
        said = [f"{label[0].upper()}{label[1:]} does not answer." for label in down]
        if lost:
            said.append(f"{lost} {pages} reached nobody in the last 24 hours.")
        return " ".join(said)

    return keep(("delivery", tuple(managed)), build, _ENGINE_KEEP)
