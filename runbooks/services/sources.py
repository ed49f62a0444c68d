"""Runbooks that are read from an address, again and again.

An address is read outside transactions and through the guard; what it says is kept
in one. Nothing that was read is live before a person has reviewed it.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction

from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError
from opsportal.kit.outbound import OutboundError
from opsportal.kit.outbound.download import Document, download_changed
from runbooks.domain.reading_pace import plan_next_read
from runbooks.models import Draft, Runbook, RunbookSource
from runbooks.services.drafts import (
    MOST_BYTES,
    digest_of,
    keep_waiting,
    read_bytes,
    start_review,
)
from runbooks.services.news import tell_managers

AUTHORIZATION = "Authorization"
Interval = RunbookSource.Interval
_LEASE = timedelta(minutes=15)
_BATCH = 50
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,63}):\s*(\S.*)")
# What belongs to the connection, not to whoever asks.
_TAKEN = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to read, how often, and what to show there.

    An empty ``url`` is the one that is stored. ``header`` is what the address wants
    to see, as "Authorization: Bearer …"; the name may be left out.
    """

    url: str = ""
    interval: str = Interval.DAILY
    header: str = ""


def start_from_address(
    service: Service,
    address: Address,
    *,
    runbook: Runbook | None = None,
    by: User,
    now: datetime,
) -> Draft:
    """Read a text for its person's review; applied, it is read from there again.

    Raises PortalError at the field when it cannot be read; then nothing is saved.
    """
    source = _make(address)
    document, raw = _read(source)
    with transaction.atomic():
        _note_read(source, document, raw, now)
        source.save()
        return start_review(
            service, raw, runbook=runbook, source=source, by=by, now=now
        )


def save_source(
    runbook: Runbook, address: Address, *, by: User, now: datetime
) -> RunbookSource:
    """Read a runbook from an address from now on; another text waits for a review.

    An empty header keeps the one that is stored, as long as the address stays on its
    host. Raises PortalError at the field when it cannot be read.
    """
    old = RunbookSource.objects.filter(runbook=runbook).first()
    source = _make(address, old)
    document, raw = _read(source)
    with transaction.atomic():
        touch_team(runbook.team_id)
        RunbookSource.objects.filter(runbook=runbook).delete()
        source.runbook = runbook
        _note_read(source, document, raw, now)
        source.save()
        record_change(
            "runbook.source", runbook, by=by, now=now, team_id=runbook.team_id,
            after={"host": host_of(source.url), "interval": source.interval},
        )  # fmt: skip
        keep_waiting(runbook.service, raw, runbook=runbook, now=now)
    return source


def remove_source(runbook: Runbook, *, by: User, now: datetime) -> None:
    """Read a runbook from nowhere any more; what waits for a review stays."""
    with transaction.atomic():
        touch_team(runbook.team_id)
        RunbookSource.objects.filter(runbook=runbook).delete()
        record_change(
            "runbook.source_removed", runbook, by=by, now=now, team_id=runbook.team_id
        )


def read_source_now(source: RunbookSource, *, now: datetime) -> bool:
    """Read an address at somebody's wish; return whether another text waits.

    Raises PortalError when it cannot be read; the reason is kept with it.
    """
    try:
        document, raw = _read(source)
    except PortalError as error:
        _note_failure(source, error, now)
        raise
    return bool(_settle(source, document, raw, now)) or _is_waiting(source)


def read_runbook_sources(*, now: datetime) -> int:
    """Read the addresses that are due; return how many texts have changed."""
    due = RunbookSource.objects.filter(
        runbook__archived_at=None, runbook__isnull=False, next_read_at__lte=now
    )
    keys = due.order_by("next_read_at").values_list("pk", flat=True)
    return sweep_each(
        list(keys[:_BATCH]), lambda key: _read_due(key, now), what="runbook source"
    )


def host_of(url: str) -> str:
    """Return of an address what is no secret: its host and port."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _make(address: Address, old: RunbookSource | None = None) -> RunbookSource:
    """Check what was typed. Raises PortalError at the field."""
    url = address.url.strip() or (old.url if old else "")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PortalError("Give an address that begins with https://.", field="url")
    if address.interval not in Interval.values:
        raise PortalError(f"Use one of {', '.join(Interval)}.", field="interval")
    source = RunbookSource(url=url, interval=address.interval)
    if address.header.strip():
        source.header_name, source.credentials = _read_header(address.header.strip())
    elif old is not None and host_of(old.url) == host_of(url):
        source.header_name, source.credentials = old.header_name, old.credentials
    return source


def _read_header(text: str) -> tuple[str, str]:
    named = _HEADER.fullmatch(text)
    name, value = (named[1], named[2]) if named else (AUTHORIZATION, text)
    if name.lower() in _TAKEN or not (value.isascii() and value.isprintable()):
        raise PortalError(
            "Write one header as “Authorization: Bearer …”.", field="header"
        )
    return name, value


def _read_due(key: int, now: datetime) -> int:
    source = RunbookSource.objects.select_related("runbook__service").get(pk=key)
    claimed = RunbookSource.objects.filter(pk=key, next_read_at=source.next_read_at)
    if not claimed.update(next_read_at=now + _LEASE):
        return 0  # another sweep reads it
    try:
        document, raw = _read(source)
    except PortalError as error:
        _note_failure(source, error, now)
        return 0
    return _settle(source, document, raw, now)


def _read(source: RunbookSource) -> tuple[Document, bytes]:
    """Return what the address answers, and its text; b"" for the same as before."""
    secret = {source.header_name: source.credentials} if source.credentials else {}
    try:
        document = download_changed(
            source.url,
            most_bytes=MOST_BYTES,
            etag=source.etag,
            last_modified=source.last_modified,
            credentials=secret,
        )
    except OutboundError as error:
        raise PortalError(error.message, code=error.code, field="url") from None
    if document.body is None:
        return document, b""
    if "html" in document.content_type.lower():
        raise PortalError(
            "It answers a page for browsers. Give the address of the Markdown itself.",
            code="html",
            field="url",
        )
    try:
        return document, read_bytes(document.body)
    except PortalError:
        raise PortalError("It answers an empty text.", field="url") from None


def _note_read(
    source: RunbookSource, document: Document, raw: bytes, now: datetime
) -> None:
    source.etag = document.etag[:250]
    source.last_modified = document.last_modified[:80]
    source.digest = digest_of(raw) if raw else source.digest
    source.last_read_at, source.last_error, source.failures = now, "", 0
    source.next_read_at = plan_next_read(source.interval, 0, now=now)


def _settle(
    source: RunbookSource, document: Document, raw: bytes, now: datetime
) -> int:
    """Keep what was read; return 1 when the text is another one than before."""
    before, runbook = source.digest, source.runbook
    _note_read(source, document, raw, now)
    with transaction.atomic():
        # Somebody may have removed or replaced it while it was read.
        kept = RunbookSource.objects.filter(pk=source.pk, digest=before).update(
            etag=source.etag,
            last_modified=source.last_modified,
            digest=source.digest,
            last_read_at=now,
            last_error="",
            failures=0,
            next_read_at=source.next_read_at,
        )
        if not kept or runbook is None or source.digest == before:
            return 0
        touch_team(runbook.team_id)
        if keep_waiting(runbook.service, raw, runbook=runbook, now=now) is None:
            return 0
        tell_managers(
            runbook,
            what=f"changed:{source.digest[:12]}:{now:%Y%m%dT%H%M%S}",
            subject=f"The runbook changed: {runbook.title}",
            text=f"“{runbook.title}” says something else at {host_of(source.url)} than "
            "what is applied. Nothing was changed: review the newer text and apply "
            "what you want of it.",
            now=now,
        )
    return 1


def _note_failure(source: RunbookSource, error: PortalError, now: datetime) -> None:
    failures = source.failures + 1
    RunbookSource.objects.filter(pk=source.pk).update(
        failures=failures,
        last_error=error.message[:250],
        next_read_at=plan_next_read(source.interval, failures, now=now),
    )
    log.info("runbook_source_failed", extra={"source": source.pk, "code": error.code})


def _is_waiting(source: RunbookSource) -> bool:
    return Draft.objects.filter(user=None, runbook=source.runbook_id).exists()
