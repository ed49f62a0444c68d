"""Alerts in the plain shape that small monitors use: numbers, one word, one moment."""

import re
from datetime import UTC, datetime
from typing import Final

_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_LONGEST: Final = 64


def read_number(text: str) -> float | None:
    """Return the first number of a reading such as "> 550 ms", None without one."""
    found = _NUMBER.search(text[:_LONGEST])
    if found is None:
        return None
    number = float(found[0])
    return number if abs(number) < float("inf") else None


def say_moment(at: datetime) -> str:
    """Return an aware moment as "2024-12-03T10:15:00.000Z"."""
    moment = at.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
