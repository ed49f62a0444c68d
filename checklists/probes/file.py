"""file: is there a fresh file of believable size, such as last night's backup."""

import fnmatch
import os
import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from checklists.domain.observation import Observation
from checklists.probes.failures import failed, unknown
from checklists.probes.files import resolve_below
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys, is_text

LAST_FILES = 7
MOST_ENTRIES = 100_000
CLOCK_SKEW = timedelta(minutes=5)


def _check_path(value: Any) -> str | None:
    is_path = isinstance(value, str) and value.startswith("/") and "\0" not in value
    if is_path and ".." not in Path(value).parts:
        return None
    return "This must be a full path without '..'."


def _check_pattern(value: Any) -> str | None:
    if message := is_text(value):
        return message
    return "A pattern names files in one folder." if "/" in value else None


def _check_zone(value: Any) -> str | None:
    try:
        ZoneInfo(value)
    except (OSError, LookupError, TypeError, ValueError):
        return "This must be a time zone such as Europe/Berlin."
    return None


KEYS = {
    "path": Key(_check_path, is_required=True),
    "pattern": Key(_check_pattern),
    "zone": Key(_check_zone),
}


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    size: int
    modified: float


class FileProbe:
    """One file, or the newest of those in a folder that fit a pattern.

    A pattern may hold dates: ``dump_%Y%m%d.sql`` is today's in ``zone`` (UTC).
    """

    kind = "file"
    fields = (
        FieldDoc("age", "s", "since the newest file was written"),
        FieldDoc("size", "B", "size of the newest file"),
        FieldDoc("median_size", "B", "median of the sizes of the last 7 files"),
        FieldDoc("count", "", "number of files that fit"),
        FieldDoc("name", "", "name of the newest file"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``path``, a file, or a folder together with ``pattern``."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:  # noqa: ARG002 -- all on one disk
        """The disk."""
        return "file:"

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Look once; raises ProbeFailed when there is no such file."""
        files = await context.run_in_thread(lambda: _find(spec, context))
        newest = files[0]
        age = context.now.timestamp() - newest.modified
        if age < -CLOCK_SKEW.total_seconds():
            raise unknown("clock_skew", f"{newest.name} was written in the future.")
        sizes = [file.size for file in files[:LAST_FILES]]
        fields = {
            "age": max(age, 0.0),
            "size": newest.size,
            "median_size": float(statistics.median(sizes)),
            "count": len(files),
            "name": newest.name,
        }
        return Observation(
            observed_at=context.now,
            fields=fields,
            detail=f"{newest.name}, {newest.size} bytes, {timedelta(seconds=int(age))}"
            " ago",
        )


def _find(spec: Spec, context: ProbeContext) -> list[_File]:
    """Files that fit, newest first; raises ProbeFailed when there is none."""
    real = resolve_below(Path(spec["path"]), context.policy.file_roots)
    pattern = spec.get("pattern")
    try:
        if not pattern:
            if not real.is_file():
                raise unknown("not_a_file", "This is a folder: give a pattern.")
            return [_describe(real.name, real.stat())]
        fitting = fill_dates(pattern, context.now, spec.get("zone") or "UTC")
        files = _list(real, fitting)
    except OSError:
        raise unknown("access_denied", f"{real.name} cannot be read.") from None
    if not files:
        raise failed("missing", f"No file fits {fitting}.")
    return sorted(files, key=lambda file: file.modified, reverse=True)


def _list(folder: Path, pattern: str) -> list[_File]:
    found: list[_File] = []
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= MOST_ENTRIES:
                raise unknown("too_large", f"More than {MOST_ENTRIES} files.")
            # Links may lead out of the allowed folders, so they are left alone.
            if fnmatch.fnmatchcase(entry.name, pattern) and entry.is_file(
                follow_symlinks=False
            ):
                found.append(_describe(entry.name, entry.stat(follow_symlinks=False)))
    return found


def _describe(name: str, stat: os.stat_result) -> _File:
    return _File(name, stat.st_size, stat.st_mtime)


def fill_dates(pattern: str, now: datetime, zone: str) -> str:
    """Put the date of ``now`` in a zone in the place of ``%Y``, ``%m``, ``%d``."""
    return now.astimezone(ZoneInfo(zone)).strftime(pattern)
