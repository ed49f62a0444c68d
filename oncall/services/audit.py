"""Writing the audit log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from oncall.domain import audit_chain
from oncall.models import AuditEntry, AuditHead, User


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was done to one row; as `record_change` says."""

    action: str
    target: models.Model
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def record_change(
    action: str,
    target: models.Model,
    *,
    by: User | None,
    now: datetime,
    team_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    label: str = "",
) -> None:
    """Append one entry; call it inside the transaction of the change.

    ``before`` and ``after`` hold JSON values of the fields that changed; never
    a secret. ``by`` is None when a sweep acted, then ``label`` names it.
    """
    change = Change(action, target, before, after)
    record_changes([change], by=by, now=now, team_id=team_id, label=label)


def record_changes(
    changes: Iterable[Change],
    *,
    by: User | None,
    now: datetime,
    team_id: int | None = None,
    label: str = "",
) -> None:
    """Append an entry for each change in a few statements, as `record_change` does."""
    entries = []
    with transaction.atomic():
        sealed = _lock_head()
        for change in changes:
            entry = _entry_of(change, by=by, now=now, team_id=team_id, label=label)
            before, sealed = sealed, audit_chain.link(sealed, entry)
            entries.append(
                AuditEntry(
                    **{**entry, "at": now},
                    target_label=str(change.target)[:250],
                    prev_hash=before,
                    hash=sealed,
                )
            )
        AuditEntry.objects.bulk_create(entries)
        AuditHead.objects.filter(pk=1).update(hash=sealed)


def _lock_head() -> str:
    """Return the seal of the newest entry; its lock lets two writers chain in turn."""
    head = AuditHead.objects.select_for_update().filter(pk=1)
    for row in head:
        return str(row.hash)
    AuditHead.objects.get_or_create(pk=1)
    return str(head.get().hash)


def _entry_of(
    change: Change,
    *,
    by: User | None,
    now: datetime,
    team_id: int | None,
    label: str,
) -> dict[str, Any]:
    target, before, after = change.target, change.before, change.after
    return {
        "at": now.astimezone(UTC).isoformat(),
        "actor_id": by.pk if by else None,
        "actor_label": label or (by.display_name if by else "the portal"),
        "team_id": team_id,
        "action": change.action,
        "target": f"{target._meta.label_lower}:{target.pk}",
        "before": dict(before) if before is not None else None,
        "after": dict(after) if after is not None else None,
    }
