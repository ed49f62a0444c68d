"""What a reminder says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """The run that a reminder is about (aware moments).

    ``failing`` holds the texts of items whose check fails; ``due_local`` is due
    in the cadence's zone.
    """

    name: str
    period_key: str
    due_local: datetime
    open_count: int
    total_count: int
    failing: tuple[str, ...] = ()
    suppressed_count: int = 0


def write_subject(run: Reminded, now: datetime) -> str:
    """Return one line: "ARQ daily checklist is due in 30 min: 2 of 10 items open"."""
    when = _say_when(run.due_local - now)
    return f"{run.name} {when}: {run.open_count} of {run.total_count} items open"


def write_text(run: Reminded, now: datetime, url: str) -> str:
    """Return the whole message as plain text."""
    zone = run.due_local.tzinfo
    lines = [
        f"{run.name} ({run.period_key}) {_say_when(run.due_local - now)}.",
        f"Due {run.due_local:%A, %d %B %Y, %H:%M} {zone}.",
        f"{run.open_count} of {run.total_count} items are open.",
    ]
    lines += [f"Failing: {text}" for text in run.failing]
    if run.suppressed_count:
        plural = "s" if run.suppressed_count > 1 else ""
        lines.append(f"{run.suppressed_count} earlier reminder{plural} suppressed.")
    return "\n".join([*lines, "", f"Open it: {url}"])


def _say_when(left: timedelta) -> str:
    minutes = round(left / _MINUTE)
    if minutes == 0:
        return "is due now"
    length = say_length(abs(left))
    return f"is due in {length}" if minutes > 0 else f"is {length} overdue"


def say_length(length: timedelta) -> str:
    """Return a length in its two largest units: "2 d 3 h", "45 min"."""
    minutes = round(length / _MINUTE)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        f"{count} {unit}"
        for count, unit in ((days, "d"), (hours, "h"), (minutes, "min"))
        if count
    ]
    return " ".join(parts[:2]) or "0 min"
