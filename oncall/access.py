"""The one door: what an actor sees and may do.

Another team's things do not exist (404); too small a role is a refusal (403).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from oncall.domain import permission
from oncall.entrance import asks_to_sign_in
from oncall.models import Membership, Role, Team, User

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
MEMBER = "member"


class PortalRequest(HttpRequest):
    """A signed-in request, as the middleware leaves it.

    ``now`` is the one moment that the whole request uses.
    """

    user: User
    htmx: HtmxDetails
    now: datetime
    actor: "Actor"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, perhaps through a token with its scopes and team."""

    user: User
    scopes: frozenset[str] | None = None
    team_id: int | None = None
    label: str = ""


def declares(action: str) -> Callable[[View], View]:
    """Say what a view is for; the system check refuses views that do not.

    ``action`` is a key of permission.ACTIONS, or MEMBER for what every
    signed-in person may, or PUBLIC.
    """
    if action not in {PUBLIC, MEMBER}:
        permission.ACTIONS[action]

    def mark(view: View) -> View:
        guarded: Any = view if action == PUBLIC else asks_to_sign_in(view)
        guarded.action = action
        return cast("View", guarded)

    return mark


def teams_of(actor: Actor) -> QuerySet[Team]:
    """Return the teams whose things the actor sees."""
    teams = Team.objects.all()
    if actor.team_id is not None:
        teams = teams.filter(pk=actor.team_id)
    if not actor.user.is_superuser:
        teams = teams.filter(memberships__user=actor.user)
    return teams


def role_in(actor: Actor, team_id: int) -> str | None:
    """Return viewer, responder, manager or admin; None for a stranger."""
    if not actor.user.is_active or actor.team_id not in {None, team_id}:
        return None
    if actor.user.is_superuser:
        return "admin"
    # There is one at most: the order would only join both tables.
    found = Membership.objects.filter(user=actor.user, team_id=team_id).order_by()
    return next(iter(found.values_list("role", flat=True)), None)


def may(actor: Actor, action: str, team_id: int) -> bool:
    """Say whether the actor may do ``action`` in the team."""
    return _allows(actor, role_in(actor, team_id), action)


def _allows(actor: Actor, role: str | None, action: str) -> bool:
    if actor.scopes is not None and not permission.scope_allows(actor.scopes, action):
        return False
    return permission.allows(role, action)


def teams_where(actor: Actor, action: str) -> frozenset[int]:
    """Return the ids of the teams in which the actor may do ``action``: one query."""
    if actor.scopes is not None and not permission.scope_allows(actor.scopes, action):
        return frozenset()
    if actor.user.is_superuser and actor.user.is_active:
        return frozenset(teams_of(actor).values_list("pk", flat=True))
    mine = Membership.objects.filter(user=actor.user, user__is_active=True).order_by()
    roles = mine.values_list("team_id", "role")
    return frozenset(
        team_id
        for team_id, role in roles
        if actor.team_id in {None, team_id} and permission.allows(role, action)
    )


def teams_allowing(actor: Actor, action: str) -> set[int]:
    """Return the ids of the teams in which the actor may do ``action``, at once."""
    if actor.scopes is not None and not permission.scope_allows(actor.scopes, action):
        return set()
    teams = teams_of(actor)
    if not actor.user.is_superuser:
        roles = [role for role in Role.values if permission.allows(role, action)]
        mine = Membership.objects.filter(user=actor.user, role__in=roles)
        teams = teams.filter(pk__in=mine.values("team"))
    return set(teams.values_list("pk", flat=True))


def authorize(actor: Actor, action: str, team_id: int) -> None:
    """Pass, or raise Http404 (not your team) or PermissionDenied (not your role)."""
    role = role_in(actor, team_id)
    if role is None:
        raise Http404
    if not _allows(actor, role, action):
        needed = permission.ACTIONS[action]
        raise PermissionDenied(f"This needs the role {needed} in the team.")
