"""Everything that is kept for a while: what would go now, and letting it go."""

from datetime import datetime

from checklists.services.retention import preview_purge, purge_results
from incidents.services.overdue import preview_ingest_events, purge_ingest_events
from oncall.services.audit_retention import preview_audit, purge_audit
from opsportal.kit.retention import Expiring

_PURGES = (purge_results, purge_ingest_events, purge_audit)


def list_expiring(now: datetime) -> list[Expiring]:
    """Return kind by kind what is past its time; nothing is forgotten."""
    return [*preview_purge(now), preview_ingest_events(now), preview_audit(now)]


def purge_all(now: datetime) -> int:
    """Forget all that is past its time, batch by batch; returns how many rows."""
    total = 0
    for purge in _PURGES:
        while handled := purge(now=now):
            total += handled
    return total
