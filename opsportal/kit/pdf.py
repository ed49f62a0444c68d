"""Markdown as a PDF to hand on: headings, paragraphs, lists and tables.

The one font is embedded, so that the file looks alike everywhere and prints what
people write in Latin, Greek and Cyrillic letters, with arrows and signs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from opsportal.kit.quantities import say_number

_FONT: Final = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
_SIZES: Final = {1: 18, 2: 13, 3: 11}
_PLAIN: Final = 10
# Of a bar, in millimetres: its name, its value, its height; and its colour.
_NAMES: Final = 62.0
_VALUES: Final = 22.0
_ROW: Final = 6.0
_INK: Final = (59, 91, 219)
_HEADING: Final = re.compile(r"^(#{1,3}) (.*)$")
_POINT: Final = re.compile(r"^(?:- |(\d+\.) )(.*)$")
_EMPHASIS: Final = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")
_ESCAPED: Final = re.compile(r"^\\(?=\\*##? )")


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars beside names, below their title; every value is written at its end."""

    title: str
    unit: str
    rows: Sequence[tuple[str, float]]


class _Paper(FPDF):
    """A4 with the page number below."""

    def footer(self) -> None:
        """Write the number of the page."""
        self.set_y(-12)
        self.set_font("Text", size=8)
        self.cell(0, 5, f"{self.page_no()}", align="C")


def write_pdf(document: str, *, title: str, bars: Sequence[BarChart] = ()) -> bytes:
    """Return the PDF of a Markdown document of our own; ``title`` is its property.

    ``bars`` are drawn below the text.
    """
    paper = _Paper(format="A4")
    paper.set_title(title)
    paper.set_author("opsportal")
    paper.add_font("Text", fname=_FONT)
    paper.set_margins(20, 18)
    paper.set_auto_page_break(True, margin=18)
    paper.add_page()
    table: list[list[str]] = []
    for line in document.split("\n"):
        if line.startswith("|"):
            table.append([_plain(cell) for cell in line.strip("|").split("|")])
            continue
        if table:
            _write_table(paper, table)
            table = []
        _write_line(paper, line)
    if table:
        _write_table(paper, table)
    for chart in bars:
        _draw_bars(paper, chart)
    return bytes(paper.output())


def _write_line(paper: FPDF, line: str) -> None:
    heading, point = _HEADING.match(line), _POINT.match(line)
    if heading:
        size = _SIZES[len(heading[1])]
        paper.ln(size / 5)
        _write(paper, heading[2], size=size)
        paper.ln(1)
    elif point:
        _write(paper, f"{point[1] or '•'} {_plain(point[2])}", indent=5)
    elif line.strip():
        _write(paper, _plain(line))
    else:
        paper.ln(2)


def _write(paper: FPDF, text: str, *, size: float = _PLAIN, indent: float = 0) -> None:
    paper.set_font("Text", size=size)
    paper.set_x(paper.l_margin + indent)
    paper.multi_cell(
        0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
    )


def _write_table(paper: FPDF, rows: list[list[str]]) -> None:
    paper.set_font("Text", size=8.5)
    with paper.table(first_row_as_headings=False, line_height=5) as table:
        for row in rows:
            if set("".join(row)) <= set("-: "):
                continue
            line = table.row()
            for cell in row:
                line.cell(cell.strip())


def _draw_bars(paper: FPDF, chart: BarChart) -> None:
    """Draw a bar a row, the longest across; a title never stands alone at the end."""
    if paper.will_page_break(12 + 2 * _ROW):
        paper.add_page()
    _write_line(paper, f"## {chart.title}")
    most = max((value for _, value in chart.rows), default=0) or 1
    room = paper.epw - _NAMES - _VALUES
    paper.set_fill_color(*_INK)
    for name, value in chart.rows:
        if paper.will_page_break(_ROW):
            paper.add_page()
        left, top = paper.l_margin, paper.get_y()
        paper.set_font("Text", size=8.5)
        paper.cell(_NAMES, _ROW, _cut(paper, name))
        length = room * value / most
        paper.rect(left + _NAMES, top + 1, length, _ROW - 2, style="F")
        paper.set_xy(left + _NAMES + length + 1, top)
        said = f"{say_number(value)} {chart.unit}".rstrip()
        paper.cell(_VALUES, _ROW, said, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _cut(paper: FPDF, name: str) -> str:
    """Shorten a name to the room that it has."""
    if paper.get_string_width(name) <= _NAMES - 2:
        return name
    while paper.get_string_width(f"{name}…") > _NAMES - 2:
        name = name[:-1]
    return f"{name}…"


def _plain(text: str) -> str:
    return _EMPHASIS.sub(lambda found: found[1] or found[2], _ESCAPED.sub("", text))
