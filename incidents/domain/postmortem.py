"""Who owes a postmortem, by when, and how it comes to be reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

DUE_AFTER: Final = timedelta(hours=48)
REMIND_BEFORE: Final = timedelta(hours=24)
REQUIRED_UP_TO: Final = 2
MOVES: Final[dict[str, tuple[str, ...]]] = {
    "draft": ("in_review",),
    "in_review": ("reviewed", "draft"),
    "reviewed": ("closed", "in_review"),
    "closed": (),
}
# Enough for the incident to be closed.
READ: Final = frozenset({"reviewed", "closed"})
_SAID: Final = {
    "draft": "a draft",
    "in_review": "in review",
    "reviewed": "reviewed",
    "closed": "closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the gates look at.

    ``unfilled`` are headings without words, ``loose`` the titles of open action items
    that lack an owner or a date.
    """

    state: str
    is_by_owner: bool
    unfilled: Sequence[str] = ()
    loose: Sequence[str] = ()


def needs_postmortem(*, kind: str, level: int, is_asked: bool) -> bool:
    """Say whether an incident owes one: real ones of level 1 and 2, or if asked."""
    return kind == "real" and (level <= REQUIRED_UP_TO or is_asked)


def find_due(resolved_at: datetime | None, *, is_needed: bool) -> datetime | None:
    """Return by when it is due: 48 hours after the resolution; None for nobody's."""
    return resolved_at + DUE_AFTER if resolved_at and is_needed else None


def next_reminder(due_at: datetime | None, after: datetime) -> datetime | None:
    """Return the first reminder after ``after``: a day before, then each day."""
    if due_at is None:
        return None
    first = due_at - REMIND_BEFORE
    if after < first:
        return first
    return first + ((after - first) // REMIND_BEFORE + 1) * REMIND_BEFORE


def refuse_postmortem_move(ground: Ground, target: str) -> str | None:
    """Return why the postmortem may not become ``target``, or None."""
    allowed = MOVES[ground.state]
    if target not in allowed:
        if not allowed:
            return "This postmortem is closed and stays so."
        words = " or ".join(_SAID[each] for each in allowed)
        return f"This postmortem is {_SAID[ground.state]}; it can become {words}."
    if target == "in_review" and ground.unfilled:
        return f"Write first: {', '.join(ground.unfilled)}."
    if target == "reviewed" and ground.is_by_owner:
        return "Somebody other than its owner has to review it."
    if target == "closed" and ground.loose:
        return f"Give an owner and a date first: {', '.join(ground.loose)}."
    return None


def refuse_close(*, state: str | None, is_waived: bool, is_needed: bool) -> str | None:
    """Return why the incident cannot be closed yet, or None.

    ``state`` is that of its postmortem, None where there is none.
    """
    if not is_needed or is_waived or state in READ:
        return None
    if state is None:
        return "It needs a postmortem first; write one, or say why it needs none."
    return (
        f"Its postmortem is {_SAID[state]}; it has to be reviewed first, or waived "
        "with a reason."
    )
