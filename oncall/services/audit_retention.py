"""Forgetting the oldest of the audit log, so that the rest stays provable.

What goes is always the beginning of the chain. Its last hash is sealed by an entry
at the end of the same chain, in the same transaction: see ``queries.audit``.
"""

from datetime import UTC, datetime, time

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from oncall.models import AuditEntry, AuditHead
from oncall.queries.audit import SEAL, last_seal
from oncall.services.audit import record_change
from opsportal.kit.append_only import lifted
from opsportal.kit.retention import Expiring

BATCH = 20_000
# So that one sweep ends in time; the next one goes on.
MOST_ROWS = 200_000


def purge_audit(*, now: datetime) -> int:
    """Forget the entries past their time; returns how many.

    Whole UTC days go, so that there is one seal a day and not one an hour. Each
    batch is a transaction of its own: nobody who writes waits for more than its end.
    """
    forgotten = 0
    while forgotten < MOST_ROWS:
        batch = _purge_batch(now)
        forgotten += batch
        if batch < BATCH:
            break
    return forgotten


def preview_audit(now: datetime) -> Expiring:
    """Say what a purge would forget now."""
    before = _edge(now)
    return Expiring(
        "entries of the audit log",
        "OPSPORTAL_KEEP_AUDIT_DAYS",
        settings.KEEP_AUDIT,
        before,
        _find_old(before).count(),
    )


def _purge_batch(now: datetime) -> int:
    before = _edge(now)
    found = list(_find_old(before).order_by("pk").values_list("pk", "hash")[:BATCH])
    if not found:
        return 0
    seal, (last_pk, last_hash) = last_seal(), found[-1]
    with lifted(), transaction.atomic():
        gone, _ = AuditEntry.objects.filter(pk__lte=last_pk).delete()
        if gone != len(found):
            # Somebody else forgot them meanwhile, and sealed it.
            transaction.set_rollback(True)
            return 0
        record_change(
            SEAL,
            AuditHead.objects.get(pk=1),
            by=None,
            label="sweep:purge_audit",
            now=now,
            after={
                "before": before.isoformat(),
                "entries": (seal.entries if seal else 0) + gone,
                "hash": last_hash,
            },
        )
    return gone


def _edge(now: datetime) -> datetime:
    day = (now - settings.KEEP_AUDIT).astimezone(UTC).date()
    return datetime.combine(day, time(), UTC)


def _find_old(before: datetime) -> QuerySet[AuditEntry]:
    """Return the entries before the first that is kept: a chain has one beginning."""
    kept = AuditEntry.objects.filter(at__gte=before).order_by("pk")
    first = kept.values_list("pk", flat=True).first()
    rows = AuditEntry.objects.filter(at__lt=before)
    return rows if first is None else rows.filter(pk__lt=first)
