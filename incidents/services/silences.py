"""Silences: what people asked not to hear of, for how long, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from incidents.domain.matchers import MOST, Matcher, fits_anything
from incidents.models import Silence
from incidents.queries.silences import open_with_series
from incidents.services.muting import review_mutes
from oncall.models import Service, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceDraft:
    """What a silence says. Moments are aware; it always ends, with a reason."""

    matchers: Sequence[Matcher]
    starts_at: datetime
    ends_at: datetime
    comment: str


def create_silence(
    team: Team,
    service: Service | None,
    draft: SilenceDraft,
    *,
    by: User | None,
    now: datetime,
    author: str = "",
) -> Silence:
    """Mute what fits in the team, or in one service of it; open alerts at once.

    ``author`` names who asked where a machine does. Raises PortalError for a draft
    without a reason or an end, or whose matchers would fit anything.
    """
    _check(draft, now)
    with transaction.atomic():
        touch_team(team.pk)
        silence = Silence.objects.create(
            team=team,
            service=service,
            author=(by.display_name if by else author)[:120],
            created_by=by,
            **_fields(draft, now),
        )
        _review(silence, now)
        _audit("silence.create", silence, by=by, now=now, after=_say(silence))
    return silence


def edit_silence(
    silence: Silence, draft: SilenceDraft, *, by: User | None, now: datetime
) -> Silence:
    """Change a silence; with other matchers it is a new one.

    What is active keeps its start; what is pending may move. Returns the silence that holds from now on: what
    it muted until now stays on record. Raises Refused when it is over.
    """
    _check(draft, now)
    with transaction.atomic():
        touch_team(silence.team_id)
        silence = _take(silence, now)
        is_pending = silence.starts_at > now
        begins = is_pending and draft.starts_at <= now
        if begins or _as_rows(draft.matchers) != silence.matchers:
            expire_silence(silence, by=by, now=now)
            return create_silence(
                silence.team,
                silence.service,
                draft,
                by=by,
                now=now,
                author=silence.author,
            )
        before = _say(silence)
        if is_pending:
            silence.starts_at = draft.starts_at
        silence.ends_at, silence.updated_at = draft.ends_at, now
        silence.comment = draft.comment.strip()[:500]
        silence.save(update_fields=["starts_at", "ends_at", "updated_at", "comment"])
        _review(silence, now)
        after = _say(silence)
        _audit("silence.edit", silence, by=by, now=now, before=before, after=after)
    return silence


def expire_silence(silence: Silence, *, by: User | None, now: datetime) -> Silence:
    """End a silence now: what still fires tells. Raises Refused when it is over."""
    with transaction.atomic():
        touch_team(silence.team_id)
        silence = _take(silence, now)
        before = _say(silence)
        silence.starts_at = min(silence.starts_at, now)
        silence.ends_at = silence.updated_at = now
        silence.applied_at = silence.applied_at or now
        silence.save(update_fields=["starts_at", "ends_at", "updated_at", "applied_at"])
        _review(silence, now)
        after = _say(silence)
        _audit("silence.expire", silence, by=by, now=now, before=before, after=after)
    return silence


def _check(draft: SilenceDraft, now: datetime) -> None:
    if not draft.comment.strip():
        raise PortalError("Say why, for those who wonder.", field="comment")
    if not 0 < len(draft.matchers) <= MOST:
        raise PortalError("Name at least one label.", field="matchers")
    if fits_anything(draft.matchers):
        raise PortalError(
            "This would mute everything; name a label that has to be there.",
            field="matchers",
        )
    if draft.ends_at <= max(draft.starts_at, now):
        raise PortalError("It would be over already.", field="ends_at")
    if draft.ends_at > draft.starts_at + LONGEST:
        raise PortalError("A silence ends within a year.", field="ends_at")


def _take(silence: Silence, now: datetime) -> Silence:
    rows = Silence.objects.select_related("team", "service")
    found = rows.get(pk=silence.pk)
    if found.ends_at <= now:
        raise Refused("This silence is over; make a new one.", code="silence_over")
    return found


def _review(silence: Silence, now: datetime) -> None:
    alerts = open_with_series().filter(service__team=silence.team_id)
    if silence.service_id is not None:
        alerts = alerts.filter(service=silence.service_id)
    review_mutes(alerts, now=now)


def _fields(draft: SilenceDraft, now: datetime) -> dict[str, Any]:
    return {
        "matchers": _as_rows(draft.matchers),
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "comment": draft.comment.strip()[:500],
        "updated_at": now,
        "applied_at": now if draft.starts_at <= now else None,
    }


def _as_rows(matchers: Sequence[Matcher]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "value": each.value,
            "isRegex": each.is_regex,
            "isEqual": each.is_equal,
        }
        for each in matchers
    ]


def _say(silence: Silence) -> dict[str, Any]:
    return {
        "matchers": silence.matchers,
        "starts_at": silence.starts_at.isoformat(),
        "ends_at": silence.ends_at.isoformat(),
        "comment": silence.comment,
    }


def _audit(
    action: str, silence: Silence, *, by: User | None, now: datetime, **change: Any
) -> None:
    record_change(action, silence, by=by, now=now, team_id=silence.team_id, **change)
