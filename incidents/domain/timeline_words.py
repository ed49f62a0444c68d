"""What became of alerts and incidents, in words and a colour."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple

Tone = Literal["", "ok", "warn", "crit", "acc"]


class Words(NamedTuple):
    """The headline of an entry and the colour of its dot."""

    title: str
    tone: Tone = ""


_ENTRIES: Final[dict[str, Words]] = {
    "declared": Words("Incident declared", "crit"),
    "acknowledged": Words("Acknowledged", "ok"),
    "note": Words("Note"),
    "decision": Words("Decision", "acc"),
    "change": Words("Change", "warn"),
    "alert": Words("Alert fired", "crit"),
    "alert_acknowledged": Words("Alert acknowledged", "ok"),
    "alert_unacknowledged": Words("Alert acknowledgement taken back", "warn"),
    "alert_resolved": Words("Alert resolved", "ok"),
    "check": Words("Check linked", "acc"),
    "alert_unlinked": Words("Alert taken out of the incident"),
}
_EVENTS: Final[dict[str, Words]] = {
    "opened": Words("Fired", "crit"),
    "raised": Words("Became worse", "crit"),
    "lowered": Words("Became milder", "warn"),
    "clearing": Words("Said to be over", ""),
    "told": Words("Told the team"),
    "untold": Words("Told no channel", "warn"),
    "logged": Words("Only logged"),
    "acknowledged": Words("Acknowledged", "ok"),
    "unacknowledged": Words("Acknowledgement taken back", "warn"),
    "expired": Words("The acknowledgement ended", "warn"),
    "noted": Words("Note"),
    "reviewed": Words("Reviewed", "acc"),
    "resolved": Words("Resolved", "ok"),
}
_READERS: Final = {
    "internal": "the team",
    "stakeholder": "stakeholders",
    "public": "the public",
}
# A ladder may page a whole department; the page of the alert names all.
_MOST_NAMES: Final = 5
_STATUS_TONES: Final[dict[str, Tone]] = {
    "resolved": "ok",
    "closed": "ok",
    "cancelled": "",
    "merged": "",
}


def say_entry(kind: str, data: Mapping[str, Any]) -> Words:
    """Return the words of a timeline entry; ``data`` as the services keep it."""
    if kind == "declared" and data.get("via"):
        return Words(f"Incident declared {data['via']}", "crit")
    write = _WRITERS.get(kind)
    if write is not None:
        return write(data)
    return _ENTRIES.get(kind) or _plain(kind)


def _say_status(data: Mapping[str, Any]) -> Words:
    if data["to"] == "merged":
        return Words(f"Merged into {data['into']}")
    return Words(f"Status: {data['to']}", _STATUS_TONES.get(data["to"], "acc"))


def _say_update(data: Mapping[str, Any]) -> Words:
    what = "Correction" if data.get("corrects") else "Update"
    return Words(f"{what} for {_READERS[data['audience']]}", "acc")


def _say_edited(data: Mapping[str, Any]) -> Words:
    plain = (name.removeprefix("is_").replace("_", " ") for name in data["after"])
    names = ", ".join(plain)
    return Words(f"Details changed: {names}")


def _say_told(data: Mapping[str, Any]) -> Words:
    first, names = data["names"][:_MOST_NAMES], ", ".join(data["names"][:_MOST_NAMES])
    if more := len(data["names"]) - len(first):
        names += f" and {more} more"
    if data["act"] == "last_resort":
        return Words(f"Nobody else could be told: paged {names}", "crit")
    if data["act"] == "tell" and data["step"]:
        return Words(f"Escalated to level {data['step'] + 1}: {names}", "warn")
    return Words(f"Paged {names}")


_WRITERS: Final[dict[str, Callable[[Mapping[str, Any]], Words]]] = {
    "merged_in": lambda data: Words(f"{data['ref']} merged into this one"),
    "paged": lambda data: Words(f"Paged {data['names']}", "warn"),
    "run": lambda data: Words(f"Response began: {data['name']}", "acc"),
    "status": _say_status,
    "told": _say_told,
    "update": _say_update,
    "severity": lambda data: Words(f"Severity: {data['from']} to {data['to']}", "warn"),
    "role": lambda data: Words(f"{data['role']}: {data['to'] or 'nobody'}"),
    "edited": _say_edited,
}


def say_event(kind: str) -> Words:
    """Return the words of what became of an alert."""
    return _EVENTS.get(kind) or _plain(kind)


def _plain(kind: str) -> Words:
    return Words(kind.replace("_", " ").capitalize())
