"""Whether the audit log is whole, from its beginning or its last seal to its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from oncall.domain import audit_chain
from oncall.models import AuditEntry, AuditHead

# Who forgets the beginning of the log says so at its end, with these words.
SEAL = "audit.purge"
_CHUNK = 2_000


class Seal(NamedTuple):
    """The log began once with so many more entries, of which the last had ``hash``."""

    at: datetime
    entries: int
    hash: str


@dataclass(frozen=True, slots=True)
class LogState:
    """What reading the whole log came to; ``broken`` is empty when it is whole."""

    entries: int
    first_at: datetime | None
    last_at: datetime | None
    seal: Seal | None
    broken: str


def last_seal() -> Seal | None:
    """Return the latest seal; None while nothing was forgotten."""
    rows = AuditEntry.objects.filter(action=SEAL).order_by("-pk")
    found = rows.values_list("at", "after__entries", "after__hash").first()
    return Seal(*found) if found else None


def read_log() -> LogState:
    """Read every entry, oldest first, and name the first that does not fit.

    An entry fits when its hash is that of its fields and of the hash before it; the
    first one follows the last seal, and the last one is the head of the chain.
    """
    seal = last_seal()
    reading = _Reading()
    broken = audit_chain.first_broken(reading, base=seal.hash if seal else "")
    if broken is not None:
        said = _name(reading.row)
    elif reading.head != _read_head():
        said = "the end of the log was removed"
    else:
        said = ""
    return LogState(reading.count, reading.first_at, reading.last_at, seal, said)


class _Reading:
    """The entries one by one, and which was read last."""

    def __init__(self) -> None:
        self.count = 0
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.head = ""
        self.row: dict[str, Any] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        names = (*audit_chain.FIELDS, "pk", "prev_hash", "hash")
        rows = AuditEntry.objects.order_by("pk").values(*names)
        for row in rows.iterator(chunk_size=_CHUNK):
            self.first_at = self.first_at or row["at"]
            self.last_at, self.head, self.row = row["at"], row["hash"], row
            self.count += 1
            yield {**row, "at": row["at"].astimezone(UTC).isoformat()}


def _read_head() -> str:
    return AuditHead.objects.values_list("hash", flat=True).first() or ""


def _name(row: dict[str, Any]) -> str:
    at = f"{row['at'].astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"entry {row['pk']} of {at}: {row['action']} {row['target']}"
