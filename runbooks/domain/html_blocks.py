"""Rows of tables, bullets and titles in HTML, as wikis export them, with their lines."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_LONGEST: Final = 4000
_TOKEN: Final = re.compile(
    r"<(?P<close>/?)(?P<tag>table|tr|th|td|li|h[1-6]|summary)(?:\s[^<>]*)?>|<[^<>]*>",
    re.IGNORECASE,
)
_CELLS: Final = frozenset({"th", "td"})


@dataclass(slots=True)
class Piece:
    """A row (``cells``), a bullet or a title, from ``line`` to ``last`` of its block.

    ``level`` is that of a title, 0 of anything else; ``is_header`` tells that all
    cells of a row are names of columns. Lines count from 0.
    """

    line: int
    last: int
    cells: list[str] = field(default_factory=list)
    text: str = ""
    level: int = 0
    is_header: bool = False


def read_html(lines: Sequence[str]) -> Iterator[Piece]:
    """Yield what the lines of a block of HTML hold, in order."""
    walk = _Walk()
    for number, line in enumerate(lines):
        yield from walk.take(line[:_LONGEST], number)


class _Walk:
    def __init__(self) -> None:
        self._row: Piece | None = None
        self._open = ""
        self._first = 0
        self._words: list[str] = []
        self._names = 0

    def take(self, line: str, number: int) -> Iterator[Piece]:
        at = 0
        for match in _TOKEN.finditer(line):
            self._words.append(line[at : match.start()])
            at = match.end()
            tag = (match["tag"] or "").lower()
            if tag and match["close"]:
                yield from self._end(tag, number)
            elif tag:
                self._begin(tag, number)
            else:
                self._words.append(" ")
        self._words.append(f"{line[at:]} ")

    def _begin(self, tag: str, number: int) -> None:
        if tag == "tr":
            self._row, self._names = Piece(number, number), 0
        elif tag != "table":
            self._open, self._first, self._words = tag, number, []

    def _end(self, tag: str, number: int) -> Iterator[Piece]:
        row = self._row
        if tag == "tr" and row is not None:
            row.last, row.is_header = number, self._names == len(row.cells)
            self._row = None
            if row.cells:
                yield row
        elif tag == self._open:
            text, self._open = _say(self._words), ""
            if tag in _CELLS and row is not None:
                row.cells.append(text)
                self._names += tag == "th"
            elif tag not in _CELLS and text:
                yield Piece(self._first, number, text=text, level=_level(tag))


def _say(words: Sequence[str]) -> str:
    return " ".join(html.unescape("".join(words)).split())


def _level(tag: str) -> int:
    """The level of a title; a fold ("summary") is as a smallest title."""
    if tag == "summary":
        return 6
    return int(tag[1]) if tag[0] == "h" else 0
