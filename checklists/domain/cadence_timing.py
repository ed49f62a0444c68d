"""The JSON of a timing: the moments around a due time, in words.

::

    {"due_time": "10:00", "opens_before": "4h", "grace": "30m", "closes_after": "14h"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta

from checklists.domain.cadence import Timing
from checklists.domain.cadence_rule import RuleError

_LENGTH = re.compile(r"(?=\d)(?:(\d{1,3})d ?)?(?:(\d{1,3})h ?)?(?:(\d{1,4})m)?")
_MINUTE = timedelta(minutes=1)


def timing_to_json(timing: Timing) -> dict[str, str]:
    """Return the timing as plain JSON values; ``timing_from_json`` reads it."""
    return {
        "due_time": timing.due_time.strftime("%H:%M"),
        "opens_before": write_length(timing.opens_before),
        "grace": write_length(timing.grace),
        "closes_after": write_length(timing.closes_after),
    }


def timing_from_json(raw: Mapping[str, object]) -> Timing:
    """Read a timing; raises RuleError that names the field and the remedy."""
    if not isinstance(raw, Mapping):
        raise RuleError("due_time", "the timing must be an object with a due_time")
    return Timing(
        due_time=_read_time("due_time", raw.get("due_time")),
        opens_before=read_length("opens_before", raw.get("opens_before")),
        grace=read_length("grace", raw.get("grace")),
        closes_after=read_length("closes_after", raw.get("closes_after")),
    )


def write_length(length: timedelta) -> str:
    """Return whole minutes in words: "1d 2h 30m"; nothing is "0m"."""
    minutes = int(length / _MINUTE)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0m"


def read_length(field: str, value: object) -> timedelta:
    """Read "1d 2h 30m"; raises RuleError."""
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise RuleError(field, "use a length such as 30m, 4h or 1d 2h")
    days, hours, minutes = (int(number or 0) for number in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _read_time(field: str, value: object) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise RuleError(field, "use a local time such as 10:00") from None
