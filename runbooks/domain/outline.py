"""Blocks to an outline: sections, and in them the entries that readers look at.

A section begins at a heading, or at a line that is a label and nothing else
(``**Monday**:``, ``Do this first:``), which is how most teams write small headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from runbooks.domain.blocks import Block, Kind, Row
from runbooks.domain.html_blocks import Piece, read_html
from runbooks.domain.inline import (
    Label,
    drop_numbering,
    fold,
    is_whole_label,
    split_label,
    strip_marks,
)
from runbooks.domain.words.topics import Topic, find_topics

LABEL_LEVEL: Final = 7
COLON_LEVEL: Final = 8
# Nobody writes such a line by hand; what is behind that is kept, but not read.
_LONGEST: Final = 2000
_LONGEST_CELL: Final = 500
_NOTES: Final = frozenset({"!!!", "???", ":::"})
_COLON_LENGTH: Final = 90
# So many titles of the next level make the one above them that of the document.
_PARTS: Final = 3
_FIRST_ROWS: Final = 3
_NUMBERED: Final = re.compile(r"^\*\*\d{1,2}[.)]? ")
_TASK_LINE: Final = re.compile(r"^\*\*.+?\*\*|^[A-Za-z][\w /]{0,40}:\s")


class EntryKind(StrEnum):
    """What an entry is."""

    ITEM = "item"
    LINE = "line"
    ROW = "row"
    CODE = "code"


@dataclass(slots=True, eq=False)
class Section:
    """A stretch under one title; the root has level 0 and no title.

    ``folded`` is the title without its number in small narrow letters, ``topics``
    what it is about.
    """

    title: str
    raw: str
    line: int
    level: int
    parent: Section | None
    is_label: bool = False
    children: list[Section] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    folded: str = ""
    topics: frozenset[Topic] = frozenset()
    # What the titles around are about, by the level from which on they count.
    topics_around: dict[int, frozenset[Topic]] = field(default_factory=dict)

    def chain(self) -> Iterator[Section]:
        """This section and those around it, the innermost first."""
        section: Section | None = self
        while section is not None:
            yield section
            section = section.parent

    def walk(self) -> Iterator[Section]:
        """This section and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def heading(self) -> Section:
        """The nearest section around that a real heading began."""
        return next(each for each in self.chain() if not each.is_label)

    def entries_below(self) -> Iterator[Entry]:
        """The entries of this section and of all below it."""
        for section in self.walk():
            yield from section.entries


@dataclass(slots=True, eq=False)
class Entry:
    """A list item, a line of a paragraph, a row of a table or a block of code.

    ``text`` is without Markdown, ``folded`` also in small narrow letters.
    ``parent`` is the item around it. Of a row, ``cells`` and ``header`` have the
    same order. Of code, ``body`` are the lines, from line ``opens`` on.
    """

    kind: EntryKind
    line: int
    last: int
    raw: str
    text: str
    section: Section
    folded: str = ""
    parent: Entry | None = None
    depth: int = 0
    marker: str = ""
    task: bool | None = None
    quoted: bool = False
    label: Label | None = None
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    opens: int = 0
    info: str = ""
    children: list[Entry] = field(default_factory=list)

    def around(self) -> Iterator[Entry]:
        """The items around this one, the innermost first."""
        entry = self.parent
        while entry is not None:
            yield entry
            entry = entry.parent


@dataclass(frozen=True, slots=True)
class Outline:
    """A runbook as a tree of sections; ``entries`` are all, in the order of lines."""

    root: Section
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]
    blocks: tuple[Block, ...]


def build_outline(blocks: Sequence[Block]) -> Outline:
    """Sort blocks into sections and entries."""
    builder = _Builder(blocks)
    for position, block in enumerate(blocks):
        if block.kind is not Kind.BLANK:
            builder.take(position, block)
    sections = tuple(builder.root.walk())
    return Outline(builder.root, sections, tuple(builder.entries), tuple(blocks))


class _Builder:
    def __init__(self, blocks: Sequence[Block]) -> None:
        self.root = Section("", "", 0, 0, None)
        self.entries: list[Entry] = []
        self._blocks = blocks
        self._here = self.root
        self._by_block: dict[int, Entry] = {}
        self._columns: tuple[str, ...] = ()
        self._bold = _find_bold_titles(blocks)
        self._title = _find_title_line(blocks)

    def take(self, position: int, block: Block) -> None:
        if block.kind is Kind.HEADING:
            level = 1 if block.first == self._title else block.level
            self._open(block.lines[0], block.first, level)
        elif block.kind is Kind.ITEM:
            self._take_item(position, block)
        elif block.kind is Kind.PARAGRAPH:
            self._take_paragraph(position, block)
        elif block.kind is Kind.TABLE:
            self._take_table(block)
        elif block.kind is Kind.CODE:
            self._take_code(block)
        elif block.kind is Kind.HTML:
            self._take_html(block)
        else:
            self._take_break(block)

    def _take_break(self, block: Block) -> None:
        if block.kind is Kind.RULE:
            # What follows a rule without a heading belongs to no list above it.
            self._open("", block.first, 2)
        elif block.kind is Kind.DIRECTIVE and block.lines[0].strip()[:3] in _NOTES:
            self._open("", block.first, LABEL_LEVEL)

    def _open(self, raw: str, line: int, level: int) -> None:
        raw = raw[:_LONGEST_CELL]
        title = strip_marks(raw.rstrip().rstrip("#")).strip()
        title = title.rstrip(":：").strip() if level >= LABEL_LEVEL else title
        parent = self._here
        while parent.level >= level and parent.parent is not None:
            parent = parent.parent
        section = Section(title, raw, line, level, parent, level >= LABEL_LEVEL)
        section.folded = fold(drop_numbering(title))
        section.topics = find_topics(section.folded)
        parent.children.append(section)
        self._here = section

    def _entry(self, kind: EntryKind, line: int, raw: str, block: Block) -> Entry:
        raw = raw[:_LONGEST]
        text = strip_marks(raw)
        parent = self._by_block.get(block.item)
        entry = Entry(
            kind, line, line, raw, text, self._here, fold(text), parent,
            depth=block.level, quoted=block.quoted,
        )  # fmt: skip
        self.entries.append(entry)
        self._here.entries.append(entry)
        if parent is not None:
            parent.children.append(entry)
        return entry

    def _take_item(self, position: int, block: Block) -> None:
        first, *rest = block.lines
        joined, loose = _join_wrapped(first, rest)
        entry = self._entry(EntryKind.ITEM, block.first, joined, block)
        entry.marker, entry.task = block.marker, block.task
        entry.label = split_label(entry.raw)
        entry.last = block.first + len(rest) - len(loose)
        self._by_block[position] = entry
        for offset, line in enumerate(loose, 1):
            if len(line) <= _LONGEST and is_whole_label(line):
                # A small heading right below a list, without a blank line.
                self._open(line, entry.last + offset, LABEL_LEVEL)
                continue
            below = self._entry(EntryKind.LINE, entry.last + offset, line, block)
            below.label = split_label(below.raw)
            below.parent = entry
            entry.children.append(below)

    def _take_paragraph(self, position: int, block: Block) -> None:
        for offset, raw in enumerate(block.lines):
            line = block.first + offset
            if block.item < 0 and self._is_small_heading(block, offset, position):
                is_bold = is_whole_label(raw)
                level = LABEL_LEVEL if is_bold else COLON_LEVEL
                self._open(raw, line, self._bold.get(line, level))
                continue
            entry = self._entry(EntryKind.LINE, line, raw, block)
            entry.label = split_label(entry.raw)

    def _is_small_heading(self, block: Block, offset: int, position: int) -> bool:
        raw = block.lines[offset]
        if len(raw) > _LONGEST:
            return False
        if is_whole_label(raw):
            return True
        if not raw.rstrip().endswith((":", "：")) or len(raw) > _COLON_LENGTH:
            return False
        is_last = offset == len(block.lines) - 1
        return self._is_followed(position) if is_last else offset == 0

    def _is_followed(self, position: int) -> bool:
        for block in self._blocks[position + 1 : position + 4]:
            if block.kind is not Kind.BLANK:
                return block.kind in {Kind.ITEM, Kind.CODE, Kind.TABLE}
        return False

    def _take_table(self, block: Block) -> None:
        rows = block.rows[1:] if _is_unnamed(block.rows) else block.rows
        header = tuple(
            strip_marks(cell[:_LONGEST_CELL]) for row in rows[:1] for cell in row.cells
        )
        for row in rows[1:]:
            entry = self._entry(EntryKind.ROW, row.line, _join_cells(row), block)
            entry.header = header
            entry.cells = tuple(cell[:_LONGEST_CELL] for cell in row.cells)

    def _take_code(self, block: Block) -> None:
        entry = self._entry(EntryKind.CODE, block.first, "", block)
        entry.last, entry.opens = block.last, block.opens
        entry.body = tuple(line[:_LONGEST] for line in block.lines)
        entry.info = block.info

    def _take_html(self, block: Block) -> None:
        for piece in read_html(block.lines):
            line = block.first + piece.line
            if piece.level:
                self._open(piece.text, line, piece.level)
            elif piece.is_header:
                self._columns = tuple(map(strip_marks, piece.cells))
            else:
                self._take_piece(piece, line, block)

    def _take_piece(self, piece: Piece, line: int, block: Block) -> None:
        """A row below its names of columns, or a bullet."""
        is_row = bool(piece.cells)
        raw = " | ".join(piece.cells) if is_row else piece.text
        entry = self._entry(
            EntryKind.ROW if is_row else EntryKind.ITEM, line, raw, block
        )
        entry.last = block.first + piece.last
        if is_row:
            # Wikis leave names out; each cell has one, if only an empty one.
            unnamed = len(piece.cells) - len(self._columns)
            entry.header = self._columns + ("",) * unnamed
            entry.cells = tuple(cell[:_LONGEST_CELL] for cell in piece.cells)
        else:
            entry.marker, entry.label = "-", split_label(raw)


def _find_title_line(blocks: Sequence[Block]) -> int:
    """The line of a first heading above several smaller ones: the whole's title.

    A text may begin with ``##``; where nothing else is as high, that is its title.
    """
    levels = [block.level for block in blocks if block.kind is Kind.HEADING]
    below = sorted(levels[1:])
    if len(below) < _PARTS or below[0] <= levels[0] or below[_PARTS - 1] != below[0]:
        return 0
    return next(block.first for block in blocks if block.kind is Kind.HEADING)


def _find_bold_titles(blocks: Sequence[Block]) -> dict[int, int]:
    """The levels of bold lines, by their line, in a text without any headings.

    A document that was exported numbers its titles: ``**3. People**`` stands above
    ``**On weekends**``; what is bold before the first of them is the whole's title.
    """
    if any(block.kind is Kind.HEADING for block in blocks):
        return {}
    bold = [
        (block.first, bool(_NUMBERED.match(block.lines[0])))
        for block in blocks
        if block.kind is Kind.PARAGRAPH and block.item < 0 and _is_bold_title(block)
    ]
    if sum(is_numbered for _, is_numbered in bold) < 2:
        return {}
    first = next(line for line, is_numbered in bold if is_numbered)
    return {
        line: 2 if is_numbered else (1 if line < first else 3)
        for line, is_numbered in bold
    }


def _is_bold_title(block: Block) -> bool:
    first = block.lines[0]
    return len(first) <= _COLON_LENGTH and is_whole_label(first)


def _is_unnamed(rows: Sequence[Row]) -> bool:
    """Whether the names of columns stand below an empty row, in bold, as wikis do."""
    if len(rows) < _FIRST_ROWS or any(rows[0].cells):
        return False
    return all(cell[:2] == cell[-2:] == "**" for cell in rows[1].cells)


def _join_cells(row: Row) -> str:
    return " | ".join(row.cells)


def _join_wrapped(first: str, rest: Sequence[str]) -> tuple[str, list[str]]:
    """An item whose text goes on, and the lines after it that are their own."""
    joined = first.strip()
    for position, line in enumerate(rest):
        is_own = _TASK_LINE.match(line) or joined.endswith((":", "  "))
        if is_own or first.endswith(("  ", "\\")):
            return joined, [each.strip() for each in rest[position:]]
        joined = f"{joined} {line.strip()}"
    return joined, []
