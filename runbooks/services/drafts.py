"""Texts under review: kept for their person alone, and for a day at most."""

from datetime import datetime, timedelta

from django.db import transaction

from oncall.models import Service, User
from opsportal.kit.errors import PortalError
from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import read_plan
from runbooks.models import Draft, Runbook
from runbooks.queries.library import find_same

MOST_BYTES = 2 * 1024 * 1024
KEPT = timedelta(days=1)


def start_review(
    service: Service,
    raw: bytes,
    *,
    runbook: Runbook | None = None,
    by: User,
    now: datetime,
) -> Draft:
    """Keep a text for its review; the person's earlier one is thrown away.

    The marks of an export are no part of it. A runbook of the service with the same title is taken for the same one. Raises
    PortalError for a text that is empty or larger than 2 MB.
    """
    raw = strip_marks(raw)
    if not raw.strip():
        raise PortalError("Paste a runbook, or choose a file.", field="text")
    if len(raw) > MOST_BYTES:
        raise PortalError(
            "This is more than 2 MB. Split the runbook by service.", field="text"
        )
    if runbook is None:
        runbook = find_same(service, read_plan(raw))
    with transaction.atomic():
        Draft.objects.filter(user=by).delete()
        Draft.objects.filter(created_at__lt=now - KEPT).delete()
        return Draft.objects.create(
            user=by, service=service, runbook=runbook, raw=raw, created_at=now
        )


def discard_draft(draft: Draft) -> None:
    """Forget a text; nothing of it was live."""
    draft.delete()
