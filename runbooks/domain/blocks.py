"""Lines to blocks: every line is in exactly one, and knows its number.

markdown-it-py finds the blocks; what is inside a line is read elsewhere, because
runbooks are read line by line and not as one flow of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from runbooks.domain.feed import Feed, prepare

_NESTING: Final = 40
_TASK: Final = re.compile(r"\[([ \u3000xX✓✔]?)\][ \t\u3000]+(?=\S)")
_BULLET: Final = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+")
_SENTENCE: Final = re.compile(r"\*\*[^*]+\*\*.*:|:\s|\.$|^\s*[-*|]")


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    ITEM = "item"
    PARAGRAPH = "paragraph"
    CODE = "code"
    TABLE = "table"
    HTML = "html"
    RULE = "rule"
    BLANK = "blank"
    DIRECTIVE = "directive"
    FRONT_MATTER = "front matter"


class Row(NamedTuple):
    """A row of a table; the first one of a block is its header."""

    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Block:
    """A run of lines, first and last included, without the marks of its kind.

    Not frozen, because that takes three times as long to make; it is only written
    to in this module.

    ``lines`` is one text a line (of code: without the fences, the first being
    line ``opens``). ``level`` is that of a heading or the depth of a list, from
    0; ``item`` is the position of the block that began the list item around.
    """

    kind: Kind
    first: int
    last: int
    lines: tuple[str, ...] = ()
    opens: int = 0
    level: int = 0
    marker: str = ""
    task: bool | None = None
    quoted: bool = False
    info: str = ""
    rows: tuple[Row, ...] = ()
    item: int = -1


def read_blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """Cut lines into blocks that cover all of them, in order."""
    feed = prepare(lines)
    tokens = _parser().parse("\n".join(feed.lines))
    walk = _Walk(feed)
    for at, token in enumerate(tokens):
        if token.type in _TAKEN:
            walk.take(token, tokens, at)
    return tuple(_fill_gaps(walk.blocks, feed))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    # Lines are read by the readers; link definitions are lines like others.
    parser.core.ruler.disable("inline")
    parser.block.ruler.disable("reference")
    return parser


class _Walk:
    """Keeps where in lists and quotes the parser's tokens are."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.blocks: list[Block] = []
        self._lists = 0
        self._quotes = 0
        self._items: list[int] = []
        self._fresh = ""
        self._rows: list[tuple[int, list[str]]] = []

    def take(self, token: Token, tokens: Sequence[Token], at: int) -> None:
        """Follow one token; a leaf becomes a block."""
        if token.type in _MOVES:
            self._move(token)
        elif token.type in _LEAVES:
            self._add(token, tokens, at)
        else:
            self._take_in_table(token, tokens, at)

    def _move(self, token: Token) -> None:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self._lists += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self._lists -= 1
        elif token.type == "blockquote_open":
            self._quotes += 1
        elif token.type == "blockquote_close":
            self._quotes -= 1
        elif token.type == "list_item_open":
            self._items.append(-1)
            self._fresh = f"{token.info}{token.markup}"
        else:
            self._items.pop()
            self._fresh = ""

    def _take_in_table(self, token: Token, tokens: Sequence[Token], at: int) -> None:
        if token.type == "tr_open":
            first, _ = token.map or (0, 0)
            self._rows.append((first + 1, []))
        elif token.type != "table_close":
            self._rows[-1][1].append(tokens[at + 1].content)
        else:
            self.blocks[-1].rows = tuple(
                Row(line, tuple(cells)) for line, cells in self._rows
            )

    def _add(self, token: Token, tokens: Sequence[Token], at: int) -> None:
        first, end = token.map or (0, 0)
        place = _Place(
            first + 1,
            end,
            max(0, self._lists - 1),
            self._quotes > 0,
            next((at for at in reversed(self._items) if at >= 0), -1),
        )
        fresh, self._fresh = self._fresh, ""
        if first + 1 in self.feed.directives:
            source = (self.feed.source[first],)
            self._push(_make(Kind.DIRECTIVE, place, lines=source))
        elif token.type == "paragraph_open":
            self._add_paragraph(place, tokens[at + 1].content, fresh)
        elif token.type == "heading_open":
            self._add_heading(place, token, tokens[at + 1].content)
        elif token.type in {"fence", "code_block"}:
            self._push(_read_code(place, token))
        else:
            lines = self.feed.cut(first + 1, end)
            self._push(_make(_LEAVES[token.type], place, lines=lines))
            self._rows = []

    def _push(self, block: Block) -> None:
        if self._items and self._items[-1] < 0:
            self._items[-1] = len(self.blocks)
        self.blocks.append(block)

    def _add_paragraph(self, place: _Place, content: str, fresh: str) -> None:
        if not fresh:
            self._push(_make(Kind.PARAGRAPH, place, lines=tuple(content.split("\n"))))
            return
        task: bool | None = None
        match = _TASK.match(content)
        if match:
            task = match[1] not in {"", " ", "\u3000"}
            content = content[match.end() :]
        lines = tuple(content.split("\n"))
        self._push(_make(Kind.ITEM, place, lines=lines, marker=fresh, task=task))

    def _add_heading(self, place: _Place, token: Token, content: str) -> None:
        if token.markup == "-" and ("\n" in content or _SENTENCE.search(content)):
            # A rule below a paragraph, although CommonMark calls it a heading.
            last = place.last
            above = place._replace(last=last - 1)
            self._push(_make(Kind.PARAGRAPH, above, lines=tuple(content.split("\n"))))
            self._push(Block(Kind.RULE, last, last))
        else:
            place = place._replace(level=int(token.tag[1]))
            self._push(_make(Kind.HEADING, place, lines=(content.replace("\n", " "),)))


class _Place(NamedTuple):
    """Where a block stands: its lines, and in which lists and quotes."""

    first: int
    last: int
    level: int
    quoted: bool
    item: int


def _make(
    kind: Kind,
    place: _Place,
    *,
    lines: tuple[str, ...],
    opens: int = 0,
    marker: str = "",
    task: bool | None = None,
    info: str = "",
) -> Block:
    first, last, level, quoted, item = place
    return Block(
        kind, first, last, lines, opens, level, marker, task, quoted, info, (), item
    )


_MOVES: Final = frozenset(
    f"{name}_{end}"
    for name in ("bullet_list", "ordered_list", "blockquote", "list_item")
    for end in ("open", "close")
)
_LEAVES: Final = {
    "paragraph_open": Kind.PARAGRAPH,
    "heading_open": Kind.HEADING,
    "fence": Kind.CODE,
    "code_block": Kind.CODE,
    "html_block": Kind.HTML,
    "hr": Kind.RULE,
    "table_open": Kind.TABLE,
}


# More than half of the tokens only end what another one began.
_TAKEN: Final = frozenset(
    {*_MOVES, *_LEAVES, "tr_open", "th_open", "td_open", "table_close"}
)


def _read_code(place: _Place, token: Token) -> Block:
    lines = token.content.split("\n")
    if lines[-1] == "":
        lines.pop()
    words = token.info.split(maxsplit=1)
    return _make(
        Kind.CODE,
        place,
        lines=tuple(lines),
        opens=place.first + (token.type == "fence"),
        info=words[0].lower().strip("{}.") if words else "",
    )


def _fill_gaps(blocks: Sequence[Block], feed: Feed) -> Iterator[Block]:
    """Yield the blocks with those lines between them that belong to none.

    The position of enclosing items moves along with what is put in between.
    """
    moved: dict[int, int] = {}
    count, at = 0, 1
    for position, block in enumerate(blocks):
        for lone in _lone_lines(at, block.first, feed):
            yield lone
            count += 1
        moved[position] = count
        block.first, block.item = max(at, block.first), moved.get(block.item, -1)
        yield block
        count += 1
        at = block.last + 1
    yield from _lone_lines(at, len(feed.lines) + 1, feed)


def _lone_lines(first: int, end: int, feed: Feed) -> Iterator[Block]:
    """Blocks for lines that belong to none; blank ones in a row are one block."""
    line = first
    while line < end:
        block = _lone_line(line, feed)
        while block.kind is Kind.BLANK and line + 1 < end and _is_blank(line + 1, feed):
            line += 1
        block.last = line
        yield block
        line += 1


def _is_blank(line: int, feed: Feed) -> bool:
    return line not in feed.front_matter and not feed.lines[line - 1].strip()


def _lone_line(line: int, feed: Feed) -> Block:
    if line in feed.front_matter:
        return Block(Kind.FRONT_MATTER, line, line, lines=(feed.source[line - 1],))
    text = feed.lines[line - 1].strip()
    if not text:
        return Block(Kind.BLANK, line, line)
    bullet = _BULLET.match(text)
    if bullet:
        # Deeper than anybody nests; the parser gave up, the line is kept.
        rest = text[bullet.end() :]
        return Block(Kind.ITEM, line, line, lines=(rest,), level=9, marker="-")
    return Block(Kind.PARAGRAPH, line, line, lines=(text,))
