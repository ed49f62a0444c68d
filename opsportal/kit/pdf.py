"""Markdown as a PDF to hand on: headings, paragraphs, lists and tables.

The one font is embedded, so that the file looks alike everywhere and prints what
people write in Latin, Greek and Cyrillic letters, with arrows and signs.
"""

import re
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

_FONT: Final = Path(__file__).with_name("fonts") / "DejaVuSans.ttf"
_SIZES: Final = {1: 18, 2: 13, 3: 11}
_PLAIN: Final = 10
_HEADING: Final = re.compile(r"^(#{1,3}) (.*)$")
_POINT: Final = re.compile(r"^(?:- |(\d+\.) )(.*)$")
_EMPHASIS: Final = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")
_ESCAPED: Final = re.compile(r"^\\(?=\\*##? )")


class _Paper(FPDF):
    """A4 with the page number below."""

    def footer(self) -> None:
        """Write the number of the page."""
        self.set_y(-12)
        self.set_font("Text", size=8)
        self.cell(0, 5, f"{self.page_no()}", align="C")


def write_pdf(document: str, *, title: str) -> bytes:
    """Return the PDF of a Markdown document of our own; ``title`` is its property."""
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


def _plain(text: str) -> str:
    return _EMPHASIS.sub(lambda found: found[1] or found[2], _ESCAPED.sub("", text))
