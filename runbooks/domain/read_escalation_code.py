"""Ladders drawn in a block of code, with arrows between the levels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbooks.domain.escalation_parts import read_length
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import fold
from runbooks.domain.outline import Entry
from runbooks.domain.words.escalation import CONDITION, LEVEL, PEOPLE

_DRAWN: Final = re.compile(r"^[\s|│┃↓▼⬇→v+\-─└├┌┐┘┤┬┴┼═║╔╗╚╝>]+|[\s|│┃║]+$")
_VERB: Final = re.compile(
    r"^(?:page|notify|call|contact|alert|escalate to|inform|→)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_ANSWERS: Final = re.compile(
    r"\s+(?:responds?|acknowledges?|is paged|gets?|investigates?|within|handles?|starts?)\b.*$",
    re.IGNORECASE,
)
_PARENS: Final = re.compile(r"\(([^()]*)\)")
_STEP: Final = re.compile(
    r"^(?:t\s?\+?\s?)?(?P<from>\d+)\s?(?:-\s?(?P<to>\d+))?\s?(?P<unit>min|m|h|hours?|minutes?)\w*\s*[:：\-–—→|]+\s*(?P<who>.+)$",
    re.IGNORECASE,
)


def read_code_ladder(entry: Entry) -> Iterator[EscalationStep]:
    """Yield the levels of a ladder in a code block, each with the line of its level."""
    lines = [
        (entry.opens + offset, text)
        for offset, raw in enumerate(entry.body)
        if (text := _DRAWN.sub("", raw).strip())
    ]
    leveled = [at for at, (_, text) in enumerate(lines) if LEVEL.match(fold(text))]
    if len(leveled) < 2:
        yield from _read_times(lines)
        return
    for position, at in enumerate(leveled):
        upto = leveled[position + 1] if position + 1 < len(leveled) else len(lines)
        below = [text for _, text in lines[at + 1 : upto]]
        yield _read_level(lines[at][0], lines[at][1], below)


def _read_level(line: int, text: str, below: list[str]) -> EscalationStep:
    match = LEVEL.match(fold(text))
    level = int(match["number"]) if match else 0
    head = text[match.end() :] if match else text
    aside = " ".join(_PARENS.findall(head))
    said = _PARENS.sub("", head).strip(" :：-–—→")
    who = said if PEOPLE.search(fold(said)) or not below else below[0]
    who = _ANSWERS.sub("", _VERB.sub("", who)).strip()
    delay = read_length(fold(aside or said))
    if delay is None and level == 1:
        delay = 0
    return EscalationStep(
        line=line, last=line, level=level, who=who, after_minutes=delay,
        condition=_condition(aside), confidence=0.8 if delay is not None else 0.6,
        rule="ladder in a code block",
    )  # fmt: skip


def _condition(aside: str) -> str:
    folded = fold(aside)
    found = CONDITION.search(folded) or re.search(r"p\d|sev\d", folded)
    return re.sub(r"\s*after .*$", "", aside).strip() if found else ""


def _read_times(lines: list[tuple[int, str]]) -> Iterator[EscalationStep]:
    """``T+15m: Tech lead``, ``0-15 min → On-call``."""
    level = 0
    for line, text in lines:
        match = _STEP.match(text)
        if match and PEOPLE.search(fold(match["who"])):
            level += 1
            factor = 60 if match["unit"].lower().startswith("h") else 1
            yield EscalationStep(
                line=line, last=line, level=level,
                who=_ANSWERS.sub("", _VERB.sub("", match["who"])).strip(),
                after_minutes=int(match["from"]) * factor, confidence=0.7,
                rule="times in a code block",
            )  # fmt: skip
