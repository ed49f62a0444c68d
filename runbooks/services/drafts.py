"""Texts under review, until they are applied or thrown away.

A person's own one lives for a day at most. One that a folder or an address brought
waits for whoever of the team reviews it first.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from oncall.models import Service, User
from opsportal.kit.errors import PortalError
from runbooks.domain.marks import strip_marks
from runbooks.domain.plan import Plan, read_plan
from runbooks.models import Draft, Runbook, RunbookSource, RunbookVersion
from runbooks.queries.library import find_same, newest_version
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices

MOST_BYTES = 2 * 1024 * 1024
KEPT = timedelta(days=1)


def start_review(
    service: Service,
    raw: bytes,
    *,
    runbook: Runbook | None = None,
    source: RunbookSource | None = None,
    by: User,
    now: datetime,
) -> Draft:
    """Keep a text for its review; the person's earlier one is thrown away.

    The marks of an export are no part of it. A runbook of the service with the same
    title is taken for the same one. ``source`` is where the text came from. Raises
    PortalError for a text that is empty or larger than 2 MB.
    """
    raw = read_bytes(raw)
    if runbook is None:
        runbook = find_same(service, read_plan(raw))
    with transaction.atomic():
        _forget(Draft.objects.filter(user=by))
        _forget(Draft.objects.filter(user__isnull=False, created_at__lt=now - KEPT))
        return Draft.objects.create(
            user=by,
            service=service,
            runbook=runbook,
            source=source,
            raw=raw,
            digest=digest_of(raw),
            created_at=now,
        )


def keep_waiting(
    service: Service,
    raw: bytes,
    *,
    runbook: Runbook | None,
    path: str = "",
    now: datetime,
) -> Draft | None:
    """Let a text wait for the team's review; a newer one takes the place of an older.

    Returns the draft, as it was when the text is the same; None when the text is what
    is applied, so that nothing waits. Call it in a transaction, with bytes as
    ``read_bytes`` leaves them.
    """
    all_waiting = Draft.objects.filter(user=None, service=service)
    as_new = all_waiting.filter(runbook=None, path=path)
    waiting = as_new if runbook is None else all_waiting.filter(runbook=runbook)
    if runbook is not None:
        as_new.delete()  # it waited before the runbook was there
    digest = digest_of(raw)
    last = newest_version(runbook.pk) if runbook else None
    if last is not None and last.digest == digest:
        waiting.delete()
        return None
    found = waiting.first()
    if found is not None and found.digest == digest:
        return found
    draft = found or Draft(service=service, runbook=runbook)
    draft.raw, draft.digest, draft.created_at = raw, digest, now
    draft.path = path or draft.path
    draft.save()
    return draft


def apply_draft(
    draft: Draft, plan: Plan, choices: Choices, *, by: User, now: datetime
) -> RunbookVersion:
    """Apply a text and forget the draft; what it came from is the runbook's from then.

    Raises what ``apply_plan`` raises.
    """
    with transaction.atomic():
        version = apply_plan(
            draft.service, plan, choices, runbook=draft.runbook, by=by, now=now
        )
        runbook = version.runbook
        if draft.path and runbook.path != draft.path:
            runbook.path = draft.path
            runbook.save(update_fields=["path"])
        if draft.source is not None:
            _take_source(draft.source, runbook)
        draft.delete()
    return version


def discard_draft(draft: Draft) -> None:
    """Forget a text; nothing of it was live."""
    with transaction.atomic():
        _forget(Draft.objects.filter(pk=draft.pk))


def read_bytes(raw: bytes) -> bytes:
    """Return a text without the marks of an export.

    Raises PortalError for one that is empty or larger than 2 MB.
    """
    raw = strip_marks(raw)
    if not raw.strip():
        said = "Paste a runbook, choose a file, or give an address."
        raise PortalError(said, field="text")
    if len(raw) > MOST_BYTES:
        raise PortalError(
            "This is more than 2 MB. Split the runbook by service.", field="text"
        )
    return raw


def digest_of(raw: bytes) -> str:
    """Return what names a text: SHA-256 in hex."""
    return sha256(raw).hexdigest()


def _take_source(source: RunbookSource, runbook: Runbook) -> None:
    """Give a runbook its address instead of the one that it had."""
    RunbookSource.objects.filter(runbook=runbook).exclude(pk=source.pk).delete()
    source.runbook = runbook
    source.save(update_fields=["runbook"])


def _forget(drafts: "QuerySet[Draft]") -> None:
    """Delete drafts, and addresses that no runbook reads from yet."""
    RunbookSource.objects.filter(runbook=None, draft__in=drafts).delete()
    drafts.delete()
