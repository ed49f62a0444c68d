"""Reading documents, moments and patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.value import read_number

MAX_PATTERN = 200
# A moment this far ahead means that a clock is wrong, so its age says nothing.
CLOCK_TOLERANCE = timedelta(minutes=5)

Steps: TypeAlias = tuple[str | int, ...]

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][A-Za-z0-9_-]*)
    |\[(?P<index>-?[0-9]{1,6})\]
    |\[(?P<quote>['"])(?P<key>[^'"]*)(?P=quote)\]""",
    re.VERBOSE,
)


def read_path(path: str, at: int) -> Steps:
    """The steps of ``$.items[0].name``; raises ConditionError."""
    end = 1
    steps: list[str | int] = []
    while path.startswith("$") and end < len(path):
        found = _STEP.match(path, end)
        if found is None:
            break
        end = found.end()
        index = found["index"]
        steps.append(int(index) if index else found["name"] or found["key"] or "")
    if not path.startswith("$") or end != len(path):
        raise ConditionError(
            at,
            f"{path!r} is not a path into a document.",
            'Write for example json("$.items[0].name").',
        )
    return tuple(steps)


def follow_path(document: object, steps: Steps) -> object:
    """What lies at the path, or None when a step leads nowhere."""
    for step in steps:
        document = _follow(document, step)
        if document is None:
            return None
    return document


def _follow(document: object, step: str | int) -> object:
    if isinstance(step, str):
        return document.get(step) if isinstance(document, Mapping) else None
    if isinstance(document, Sequence) and not isinstance(document, str | bytes):
        return document[step] if -len(document) <= step < len(document) else None
    return None


def read_moment(raw: object) -> datetime | None:
    """An aware UTC moment from a datetime, an ISO text or seconds since 1970.

    Numbers above 10^11 are milliseconds; a time without a zone is UTC.
    """
    try:
        if isinstance(raw, str):
            raw = datetime.fromisoformat(raw.strip())
        if isinstance(raw, datetime):
            aware = raw if raw.tzinfo is not None else raw.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        number = read_number(raw)
        if number is None:
            return None
        seconds = number / 1000 if abs(number) > 1e11 else number
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def age_of(raw: object, now: datetime) -> float | None:
    """Seconds since a moment; a length of time is already an age."""
    if isinstance(raw, timedelta):
        return raw.total_seconds()
    moment = read_moment(raw)
    if moment is None or moment - now > CLOCK_TOLERANCE:
        return None
    return max(0.0, (now - moment).total_seconds())


def count_recent(raw: object, window: timedelta, now: datetime) -> float | None:
    """How many of a list of moments lie in the window that ends now."""
    if not isinstance(raw, list | tuple):
        return None
    moments = [read_moment(entry) for entry in raw]
    if None in moments:
        return None
    return float(
        sum(moment is not None and now - window < moment <= now for moment in moments)
    )


def type_of(raw: object) -> str | None:
    """The JSON word for what it is, None for nothing."""
    if isinstance(raw, bool):
        return "boolean"
    if isinstance(raw, str):
        return "string"
    if isinstance(raw, Mapping):
        return "object"
    if isinstance(raw, list | tuple):
        return "array"
    return None if read_number(raw) is None else "number"


def length_of(raw: object) -> float | None:
    """The number of entries, or of characters of a text."""
    if isinstance(raw, str | list | tuple | Mapping):
        return float(len(raw))
    return None


def compile_pattern(pattern: str, at: int) -> Callable[[str], bool]:
    """A test for a whole text: ``*`` any run, ``?`` any one character.

    Pieces between stars are searched once from left to right, so that no
    pattern is slow on any text. Raises ConditionError for a long pattern.
    """
    if len(pattern) > MAX_PATTERN:
        raise ConditionError(
            at,
            f"The pattern is longer than {MAX_PATTERN} characters.",
            "Match a shorter part, with * for the rest.",
        )
    first, *rest = [
        re.compile(".".join(map(re.escape, piece.split("?"))), re.DOTALL)
        for piece in pattern.split("*")
    ]
    if not rest:
        return lambda text: first.fullmatch(text) is not None
    *middle, last = rest
    tail = len(pattern) - pattern.rfind("*") - 1

    def is_match(text: str) -> bool:
        found = first.match(text)
        end = 0 if found is None else found.end()
        for piece in middle:
            found = found and piece.search(text, end)
            end = end if found is None else found.end()
        return (
            found is not None
            and len(text) - tail >= end
            and last.fullmatch(text, len(text) - tail) is not None
        )

    return is_match
