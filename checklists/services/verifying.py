"""Looking at the checks of one item at once, because a person asked."""

from datetime import datetime

from checklists.models import RunItem
from checklists.services.reconciling import reconcile_run
from checklists.services.running import verify_check
from opsportal.kit.errors import Refused


def verify_item(item_pk: int, *, now: datetime) -> RunItem:
    """Look at every check of an item, then bring its run up to date.

    Refused for an item that no check watches.
    """
    row = RunItem.objects.select_related("item").get(pk=item_pk)
    checks = list(row.item.checks.values_list("pk", flat=True))
    if not checks:
        raise Refused("No check watches this item.", code="no_check")
    for pk in checks:
        verify_check(pk, now=now)
    reconcile_run(row.run_id, now=now)
    row.refresh_from_db()
    return row
