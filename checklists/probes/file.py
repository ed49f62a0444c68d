"""file: is there a fresh file of believable size, such as last night's backup."""

import os
from pathlib import Path
from typing import Any

from checklists.domain.observation import Observation
from checklists.probes.failures import failed, unknown
from checklists.probes.files import (
    FRESHNESS,
    Found,
    check_pattern,
    check_zone,
    fill_dates,
    fits,
    observe_newest,
    resolve_below,
)
from checklists.probes.protocol import ProbeContext, Spec, SpecError
from checklists.probes.spec import Key, check_keys

MOST_ENTRIES = 100_000


def _check_path(value: Any) -> str | None:
    is_path = isinstance(value, str) and value.startswith("/") and "\0" not in value
    if is_path and ".." not in Path(value).parts:
        return None
    return "This must be a full path without '..'."


KEYS = {
    "path": Key(_check_path, is_required=True),
    "pattern": Key(check_pattern),
    "zone": Key(check_zone),
}


class FileProbe:
    """One file, or the newest of those in a folder that fit a pattern.

    A pattern may hold dates: ``dump_%Y%m%d.sql`` is today's in ``zone`` (UTC).
    """

    kind = "file"
    fields = FRESHNESS
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``path``, a file, or a folder together with ``pattern``."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:  # noqa: ARG002 -- all on one disk
        """The disk."""
        return "file:"

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Look once; raises ProbeFailed when there is no such file."""
        found = await context.run_in_thread(lambda: _find(spec, context))
        return observe_newest(found, context.now)


def _find(spec: Spec, context: ProbeContext) -> list[Found]:
    """Files that fit; raises ProbeFailed when there is none."""
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
    return files


def _list(folder: Path, pattern: str) -> list[Found]:
    found: list[Found] = []
    with os.scandir(folder) as entries:
        for number, entry in enumerate(entries):
            if number >= MOST_ENTRIES:
                raise unknown("too_large", f"More than {MOST_ENTRIES} files.")
            # Links may lead out of the allowed folders, so they are left alone.
            if fits(entry.name, pattern) and entry.is_file(follow_symlinks=False):
                found.append(_describe(entry.name, entry.stat(follow_symlinks=False)))
    return found


def _describe(name: str, stat: os.stat_result) -> Found:
    return Found(name, stat.st_size, stat.st_mtime)
