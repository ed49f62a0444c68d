"""What alerts and incidents may become next, and the order of their moments.

Every refusal is one sentence that says what is allowed instead.
"""

from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Final

FIRING: Final = "firing"
ACKNOWLEDGED: Final = "acknowledged"
RESOLVED: Final = "resolved"

ALERT_MOVES: Final[dict[str, tuple[str, ...]]] = {
    FIRING: (ACKNOWLEDGED, RESOLVED),
    ACKNOWLEDGED: (FIRING, RESOLVED),
    # Terminal: the next signal of the series opens a new alert.
    RESOLVED: (),
}

INCIDENT_MOVES: Final[dict[str, tuple[str, ...]]] = {
    "triage": ("investigating", "cancelled", "merged"),
    "investigating": ("identified", "monitoring", "resolved", "cancelled", "merged"),
    "identified": ("investigating", "monitoring", "resolved", "merged"),
    "monitoring": ("investigating", "identified", "resolved", "merged"),
    "resolved": ("investigating", "closed"),
    "closed": ("investigating",),
    "cancelled": (),
    "merged": (),
}
FIRST_STATUSES: Final = ("triage", "investigating")
OVER: Final = frozenset({"resolved", "closed", "cancelled", "merged"})
_REOPENED_FROM: Final = frozenset({"resolved", "closed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The aware UTC moments of one incident; None: not reached, or taken back."""

    started_at: datetime
    declared_at: datetime
    detected_at: datetime | None = None
    acknowledged_at: datetime | None = None
    identified_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


# What must not come after what. Together: started <= all, all <= closed.
_ORDER: Final = (
    ("started", "declared"),
    ("started", "detected"),
    ("detected", "declared"),
    ("started", "acknowledged"),
    ("started", "identified"),
    ("started", "mitigated"),
    ("started", "resolved"),
    ("acknowledged", "resolved"),
    ("identified", "resolved"),
    ("mitigated", "resolved"),
    ("declared", "closed"),
    ("resolved", "closed"),
)


def refuse_alert_move(status: str, target: str) -> str | None:
    """Return why an alert may not go from ``status`` to ``target``, or None."""
    if target in ALERT_MOVES[status]:
        return None
    if status == RESOLVED:
        return "This alert is resolved; if it fires again, a new one opens."
    return f"This alert is {status}; it can become {_join(ALERT_MOVES[status])}."


def is_reopening(status: str, target: str) -> bool:
    """Say whether the move brings a finished incident back."""
    return status in _REOPENED_FROM and target == "investigating"


def refuse_incident_move(
    status: str, target: str, *, reason: str, is_admin: bool
) -> str | None:
    """Return why an incident may not go from ``status`` to ``target``, or None.

    Reopening needs a reason; reopening a closed one needs an admin too. Merging is
    a move as well, which has its own act: it needs the other incident.
    """
    allowed = INCIDENT_MOVES[status]
    if target not in allowed:
        if not allowed:
            return f"This incident is {status} and stays so; declare a new one."
        can = _join(list_incident_moves(status, is_admin=True))
        return f"This incident is {status}; it can become {can}."
    if not is_reopening(status, target):
        return None
    if status == "closed" and not is_admin:
        return "This incident is closed; only an admin can reopen it."
    if not reason.strip():
        return "Reopening needs a reason; say what came back."
    return None


def list_incident_moves(status: str, *, is_admin: bool) -> tuple[str, ...]:
    """Return the statuses that the incident can take next, merging apart."""
    if status == "closed" and not is_admin:
        return ()
    return tuple(each for each in INCIDENT_MOVES[status] if each != "merged")


def can_merge(status: str) -> bool:
    """Say whether an incident with this status can end in another one."""
    return "merged" in INCIDENT_MOVES[status]


def stamp_move(moments: Moments, target: str, at: datetime) -> Moments:
    """Return the moments after the incident became ``target`` at ``at``.

    Going back takes back what is no longer true. Monitoring means that it is
    mitigated; so does resolved, at the latest. Cancelled and merged end like closed.
    """
    match target:
        case "identified":
            return replace(
                moments,
                identified_at=moments.identified_at or at,
                mitigated_at=None,
            )
        case "monitoring":
            return replace(moments, mitigated_at=at)
        case "resolved":
            return replace(
                moments, mitigated_at=moments.mitigated_at or at, resolved_at=at
            )
        case "closed" | "cancelled" | "merged":
            return replace(moments, closed_at=at)
        case _:
            return replace(
                moments,
                identified_at=None,
                mitigated_at=None,
                resolved_at=None,
                closed_at=None,
            )


def find_disorder(moments: Moments, *, now: datetime) -> str | None:
    """Return the first thing that is wrong with the order of moments, or None.

    started <= detected <= declared; started <= identified, mitigated, acknowledged
    <= resolved <= closed; and nothing after ``now``.
    """
    if any(at is not None and at > now for at in astuple(moments)):
        return "That is in the future; give a time that has passed."
    for earlier, later in _ORDER:
        first = getattr(moments, f"{earlier}_at")
        second = getattr(moments, f"{later}_at")
        if first is not None and second is not None and first > second:
            began = "started" if earlier == "started" else f"was {earlier}"
            return (
                f"It {began} at {_say(first)}, so it cannot have been {later} "
                f"at {_say(second)}."
            )
    return None


def _join(words: tuple[str, ...]) -> str:
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last


def _say(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
