"""The steps of a procedure, as items of a checklist."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_STEPS: Final = 40
LONGEST: Final = 250
_NUMBERED: Final = re.compile(r"^ {0,3}\d{1,3}[.)]\s+(?P<text>\S.*)$")
_BULLET: Final = re.compile(r"^ {0,3}[-*+]\s+(?P<text>\S.*)$")
_FENCE: Final = re.compile(r"^\s*(```|~~~)")
_MARKS: Final = re.compile(r"\*\*|__|`|^\[[ xX]\]\s*")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; ``details`` is the Markdown below it."""

    text: str
    details: str = ""


def read_steps(markdown: str) -> list[Step]:
    """Return the numbered steps of a text, or where none are numbered, its bullets.

    What stands below a step, such as commands, are its details; lines of code are
    never steps.
    """
    lines = markdown.splitlines()
    return _read(lines, _NUMBERED) or _read(lines, _BULLET)


def _read(lines: list[str], shape: re.Pattern[str]) -> list[Step]:
    found: list[tuple[str, list[str]]] = []
    is_code = False
    for line in lines:
        is_fence = bool(_FENCE.match(line))
        step = None if is_code or is_fence else shape.match(line)
        if is_fence:
            is_code = not is_code
        if step:
            found.append((step["text"], []))
        elif found:
            found[-1][1].append(line)
    return [
        Step(_plain(text), _dedent(below))
        for text, below in found[:MOST_STEPS]
        if _plain(text)
    ]


def _plain(text: str) -> str:
    return _MARKS.sub("", text).strip().rstrip(":")[:LONGEST]


def _dedent(lines: list[str]) -> str:
    filled = [line for line in lines if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    return "\n".join(line[margin:] for line in lines).strip()
