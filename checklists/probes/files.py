"""Files and objects: paths kept below open folders, names that fit, the newest."""

import fnmatch
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from checklists.domain.observation import Observation
from checklists.probes.failures import failed, unknown
from checklists.probes.protocol import FieldDoc
from checklists.probes.spec import is_text

LAST_FILES = 7
CLOCK_SKEW = timedelta(minutes=5)
FRESHNESS = (
    FieldDoc("age", "s", "since the newest one was written"),
    FieldDoc("size", "B", "size of the newest one"),
    FieldDoc("median_size", "B", "median of the sizes of the last 7"),
    FieldDoc("count", "", "number of those that fit"),
    FieldDoc("name", "", "name of the newest one"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file or an object: bytes, and seconds since 1970."""

    name: str
    size: int
    modified: float


def observe_newest(found: Sequence[Found], now: datetime) -> Observation:
    """Say what FRESHNESS names; raises ProbeFailed for what comes from the future."""
    ordered = sorted(found, key=lambda each: each.modified, reverse=True)
    newest, age = ordered[0], now.timestamp() - ordered[0].modified
    if age < -CLOCK_SKEW.total_seconds():
        raise unknown("clock_skew", f"{newest.name} was written in the future.")
    fields = {
        "age": max(age, 0.0),
        "size": newest.size,
        "median_size": float(statistics.median(e.size for e in ordered[:LAST_FILES])),
        "count": len(found),
        "name": newest.name,
    }
    ago = timedelta(seconds=int(age))
    detail = f"{newest.name}, {newest.size} bytes, {ago} ago"
    return Observation(observed_at=now, fields=fields, detail=detail)


def fits(name: str, pattern: str) -> bool:
    """Whether what stands behind the last slash of a name fits a pattern."""
    return fnmatch.fnmatchcase(name.rpartition("/")[2], pattern)


def fill_dates(pattern: str, now: datetime, zone: str) -> str:
    """Put the date of ``now`` in a zone in the place of ``%Y``, ``%m``, ``%d``."""
    return now.astimezone(ZoneInfo(zone)).strftime(pattern)


def check_pattern(value: Any) -> str | None:
    """A pattern for names, without folders."""
    if message := is_text(value):
        return message
    return "A pattern names files in one folder." if "/" in value else None


def check_zone(value: Any) -> str | None:
    """The name of a time zone."""
    try:
        ZoneInfo(value)
    except (OSError, LookupError, TypeError, ValueError):
        return "This must be a time zone such as Europe/Berlin."
    return None


def resolve_below(path: Path, roots: Sequence[Path]) -> Path:
    """The real path, links followed, when it lies below one of the roots.

    Raises ProbeFailed: unknown when it lies elsewhere or may not be read, fail
    when it is not there.
    """
    if not path.is_absolute() or not any(path.is_relative_to(root) for root in roots):
        raise _outside()
    try:
        real = path.resolve(strict=True)
    except FileNotFoundError:
        raise failed("missing", f"{path.name} is not there.") from None
    except (OSError, RuntimeError, ValueError):
        raise unknown("access_denied", f"{path.name} cannot be read.") from None
    if not any(real.is_relative_to(root) for root in roots):
        raise _outside()
    return real


def _outside() -> Exception:
    return unknown(
        "not_allowed",
        "The path is not below an allowed folder (OPSPORTAL_FILE_ROOTS).",
    )
