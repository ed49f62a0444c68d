"""Action items: what they may become, and when their owners hear of them."""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from oncall.domain.walltime import to_utc

MOVES: Final[dict[str, tuple[str, ...]]] = {
    "open": ("in_progress", "wont_do"),
    "in_progress": ("done", "wont_do"),
    "done": ("open",),
    "wont_do": (),
}
OPEN: Final = frozenset({"open", "in_progress"})
REMIND_AT: Final = time(9)
BEFORE: Final = timedelta(days=3)
LEAD_AFTER: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)
_FIRST_LOOK: Final = timedelta(hours=1)
# Eight tries in what is left of the day at nine: none of its reminders is lost.
_LONGEST_LOOK: Final = timedelta(hours=2)
_SAID: Final = {
    "open": "open",
    "in_progress": "in progress",
    "done": "done",
    "wont_do": "refused",
}


def refuse_action_move(state: str, target: str, *, reason: str) -> str | None:
    """Return why an action item may not go from ``state`` to ``target``, or None."""
    allowed = MOVES[state]
    if target not in allowed:
        if not allowed:
            return "This will not be done and stays so; write a new action item."
        words = " or ".join(_SAID[each] for each in allowed)
        return f"This action item is {_SAID[state]}; it can become {words}."
    if target == "wont_do" and not reason.strip():
        return "Say why it will not be done."
    return None


def next_reminder_at(due_on: date, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after ``after`` at which the owner is reminded.

    Three days before, on the day itself, and each day from there: at nine on the
    team's clock. ``after`` is aware; the answer is in UTC.
    """
    on = max(due_on - BEFORE, after.astimezone(zone).date())
    while True:
        if on < due_on and on != due_on - BEFORE:
            on = due_on
        at = to_utc(datetime.combine(on, REMIND_AT), zone)
        if at > after:
            return at
        on += _DAY


def is_for_lead(due_on: date, on: date) -> bool:
    """Say whether the reminder of the day ``on`` also goes to the owner's lead."""
    return on - due_on >= LEAD_AFTER


def look_again_after(tries: int) -> timedelta:
    """Return how long to wait before asking whether try number ``tries`` arrived.

    An hour for the first, then two.
    """
    return min(_FIRST_LOOK * (1 << min(tries - 1, 8)), _LONGEST_LOOK)


def say_due(due_on: date | None, today: date) -> str:
    """Return when it is due, in words."""
    if due_on is None:
        return "no date"
    days = (due_on - today).days
    if days == 0:
        return "due today"
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"due in {count}" if days > 0 else f"{count} overdue"
