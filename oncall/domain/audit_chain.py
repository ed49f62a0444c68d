"""The chain of the audit log: each entry seals the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

FIELDS = (
    "at",
    "actor_id",
    "actor_label",
    "team_id",
    "action",
    "target",
    "before",
    "after",
)


def link(prev_hash: str, entry: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hex, of ``prev_hash`` and the FIELDS of ``entry``.

    ``at`` is ISO text in UTC; ``before`` and ``after`` are JSON values.
    """
    body = json.dumps(
        [entry[name] for name in FIELDS], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(f"{prev_hash}\n{body}".encode()).hexdigest()


def first_broken(entries: Iterable[Mapping[str, Any]], *, base: str = "") -> int | None:
    """Return the index of the first entry that does not fit, or None.

    Each entry has FIELDS, ``prev_hash`` and ``hash``, oldest first. ``base`` is the
    hash of the last entry before them, empty at the beginning of all.
    """
    expected = base
    for index, entry in enumerate(entries):
        if entry["prev_hash"] != expected or link(expected, entry) != entry["hash"]:
            return index
        expected = str(entry["hash"])
    return None
