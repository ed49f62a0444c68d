"""The states of a check as plain JSON values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from checklists.domain.observation import Outcome
from checklists.domain.severity_ladder import LadderState
from checklists.domain.verdict import CheckState, Status

_MOMENTS = {
    "since", "last_slot", "last_ok_at", "last_fail_at", "failed_at", "flapping_since"
}  # fmt: skip


def state_to_json(state: CheckState, ladder: LadderState) -> dict[str, Any]:
    """Return both states; ``state_from_json`` reads them back."""
    plain = {name: _write(getattr(state, name)) for name in CheckState._fields}
    plain["ladder"] = {
        "held_since": _write(ladder.held_since),
        "level": ladder.level,
    }
    return plain


def state_from_json(raw: Mapping[str, Any]) -> tuple[CheckState, LadderState]:
    """Read what ``state_to_json`` wrote; empty is a check that never ran."""
    if not raw:
        return CheckState(), LadderState()
    # What was written before an entry came to be does without it.
    names = [name for name in CheckState._fields if name in raw]
    values = {name: _read(name, raw[name]) for name in names}
    ladder = raw["ladder"]
    held = tuple(_read_moment(at) for at in ladder["held_since"])
    return CheckState(**values), LadderState(held, ladder["level"])


def _write(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_write(part) for part in value]
    if isinstance(value, Status | Outcome):
        return value.value
    return value


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _MOMENTS:
        return datetime.fromisoformat(value)
    if name == "changes_at":
        return tuple(datetime.fromisoformat(at) for at in value)
    if name == "recent":
        return tuple(Outcome(word) for word in value)
    if name in {"status", "decided"}:
        return Status(value)
    return Outcome(value) if name == "last_outcome" else value


def _read_moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
