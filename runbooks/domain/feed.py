"""What the Markdown parser is fed: the same lines, with the dialects evened out.

Teams write bullets that Markdown does not know, boxes without a bullet, notes of
mkdocs and Hugo. Each line keeps its number; only its beginning changes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Final

# A comment ends the list before it; a blank line would not.
_NOTHING: Final = "<!-- -->"
_FENCE: Final = re.compile(r"\s*(?:(?:[-*+]|\d{1,9}[.)])\s+|>\s?)*(`{3,}|~{3,})(.*)")
# A tab of mkdocs, and the term and meaning of a list of definitions.
_TAB: Final = re.compile(r"(\s*)===[!+]?\s+\"([^\"]+)\"\s*$")
_MEANING: Final = re.compile(r"^\s{0,4}:\s+(?=\S)")
_TERM: Final = re.compile(r"^[^\W\d_][^:|<>]{0,60}$")
_BELOW: Final = frozenset(":-=")
_UNDERLINE: Final = re.compile(r"^(?:-{3,}|={3,})\s*$")
_NUMBERED: Final = re.compile(
    r"^\d{1,2}(?:\.\d{1,2})*[.)]? {1,3}[^\W\d_][^.:;|]{1,60}$"
)
_ADMONITION: Final = re.compile(r"(\s*)(?:!!!|\?\?\?\+?)\s+\w+")
_DIRECTIVE: Final = re.compile(r"\s*(?:\{\{[<%].*[%>]\}\}|:{3,}\s*\w*.*|\{%.*%\})\s*$")
_CHOICES: Final = re.compile(r"☐.*☐")
# Marks, one of which a line must have; what stands for a bullet there; and what
# the parser is given instead.
_DIALECTS: Final = (
    ("☐□⬜", re.compile(r"^([\s>]*)(?:[-*+•]\s*)?[☐□⬜]\ufe0f?\s*(?=\S)"), r"\1- [ ] "),
    ("☑☒", re.compile(r"^([\s>]*)(?:[-*+•]\s*)?[☑☒]\ufe0f?\s*(?=\S)"), r"\1- [x] "),
    ("•‣▪●◦∙·－", re.compile(r"^([\s>]*)[•‣▪●◦∙·－]\s*(?=\S)"), r"\1- "),
    ("✅✔✓", re.compile(r"^([\s>]*)([✅✔✓]\ufe0f?\s*(?=\S))"), r"\1- \2"),
    ("[", re.compile(r"^([\s>]*)\[([ \u3000xX]?)\]\s+(?=\S)"), r"\1- [\2] "),
    ("[", re.compile(r"^([\s>]*[-*+])\[([ \u3000xX]?)\]\s*(?=\S)"), r"\1 [\2] "),
    ("、．", re.compile(r"^([\s>]*\d{1,3})[、．]\s*(?=\S)"), r"\1. "),
    ("#", re.compile(r"^(#{2,6})(?=[^\s#])"), r"\1 "),
    ("#", re.compile(r"^(#{1,6} .*?)\s*\{\s*[#.:][^{}]*\}\s*$"), r"\1"),
    ("\\", re.compile(r"^([\s>]*)\\(?=[-*+]\s)"), r"\1"),
    ("\\", re.compile(r"^([\s>]*(?:\*\*)?\d{1,3})\\(?=[.)])"), r"\1"),
)  # fmt: skip
# No dialect begins with words, with a cell, a bullet or a title of Markdown.
_PLAIN: Final = re.compile(
    r"[ >]*(?:[^\W\d_](?!\))|\||[-*+] [ -~]*$|#{1,6} [^{]*$)", re.DOTALL
)
# ``a)`` and ``3.1 Verify ...`` at the beginning of a line.
_COUNTED: Final = re.compile(
    r"^([\s>]*)(?:[a-z]\)|\d{1,2}(?:\.\d{1,2}){1,3}\.?(?=\s+[^\W\d_a-z]\w*[ :])"
    r"(?!\s+(?:[KMGT]i?B|[MG](?:Hz|bps))\b))\s+(?=\S)"
)
# Titles, block titles, steps and attributes of AsciiDoc, in a text that has such titles.
_ASCIIDOC: Final = re.compile(r"={2,5} \S")
_ASCIIDOC_LINES: Final = (
    *((re.compile(rf"^={{{level}}} (?=\S)"), f"{'#' * level} ") for level in range(1, 6)),
    (re.compile(r"^\.(?=[A-Z])(.+)$"), r"**\1:**"),
    (re.compile(r"^\.{1,3} (?=\S)"), "1. "),
    (re.compile(r"^(?:\[[a-z].*\]|\|===|:[a-z-]+:.*)$"), _NOTHING),
)  # fmt: skip
_ASCIIDOC_MARKS: Final = frozenset("=.[|:")
_MARKS: Final = frozenset("".join(marks for marks, _, _ in _DIALECTS))
_ODD: Final = frozenset("!?{:")
# Fifteen lists in each other; what is further in is read as if it stood there.
_DEEPEST: Final = 30
_DEEP_BULLET: Final = re.compile(r"\s+(?:[-*+]|\d{1,9}[.)])\s")
_FRONT_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class Feed:
    """The lines for the parser, and which of the source's are none of its business."""

    source: Sequence[str]
    lines: tuple[str, ...]
    front_matter: frozenset[int]
    directives: frozenset[int]

    def cut(self, first: int, last: int) -> tuple[str, ...]:
        """The fed lines from the first to the last one, both included."""
        return self.lines[first - 1 : last]


@dataclass(slots=True)
class _State:
    fence: str = ""
    note: int = -1
    is_asciidoc: bool = False
    directives: set[int] = field(default_factory=set)


def prepare(source: Sequence[str]) -> Feed:
    """Even out the dialects of a runbook, line by line."""
    front = _find_front_matter(source)
    state = _State(is_asciidoc=any(map(_ASCIIDOC.match, source)))
    lines: list[str] = []
    for number, line in enumerate(source, 1):
        is_code = bool(state.fence)
        lines.append("" if number in front else _prepare_line(line, number, state))
        if not is_code and number > 1 and line.lstrip()[:1] in _BELOW:
            _even_out_below(lines, source[number - 2])
    return Feed(source, tuple(lines), front, frozenset(state.directives))


def _even_out_below(lines: list[str], above: str) -> None:
    """Even out what the last line says of the one above it.

    A term with its meanings becomes a label with bullets; ``2. ALARMS`` above a row
    of dashes is a title, which Markdown takes for a list.
    """
    if _MEANING.match(lines[-1]) and _TERM.match(above):
        lines[-2:] = [f"**{above.strip()}**:", _MEANING.sub("- ", lines[-1])]
    elif _MEANING.match(lines[-1]) and _MEANING.match(above):
        lines[-1] = _MEANING.sub("- ", lines[-1])
    elif _UNDERLINE.match(lines[-1]) and _NUMBERED.match(above):
        lines[-2:] = [f"## {above.strip()}", _NOTHING]


def _find_front_matter(source: Sequence[str]) -> frozenset[int]:
    if not source or source[0].strip() not in {"---", "+++"}:
        return frozenset()
    mark = source[0].strip()
    for number, line in enumerate(source[1:_FRONT_LINES], 2):
        if line.strip() == mark:
            return frozenset(range(1, number + 1))
        if number == 2 and ":" not in line and "=" not in line:
            break  # a rule at the top, not front matter
    return frozenset()


def is_deep(line: str) -> bool:
    """Whether a line is a bullet further in than lists are told apart."""
    return line[: _DEEPEST + 1].isspace() and bool(_DEEP_BULLET.match(line))


def _prepare_line(line: str, number: int, state: _State) -> str:
    if not line:
        return line
    if not state.fence and is_deep(line):
        line = " " * _DEEPEST + line.lstrip()
    line = _leave_note(line, state) if state.note >= 0 else line
    fence = _FENCE.match(line) if "``" in line or "~~" in line else None
    if state.fence:
        if fence and fence[1].startswith(state.fence) and not fence[2].strip():
            state.fence = ""
        return line
    if fence and "`" not in fence[2]:
        state.fence = fence[1]
        return line
    tab = _TAB.match(line) if "===" in line else None
    if tab:
        state.note = len(tab[1])
        return f"{tab[1]}**{tab[2]}**:"
    is_odd = line.lstrip()[:1] in _ODD
    note = _ADMONITION.match(line) if is_odd else None
    if note or (is_odd and _DIRECTIVE.match(line)):
        state.note = len(note[1]) if note else state.note
        state.directives.add(number)
        return _NOTHING
    return _read_dialect(
        line, is_asciidoc=state.is_asciidoc and line[:1] in _ASCIIDOC_MARKS
    )


def _read_dialect(line: str, *, is_asciidoc: bool) -> str:
    for pattern, instead in _ASCIIDOC_LINES if is_asciidoc else ():
        line = pattern.sub(instead, line)
    if _PLAIN.match(line):
        return line
    head = line.lstrip(" >")[:2]
    if head[:1].isdigit() or head[1:] == ")":
        line = _COUNTED.sub(r"\1- ", line, count=1)
    marks = _MARKS.intersection(line[:40])
    return _even_out(line, marks) if marks else line


def _even_out(line: str, marks: Set[str]) -> str:
    """The line with a bullet that the parser knows; ``marks`` are those in it."""
    if "☐" in line and _CHOICES.search(line):
        return line
    for needs, pattern, instead in _DIALECTS:
        if not marks.isdisjoint(needs):
            line = pattern.sub(instead, line, count=1)
    return line


def _leave_note(line: str, state: _State) -> str:
    """Take the four spaces away that put a line inside a mkdocs note."""
    if not line.strip():
        return line
    inside = " " * (state.note + 4)
    if line.startswith(inside):
        return line[: state.note] + line[len(inside) :]
    state.note = -1
    return line
