"""Writing the audit log."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from oncall.domain import audit_chain
from oncall.models import AuditEntry, AuditHead, User


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
    entry: dict[str, Any] = {
        "at": now.astimezone(UTC).isoformat(),
        "actor_id": by.pk if by else None,
        "actor_label": label or (by.display_name if by else "the portal"),
        "team_id": team_id,
        "action": action,
        "target": f"{target._meta.label_lower}:{target.pk}",
        "before": dict(before) if before is not None else None,
        "after": dict(after) if after is not None else None,
    }
    with transaction.atomic():
        # The update takes the row's lock, so that two writers chain in turn.
        AuditHead.objects.get_or_create(pk=1)
        head = AuditHead.objects.select_for_update().get(pk=1)
        sealed = audit_chain.link(head.hash, entry)
        AuditEntry.objects.create(
            **{**entry, "at": now},
            target_label=str(target)[:250],
            prev_hash=head.hash,
            hash=sealed,
        )
        AuditHead.objects.filter(pk=1).update(hash=sealed)
