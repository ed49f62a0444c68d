"""Severities in tables: by the names of columns, and in words of a team's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runbooks.domain.context import topics_around
from runbooks.domain.findings import Severity
from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.severity_names import NAME_WORD, first_part, make_severity
from runbooks.domain.severity_words import read_minutes
from runbooks.domain.words.severities import (
    NOT_RESPONSE,
    RESPONSE_COLUMN,
    SEVERITY_COLUMN,
)
from runbooks.domain.words.topics import Topic

_CLASS: Final = re.compile(r"(?:class |category )?[a-e]", re.IGNORECASE)
_NUMBER_FIRST: Final = re.compile(r"[0-5](?=\s*[-–—:(]|$)")


def read_row(entry: Entry) -> Iterator[Severity]:
    """Yield the severity of a row whose first columns name one."""
    names = fold_all(entry.header)
    first = next(
        (at for at, name in enumerate(names) if SEVERITY_COLUMN.search(name)), None
    )
    if first is None and entry.section.topics & {Topic.SEVERITIES}:
        first = 0
    if first is None or first > 1 or first >= len(entry.cells):
        return
    if is_of_metrics(names):
        return
    column = find_response_column(names, first)
    title = _name_number(strip_marks(entry.cells[first]), names[first])
    extra = [strip_marks(cell) for cell in entry.cells[first + 1 : first + 2]]
    if extra and NAME_WORD.match(fold(extra[0])):
        title = f"{title} ({extra[0]})"
    minutes, cell = read_answer(entry, column) if column is not None else (None, "")
    is_home = column is not None or Topic.SEVERITIES in topics_around(entry.section)
    if _CLASS.fullmatch(title) and minutes is not None:
        yield Severity(
            line=entry.line, last=entry.last, name=title[-1].upper(), response_text=cell,
            level=ord(title[-1].lower()) - ord("a") + 1, response_minutes=minutes,
            confidence=0.8, rule="class in a table",
        )  # fmt: skip
        return
    if is_home:
        yield from make_severity(
            title, entry.line, entry.last, "severity table", minutes, cell
        )


def _name_number(title: str, column: str) -> str:
    """``1 - very high`` below "Priority" is P1, below "Severity" SEV1."""
    if not _NUMBER_FIRST.match(title):
        return title
    return f"{'P' if column.startswith('prio') else 'SEV'}{title}"


def is_of_metrics(names: Sequence[str]) -> bool:
    """Whether the columns of a table are about what is measured."""
    return any(
        name in {"metric", "threshold", "condition", "alert", "rule"} for name in names
    )


def read_answer(entry: Entry, column: int) -> tuple[float | None, str]:
    """What a cell says of the time to answer: its minutes, and its words."""
    cell = strip_marks(entry.cells[column]) if column < len(entry.cells) else ""
    return read_minutes(first_part(fold(cell))) if cell else None, cell


def find_response_column(names: Sequence[str], first: int) -> int | None:
    """The column, other than ``first``, that says how soon somebody answers."""
    wanted = [
        at
        for at, name in enumerate(names)
        if at != first
        and RESPONSE_COLUMN.search(name)
        and not NOT_RESPONSE.search(name)
    ]
    return wanted[0] if wanted else None
