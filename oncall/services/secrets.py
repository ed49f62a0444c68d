"""Named secrets of a team: written, used by checks, never shown again."""

import logging
import re
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from oncall.models import Secret, Team, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError
from opsportal.kit.outbound import BoundSecret
from opsportal.kit.vault import VaultError, decrypt

log = logging.getLogger(__name__)

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*|\[?[0-9a-f:]+\]?")


def save_secret(
    team: Team,
    *,
    name: str,
    value: str,
    hosts: Sequence[str],
    by: User,
    now: datetime,
) -> Secret:
    """Write a secret, or write it anew under the same name.

    ``hosts`` are the only ones that it is ever sent to. Raises PortalError when the
    value is empty, or when no host or no possible host is named.
    """
    if not value:
        raise PortalError("Enter the secret itself.", field="value")
    clean = _clean_hosts(hosts)
    with transaction.atomic():
        touch_team(team.pk)
        secret, is_new = Secret.objects.update_or_create(
            team=team,
            name=name,
            defaults={"value": value, "hosts": clean, "updated_at": now},
        )
        record_change(
            "secret.create" if is_new else "secret.replace",
            secret,
            by=by,
            now=now,
            team_id=team.pk,
            after={"hosts": clean},
        )
    return secret


def delete_secret(secret: Secret, *, by: User, now: datetime) -> None:
    """Remove a secret; the checks that use it will say that it is missing."""
    with transaction.atomic():
        touch_team(secret.team_id)
        record_change("secret.delete", secret, by=by, now=now, team_id=secret.team_id)
        Secret.objects.filter(pk=secret.pk).delete()


def bound_secrets(team_ids: Collection[int]) -> dict[int, dict[str, BoundSecret]]:
    """Return the secrets of the teams in clear, by team and name; one query.

    One that cannot be decrypted is left out and logged: whoever needs it is told
    that it is missing, and everybody else's are there.
    """
    found: dict[int, dict[str, BoundSecret]] = {}
    # As stored: a column that decrypts itself would fail for all of them at once.
    rows = Secret.objects.filter(team__in=team_ids).annotate(
        stored=Cast("value", TextField())
    )
    for team_id, name, stored, hosts in rows.values_list(
        "team_id", "name", "stored", "hosts"
    ):
        try:
            secret = BoundSecret(decrypt(stored), tuple(hosts))
        except VaultError:
            log.exception("secret_unreadable", extra={"team": team_id, "secret": name})
            continue
        found.setdefault(team_id, {})[name] = secret
    return found


def _clean_hosts(hosts: Sequence[str]) -> list[str]:
    clean = sorted({host.strip().lower() for host in hosts if host.strip()})
    if not clean:
        raise PortalError("Name the hosts that may receive the secret.", field="hosts")
    for host in clean:
        if not _HOST.fullmatch(host):
            raise PortalError(
                f"“{host}” is no host. Write names alone, like api.example.org.",
                field="hosts",
            )
    return clean
