"""How far an alert is on its ladder, as plain values that a row can keep."""

from datetime import datetime, timedelta
from typing import Any

from oncall.domain.ladder import State

_MOMENTS = ("begun_at", "restarted_at", "last_at")
_SETS = ("told", "passed", "awaited")


def freeze(state: State) -> dict[str, Any]:
    """Return a state as JSON values."""
    kept: dict[str, Any] = {
        "loop": state.loop,
        "repeats": state.repeats,
        "slip": state.slip.total_seconds(),
        "forced": state.forced,
        "by_hand": state.by_hand,
        "needs_last_resort": state.needs_last_resort,
        "turn": state.turn,
    }
    for name in _MOMENTS:
        at = getattr(state, name)
        kept[name] = None if at is None else at.isoformat()
    for name in _SETS:
        kept[name] = sorted(getattr(state, name))
    return kept


def thaw(kept: dict[str, Any]) -> State:
    """Return the state that was frozen."""
    values = dict(kept)
    for name in _MOMENTS:
        text = values[name]
        values[name] = None if text is None else datetime.fromisoformat(text)
    for name in _SETS:
        values[name] = frozenset(values[name])
    values["slip"] = timedelta(seconds=values["slip"])
    return State(**values)
