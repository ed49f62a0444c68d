"""What a runbook said then, says now, and what the portal holds: who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

Value = Mapping[str, Any]


class Status(StrEnum):
    """How an entry stands before it is applied."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    EDITED = "edited"
    BOTH = "both"
    GONE = "gone"
    REJECTED = "rejected"
    EXISTS = "exists"


# What nobody needs to ask for twice; everything else waits for a person's tick.
READY = frozenset({Status.NEW, Status.CHANGED})


def compare(
    *,
    then: Value | None,
    now: Value | None,
    applied: Value | None,
    there: Value | None,
    is_rejected: bool = False,
) -> Status:
    """Judge one key.

    ``then`` and ``now`` are what the runbook said at the last apply and says now,
    ``applied`` what was written then (a person may have corrected it), ``there``
    what the portal holds. None stands for nothing. A rejection counts as long as
    the runbook says the same.
    """
    if then is None:
        return _compare_unknown(now, there)
    if now is None:
        return Status.GONE
    if is_rejected:
        return Status.REJECTED if now == then else Status.NEW
    is_edited = there != applied or applied != then
    if now == then:
        return Status.EDITED if is_edited else Status.SAME
    return Status.BOTH if is_edited and there != now else Status.CHANGED


def _compare_unknown(now: Value | None, there: Value | None) -> Status:
    """Judge what was never applied; the portal may hold it by another way."""
    if there is None:
        return Status.NEW
    return Status.SAME if there == now else Status.EXISTS
