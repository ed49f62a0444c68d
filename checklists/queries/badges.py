"""What a badge of a check says, and the address at which it does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer

from checklists.models import Check
from checklists.queries.uptime import downtime_of, watched_since

UPTIME = timedelta(days=30)
# The address is the secret: only this portal can write one.
_SIGNER = Signer(salt="checklists.badge", sep=".")


@dataclass(frozen=True, slots=True)
class BadgeRow:
    """A check as a badge shows it; ``percent`` is None before it was watched."""

    name: str
    status: str
    is_enabled: bool
    percent: float | None


def badge_token(check_pk: int) -> str:
    """Return the unguessable part of the address of a check's badges."""
    return _SIGNER.sign(str(check_pk))


def read_badge(token: str, now: datetime) -> BadgeRow | None:
    """Return what the badge shows; None for a token that was not given out."""
    try:
        pk = int(_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    check = Check.objects.filter(pk=pk).first()
    if check is None:
        return None
    return BadgeRow(check.name, check.status, check.is_enabled, _percent(check, now))


def _percent(check: Check, now: datetime) -> float | None:
    since = watched_since(check.pk)
    if since is None or since >= now:
        return None
    start = max(since, now - UPTIME)
    return 100 * (1 - downtime_of(check, start, now) / (now - start))
