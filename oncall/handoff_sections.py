"""What a handoff brief says: apps above oncall add sections in AppConfig.ready.

A reader is asked with a `ShiftOver` and answers with its section, in a number of
queries that does not grow with the rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

MOST_LINES = 12
MOST_ON_CARD = 3


@dataclass(frozen=True, slots=True)
class ShiftOver:
    """What a brief is about: the shift that ends at ``at``, and the one after it.

    ``starts_at`` and ``ends_at`` are when the first began and the second ends.
    """

    team_id: int
    schedule_id: int
    schedule_slug: str
    rotation_id: int
    time_zone: str
    starts_at: datetime
    at: datetime
    ends_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section; ``tone`` is "", "ok", "warn", "crit" or "acc"."""

    text: str
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One titled part of a brief; ``empty`` is what it says without lines."""

    title: str
    lines: Sequence[Line]
    empty: str

    @property
    def few(self) -> list[Line]:
        """The first lines, for where there is little room."""
        return list(self.lines[:MOST_ON_CARD])


Reader = Callable[[ShiftOver], Section]
_readers: dict[str, tuple[int, Reader]] = {}


def register(key: str, reader: Reader, *, position: int) -> None:
    """Add a section to every brief; a key that is there already is replaced."""
    _readers[key] = (position, reader)


def read_sections(shift: ShiftOver) -> list[Section]:
    """Return all sections, by position."""
    in_order = sorted(_readers.values(), key=lambda each: each[0])
    return [reader(shift) for _, reader in in_order]


def shorten(lines: Sequence[Line], *, url: str = "") -> list[Line]:
    """Return at most so many lines that a brief stays one; the rest as a number."""
    if len(lines) <= MOST_LINES:
        return list(lines)
    left = len(lines) - MOST_LINES
    return [*lines[:MOST_LINES], Line(f"and {left} more", url)]


def sections_to_json(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Return sections as plain JSON values; ``sections_from_json`` reads them."""
    return [asdict(section) for section in sections]


def sections_from_json(raw: Sequence[Mapping[str, Any]]) -> list[Section]:
    """Read the sections of a brief that was frozen."""
    return [
        Section(each["title"], [Line(**line) for line in each["lines"]], each["empty"])
        for each in raw
    ]
