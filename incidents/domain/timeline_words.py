"""What became of alerts and incidents, in words and a colour."""

from collections.abc import Mapping
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
    "change": Words("Change", "warn"),
    "alert": Words("Alert fired", "crit"),
    "alert_acknowledged": Words("Alert acknowledged", "ok"),
    "alert_unacknowledged": Words("Alert acknowledgement taken back", "warn"),
    "alert_resolved": Words("Alert resolved", "ok"),
    "alert_unlinked": Words("Alert taken out of the incident"),
}
_EVENTS: Final[dict[str, Words]] = {
    "opened": Words("Fired", "crit"),
    "raised": Words("Became worse", "crit"),
    "lowered": Words("Became milder", "warn"),
    "told": Words("Told the team"),
    "acknowledged": Words("Acknowledged", "ok"),
    "unacknowledged": Words("Acknowledgement taken back", "warn"),
    "expired": Words("The acknowledgement ended", "warn"),
    "noted": Words("Note"),
    "reviewed": Words("Reviewed", "acc"),
    "resolved": Words("Resolved", "ok"),
}
_STATUS_TONES: Final[dict[str, Tone]] = {
    "resolved": "ok",
    "closed": "ok",
    "cancelled": "",
    "merged": "",
}


def say_entry(kind: str, data: Mapping[str, Any]) -> Words:
    """Return the words of a timeline entry; ``data`` as the services keep it."""
    match kind:
        case "declared" if data.get("via"):
            return Words(f"Incident declared {data['via']}", "crit")
        case "merged_in":
            return Words(f"{data['ref']} merged into this one")
        case "paged":
            return Words(f"Paged {data['names']}", "warn")
        case "run":
            return Words(f"Response began: {data['name']}", "acc")
        case "status" if data["to"] == "merged":
            return Words(f"Merged into {data['into']}")
        case "status":
            return Words(f"Status: {data['to']}", _STATUS_TONES.get(data["to"], "acc"))
        case "severity":
            return Words(f"Severity: {data['from']} to {data['to']}", "warn")
        case "role":
            return Words(f"{data['role']}: {data['to'] or 'nobody'}")
        case "edited":
            names = ", ".join(name.replace("_", " ") for name in data["after"])
            return Words(f"Details changed: {names}")
        case _:
            return _ENTRIES.get(kind) or _plain(kind)


def say_event(kind: str) -> Words:
    """Return the words of what became of an alert."""
    return _EVENTS.get(kind) or _plain(kind)


def _plain(kind: str) -> Words:
    return Words(kind.replace("_", " ").capitalize())
