"""API tokens: made once, shown once, stored as a hash."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from oncall.models import ApiToken, Membership, Scope, Team, User
from oncall.services.audit import record_change
from opsportal.kit.errors import PortalError
from opsportal.kit.tokens import hash_token, make_token

LONGEST = timedelta(days=365)
# A token in use does not write a row each time it is shown.
_USE_STEP = timedelta(minutes=1)


def create_token(
    user: User,
    *,
    name: str,
    scopes: Sequence[str],
    team: Team | None,
    lifetime: timedelta,
    now: datetime,
) -> tuple[ApiToken, str]:
    """Make a token of the person; return its row and the secret, shown only now.

    ``team`` limits it to one team of theirs. Raises PortalError for a scope that
    does not exist, a team of others, or a lifetime beyond a year.
    """
    if not scopes or not set(scopes) <= set(Scope.values):
        raise PortalError("Choose what the token may do.", field="scopes")
    if not timedelta(0) < lifetime <= LONGEST:
        raise PortalError("A token lives a year at most.", field="lifetime")
    if team is not None and not _belongs(user, team):
        raise PortalError("Choose a team that you belong to.", field="team")
    new = make_token("api")
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            team=team,
            name=name,
            prefix=new.prefix,
            digest=new.digest,
            scopes=[scope for scope in Scope.values if scope in scopes],
            created_at=now,
            expires_at=now + lifetime,
        )
        record_change(
            "token.create",
            token,
            by=user,
            now=now,
            team_id=token.team_id,
            after={"name": name, "scopes": token.scopes},
        )
    return token, new.plain


def revoke_token(token: ApiToken, *, by: User, now: datetime) -> bool:
    """End a token at once; False when it was revoked already."""
    with transaction.atomic():
        won = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(
            revoked_at=now
        )
        if won:
            record_change("token.revoke", token, by=by, now=now, team_id=token.team_id)
    return bool(won)


def find_token(plain: str, *, now: datetime) -> ApiToken | None:
    """Return the live token behind a secret, with its person, and note the use.

    None for one that is unknown, revoked or expired, or whose person is inactive.
    """
    token = (
        ApiToken.objects.select_related("user")
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .filter(digest=hash_token(plain), revoked_at=None, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    ApiToken.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lte=now - _USE_STEP), pk=token.pk
    ).update(last_used_at=now)
    return token


def _belongs(user: User, team: Team) -> bool:
    if user.is_superuser:
        return True
    return Membership.objects.filter(user=user, team=team).exists()
