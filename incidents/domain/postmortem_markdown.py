"""Postmortems as Markdown, byte for byte the same each time, and back again."""

import re
from collections.abc import Mapping
from typing import Final

from incidents.domain.postmortem_formats import BLANK, Format, Section, Shape

_BULLET: Final = re.compile(r"^(?:(?:[-*•]|\d{1,2}[.)])\s+)+")
# A line of a text that would read as a heading of the document gets a backslash.
_HEADING: Final = re.compile(r"^(\\*##? )")
_ESCAPED: Final = re.compile(r"^\\(\\*##? )")


def tidy(text: str, shape: Shape) -> str:
    """Return the text as its shape keeps it: one line, one point a line, or prose.

    Doing it again changes nothing.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if shape == "prose":
        return "\n".join(line.rstrip() for line in lines).strip("\n")
    words = [" ".join(line.split()) for line in lines]
    if shape == "line":
        return " ".join(filter(None, words))
    return "\n".join(filter(None, (_BULLET.sub("", line) for line in words)))


def is_filled(text: str) -> bool:
    """Say whether somebody wrote something and left no blank to fill in."""
    return bool(text.strip()) and BLANK not in text


def find_unfilled(form: Format, texts: Mapping[str, str]) -> list[str]:
    """Return the headings of required sections that still wait for words."""
    return [
        part.heading
        for part in form.kept_sections()
        if part.is_required and not is_filled(texts.get(part.key, ""))
    ]


def write_markdown(form: Format, texts: Mapping[str, str]) -> str:
    """Return the document; ``texts`` maps each section's key to a tidy text."""
    parts: list[str] = [form.title] if form.title else []
    before: Shape | None = "line" if form.title and form.mark[0] == "*" else None
    for part in form.sections:
        if parts:
            parts.append("\n" if before == part.shape == "line" else "\n\n")
        parts.append(_write(form, part, texts.get(part.key, "")))
        before = part.shape
    return "".join(parts) + "\n"


def read_markdown(form: Format, document: str) -> dict[str, str]:
    """Return the text of each section: what ``write_markdown`` was given.

    Raises ValueError naming the heading that is missing.
    """
    lines = document.split("\n")
    starts = []
    place = 0
    for part in form.sections:
        mark = form.mark.format(part.heading)
        place = _find(lines, mark, part.shape, place)
        starts.append(place)
        place += 1
    ends = [*starts[1:], len(lines)]
    return {
        part.key: _read(form, part, lines[start:end])
        for part, start, end in zip(form.sections, starts, ends, strict=True)
    }


def write_body(part: Section, text: str) -> str:
    """Return a section's text as Markdown, without its heading."""
    items = text.split("\n") if text else []
    if part.shape == "prose":
        return "\n".join(_HEADING.sub(r"\\\1", line) for line in items)
    if part.shape == "steps":
        return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))
    if part.shape == "bullets":
        return "\n".join(f"- {item}" for item in items)
    return text


def _write(form: Format, part: Section, text: str) -> str:
    mark = form.mark.format(part.heading)
    body = write_body(part, text)
    if part.shape == "line":
        return f"{mark} {body}".rstrip()
    # Below a heading of its own stands an empty line, below bold words none.
    gap = "\n\n" if mark.startswith("#") else "\n"
    return f"{mark}{gap}{body}" if body else mark


def _find(lines: list[str], mark: str, shape: Shape, after: int) -> int:
    for place in range(after, len(lines)):
        line = lines[place]
        if line == mark or (shape == "line" and line.startswith(f"{mark} ")):
            return place
    raise ValueError(f"The heading “{mark}” is missing.")


def _read(form: Format, part: Section, lines: list[str]) -> str:
    mark = form.mark.format(part.heading)
    if part.shape == "line":
        return lines[0].removeprefix(mark).removeprefix(" ")
    body = lines[1:]
    if part.shape == "prose":
        return "\n".join(_ESCAPED.sub(r"\1", line) for line in body).strip("\n")
    points = [line.partition(" ")[2] for line in body if line]
    return "\n".join(points)
