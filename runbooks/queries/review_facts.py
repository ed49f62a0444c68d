"""How many runbooks of a service nobody has reviewed for long."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from checklists.queries.facts import Ask, Facts
from runbooks.models import Runbook

_MONTH = 31


def read_reviews(ask: Ask) -> Facts:
    """Runbooks of the service that were not reviewed in the last ``days``."""
    days = int(ask.spec.get("days", _MONTH))
    service = ask.check.service
    today = ask.now.astimezone(ZoneInfo(service.team.time_zone)).date()
    rows = Runbook.objects.filter(service=service, archived_at=None)
    reviewed = dict(rows.values_list("title", "reviewed_on"))
    if not reviewed:
        return {"value": None, "evidence": "The service has no runbook."}
    since = today - timedelta(days=days)
    stale = [title for title, on in reviewed.items() if on is None or on < since]
    evidence = f"{len(stale)} of {len(reviewed)} not reviewed in {days} days"
    told = f"{evidence}: {', '.join(stale)}" if stale else evidence
    return {"value": len(stale), "evidence": told}
