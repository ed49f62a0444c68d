"""Ladders whose order is their times: ``T+10m backend on-call``, ``Lead: after 30 min``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runbooks.domain.escalation_parts import name_who, read_delay, split_who
from runbooks.domain.findings import EscalationStep
from runbooks.domain.inline import fold, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.severity_words import find_code
from runbooks.domain.words.escalation import PEOPLE
from runbooks.domain.words.units import MINUTES

_AT: Final = re.compile(
    r"^`?(?:t\s?\+\s?|\+\s?)?(?P<number>\d{1,3})\s?(?P<unit>min(?:ute)?s?|m|h(?:our)?s?)?`?\s*[:–—-]?\s+(?=\S)",
    re.IGNORECASE,
)
_MOST_WORDS: Final = 8


def read_timed(items: Sequence[Entry]) -> Iterator[EscalationStep]:
    """Yield a step an item, if each names somebody and a time, the first one 0."""
    told: list[EscalationStep] = []
    for level, entry in enumerate(items, 1):
        step = _read(entry, level)
        if step is None:
            return
        told.append(step)
    times = [step.after_minutes or 0 for step in told]
    is_ladder = len(told) > 1 and times[0] == 0
    if is_ladder and times == sorted(times) and times[-1]:
        yield from told


def _read(entry: Entry, level: int) -> EscalationStep | None:
    if not PEOPLE.search(entry.folded):
        return None
    who, rest, minutes = _read_time_first(entry) or _read_time_last(entry)
    is_person = PEOPLE.search(fold(who)) and len(who.split()) <= _MOST_WORDS
    if minutes is None or not is_person:
        return None
    return EscalationStep(
        line=entry.line, last=entry.last, level=level, who=who, after_minutes=minutes,
        condition=read_delay(rest)[1], severity=find_code(fold(rest)) or "",
        confidence=0.75, rule="people by time",
    )  # fmt: skip


def _read_time_first(entry: Entry) -> tuple[str, str, float | None] | None:
    match = _AT.match(entry.text)
    if match is None or not (match["unit"] or "+" in match[0]):
        return None
    unit = "h" if (match["unit"] or "").lower().startswith("h") else "min"
    text = entry.text[match.end() :]
    who, _ = split_who(name_who(text))
    return who, text, int(match["number"]) * MINUTES[unit]


def _read_time_last(entry: Entry) -> tuple[str, str, float | None]:
    label = entry.label
    if label is not None and label.value:
        who, rest = name_who(label.name), f"{label.aside} {strip_marks(label.value)}"
    else:
        who, rest = split_who(entry.text)
    return who, rest, read_delay(rest)[0]
