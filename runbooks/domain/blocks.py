"""Lines to blocks: every line is in exactly one, and knows its number.

markdown-it-py finds the blocks; what is inside a line is read elsewhere, because
runbooks are read line by line and not as one flow of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; the first one of a block is its header."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines, first and last included, without the marks of its kind.

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
        self._rows: list[Row] = []
        self._inside_table = False

    def take(self, token: Token, tokens: Sequence[Token], at: int) -> None:
        """Follow one token; a leaf becomes a block."""
        if token.type in _MOVES:
            self._move(token)
        elif self._inside_table:
            self._take_in_table(token, tokens, at)
        elif token.type in _LEAVES and token.map:
            self._add(token, tokens, at)

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
        if token.type == "tr_open" and token.map:
            self._rows.append(Row(token.map[0] + 1, ()))
        elif token.type in {"th_open", "td_open"} and self._rows:
            row = self._rows[-1]
            cell = tokens[at + 1].content
            self._rows[-1] = replace(row, cells=(*row.cells, cell))
        elif token.type == "table_close":
            self._inside_table = False
            last = len(self.blocks) - 1
            self.blocks[last] = replace(self.blocks[last], rows=tuple(self._rows))

    def _add(self, token: Token, tokens: Sequence[Token], at: int) -> None:
        first, end = token.map or (0, 0)
        block = Block(
            _LEAVES[token.type],
            first + 1,
            end,
            level=max(0, self._lists - 1),
            quoted=self._quotes > 0,
            item=next((at for at in reversed(self._items) if at >= 0), -1),
        )
        fresh, self._fresh = self._fresh, ""
        if block.first in self.feed.directives:
            source = (self.feed.source[first],)
            self._push(replace(block, kind=Kind.DIRECTIVE, lines=source))
        elif token.type == "paragraph_open":
            content = tokens[at + 1].content
            self._add_paragraph(block, content, fresh)
        elif token.type == "heading_open":
            self._add_heading(block, token, tokens[at + 1].content)
        elif token.type in {"fence", "code_block"}:
            self._push(_read_code(block, token))
        else:
            self._push(replace(block, lines=self.feed.cut(block.first, block.last)))
            self._inside_table = token.type == "table_open"
            self._rows = []

    def _push(self, block: Block) -> None:
        if self._items and self._items[-1] < 0:
            self._items[-1] = len(self.blocks)
        self.blocks.append(block)

    def _add_paragraph(self, block: Block, content: str, fresh: str) -> None:
        task: bool | None = None
        if fresh:
            match = _TASK.match(content)
            if match:
                task = match[1] not in {"", " ", "\u3000"}
                content = content[match.end() :]
            block = replace(block, kind=Kind.ITEM, marker=fresh, task=task)
        self._push(replace(block, lines=tuple(content.split("\n"))))

    def _add_heading(self, block: Block, token: Token, content: str) -> None:
        if token.markup == "-" and ("\n" in content or _SENTENCE.search(content)):
            # A rule below a paragraph, although CommonMark calls it a heading.
            lines = tuple(content.split("\n"))
            self._push(
                replace(block, kind=Kind.PARAGRAPH, last=block.last - 1, lines=lines)
            )
            self._push(Block(Kind.RULE, block.last, block.last))
        else:
            level = int(token.tag[1])
            lines = (content.replace("\n", " "),)
            self._push(replace(block, level=level, lines=lines))


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


def _read_code(block: Block, token: Token) -> Block:
    lines = token.content.split("\n")
    if lines[-1] == "":
        lines.pop()
    opens = block.first + (token.type == "fence")
    info = token.info.strip().split(maxsplit=1)[0].lower() if token.info.strip() else ""
    return replace(block, lines=tuple(lines), opens=opens, info=info.strip("{}."))


def _fill_gaps(blocks: Sequence[Block], feed: Feed) -> Iterator[Block]:
    """Yield the blocks with those lines between them that belong to none.

    The position of enclosing items moves along with what is put in between.
    """
    moved: dict[int, int] = {}
    count, at = 0, 1
    for position, block in enumerate(blocks):
        if block.last < at:
            continue  # a list item without a text of its own
        for line in range(at, block.first):
            yield _lone_line(line, feed)
            count += 1
        moved[position] = count
        first, item = max(at, block.first), moved.get(block.item, -1)
        is_moved = first != block.first or item != block.item
        yield replace(block, first=first, item=item) if is_moved else block
        count += 1
        at = block.last + 1
    for line in range(at, len(feed.lines) + 1):
        yield _lone_line(line, feed)


def _lone_line(line: int, feed: Feed) -> Block:
    if line in feed.front_matter:
        return Block(Kind.FRONT_MATTER, line, line, lines=(feed.source[line - 1],))
    if line in feed.directives:
        return Block(Kind.DIRECTIVE, line, line, lines=(feed.source[line - 1],))
    text = feed.lines[line - 1].strip()
    if not text:
        return Block(Kind.BLANK, line, line)
    bullet = _BULLET.match(text)
    if bullet:
        # Deeper than anybody nests; the parser gave up, the line is kept.
        rest = text[bullet.end() :]
        return Block(Kind.ITEM, line, line, lines=(rest,), level=9, marker="-")
    return Block(Kind.PARAGRAPH, line, line, lines=(text,))
