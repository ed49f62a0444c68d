"""Senders of alerts: made, given keys, switched on and off."""

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from incidents.domain.payloads import generic
from incidents.domain.payloads.pagerduty import KEY_LENGTH
from incidents.models import Integration
from incidents.queries.integrations import OWN_KINDS, severity_words
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError
from opsportal.kit.tokens import hash_token

OLD_KEY_LIVES = timedelta(hours=24)
LONGEST_SILENCE = timedelta(days=31)
_LETTERS = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a manager says about a sender.

    ``secret`` None keeps the one that is stored, "" takes it away.
    """

    name: str
    field_mapping: Mapping[str, str] = field(default_factory=dict)
    severity_mapping: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    silence_after: timedelta | None = None


def create_integration(
    service: Service, kind: str, settings: Settings, *, by: User, now: datetime
) -> tuple[Integration, str]:
    """Make a sender; return its row and its key, which is shown only now.

    Raises PortalError, naming the field, for a kind that is the portal's own, a
    name that is taken, or a mapping to what does not exist.
    """
    if kind not in Integration.Kind.values or kind in OWN_KINDS:
        raise PortalError("Choose what sends the alerts.", field="kind")
    integration = Integration(service=service, kind=kind, key_made_at=now)
    key = _make_key()
    integration.key_hash = hash_token(key)
    _apply(integration, settings, now)
    with transaction.atomic():
        touch_team(service.team_id)
        _save(integration)
        _audit("integration.create", integration, by=by, now=now, after=_say(settings))
    return integration, key


def edit_integration(
    integration: Integration, settings: Settings, *, by: User, now: datetime
) -> None:
    """Change what a sender is called and how its words are read."""
    _apply(integration, settings, now)
    with transaction.atomic():
        touch_team(integration.service.team_id)
        _save(integration)
        _audit("integration.edit", integration, by=by, now=now, after=_say(settings))


def rotate_key(integration: Integration, *, by: User, now: datetime) -> str:
    """Give a sender a new key, shown only now; the old one lives 24 hours more."""
    key = _make_key()
    with transaction.atomic():
        touch_team(integration.service.team_id)
        integration.refresh_from_db()
        integration.old_key_hash = integration.key_hash
        integration.old_key_until = now + OLD_KEY_LIVES
        integration.key_hash, integration.key_made_at = hash_token(key), now
        integration.save(
            update_fields=["old_key_hash", "old_key_until", "key_hash", "key_made_at"]
        )
        _audit("integration.rotate", integration, by=by, now=now)
    return key


def revoke_old_key(integration: Integration, *, by: User, now: datetime) -> None:
    """End the key before the last rotation at once."""
    with transaction.atomic():
        touch_team(integration.service.team_id)
        integration.old_key_hash, integration.old_key_until = "", None
        integration.save(update_fields=["old_key_hash", "old_key_until"])
        _audit("integration.revoke", integration, by=by, now=now)


def switch_integration(
    integration: Integration, *, is_enabled: bool, by: User, now: datetime
) -> None:
    """Let a sender in, or turn it away at the door."""
    with transaction.atomic():
        touch_team(integration.service.team_id)
        integration.is_enabled = is_enabled
        # A heartbeat that was switched off is missed by nobody.
        integration.silent_at = _next_silence(integration, now) if is_enabled else None
        integration.save(update_fields=["is_enabled", "silent_at"])
        word = "enable" if is_enabled else "disable"
        _audit(f"integration.{word}", integration, by=by, now=now)


def _make_key() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(KEY_LENGTH))


def _apply(integration: Integration, settings: Settings, now: datetime) -> None:
    if not settings.name.strip():
        raise PortalError("Give it a name.", field="name")
    errors = generic.find_mapping_errors(dict(settings.field_mapping))
    if errors:
        raise PortalError(" ".join(errors), field="field_mapping")
    _check_words(integration, settings.severity_mapping)
    silence = settings.silence_after
    if silence is not None and not timedelta(0) < silence <= LONGEST_SILENCE:
        raise PortalError("A heartbeat comes within 31 days.", field="silence_after")
    integration.name = settings.name.strip()[:80]
    integration.field_mapping = dict(settings.field_mapping)
    integration.severity_mapping = dict(settings.severity_mapping)
    integration.silence_after = silence
    integration.silent_at = _next_silence(integration, now)
    if settings.secret is not None:
        integration.secret = settings.secret


def _next_silence(integration: Integration, now: datetime) -> datetime | None:
    if integration.silence_after is None or not integration.is_enabled:
        return None
    return now + integration.silence_after


def _check_words(integration: Integration, mapping: Mapping[str, str]) -> None:
    words = [label for label, _ in severity_words(integration.service_id)]
    strange = [label for label in mapping.values() if label not in words]
    if strange:
        known = ", ".join(words) or "none yet"
        raise PortalError(
            f"{integration.service} has no severity “{strange[0]}”; its own: {known}.",
            field="severity_mapping",
        )


def _save(integration: Integration) -> None:
    try:
        with transaction.atomic():
            integration.save()
    except IntegrityError:
        raise PortalError(
            "The service has such an integration of this name.", field="name"
        ) from None


def _say(settings: Settings) -> dict[str, Any]:
    return {
        "name": settings.name,
        "field_mapping": dict(settings.field_mapping),
        "severity_mapping": dict(settings.severity_mapping),
    }


def _audit(
    action: str, integration: Integration, *, by: User, now: datetime, **change: Any
) -> None:
    team_id = integration.service.team_id
    record_change(action, integration, by=by, now=now, team_id=team_id, **change)
