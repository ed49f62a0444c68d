"""Pieces of a ladder's lines: who is told, after how long, on what condition."""

from __future__ import annotations

import re
from typing import Final

from runbooks.domain.bounds import find_bounds
from runbooks.domain.inline import fold, strip_marks
from runbooks.domain.words.escalation import (
    CONDITION,
    DELAY,
    NOBODY,
    NUMBER_WORDS,
    WAITS,
)
from runbooks.domain.words.units import MINUTES

PARENS: Final = re.compile(r"[(（]([^()（）]*)[)）]")
ESCALATE_TO: Final = re.compile(
    r"(?<![\w-])(?<!\bon )(?:escalat\w*|(?:page|notify|contact|call|phone|ring)(?![a-z])|通知|升级(?:到|至|给)?|эскалац\w+|эскалировать|уведомить)\s*(?:to|на|к)?\s*[:：]?\s*(?P<who>[^,.;()]+)",
    re.IGNORECASE,
)
_WAY: Final = re.compile(
    r"\s(?:(?:at|on|via|by|under|through|using|in) )?(?=[+#@\d]|\S+@|`)"
)


_WORDS: Final = re.compile(
    rf"\b(?:{'|'.join(NUMBER_WORDS)})(?= (?:minutes?|hours?|days?)\b)"
)


def name_who(title: str) -> str:
    """A title without what stands in parentheses."""
    return strip_marks(PARENS.sub("", title)).strip(" :-–—")


def name_called(match: re.Match[str]) -> str:
    """Who is meant in ``call the team lead at +1 555 010 0199``, without the way."""
    who = name_who(_WAY.split(match["who"], maxsplit=1)[0])
    return re.sub(r"^(?:the|our|your) ", "", who, flags=re.IGNORECASE).strip()


def read_delay(text: str) -> tuple[float | None, str]:
    """Minutes until a level is told, and the condition that is said with them.

    "If unresolved after 30 min" 30; "(15 min response)" is no delay of its own.
    """
    folded = fold(text).strip(" ()（）,;")
    match = CONDITION.search(folded)
    condition = folded[match.start() :].strip(" .") if match else ""
    if not (DELAY.search(folded) and not WAITS.search(folded)):
        return None, condition
    minutes = read_length(folded)
    if minutes is None and NOBODY.search(folded):
        minutes = 0
    return minutes, condition


def read_length(folded: str) -> float | None:
    """The minutes of the first length: 15 of "15-30 min", from when on it is."""
    folded = _WORDS.sub(_say_number, folded)
    lengths = (
        each.value * MINUTES[each.unit]
        for each in find_bounds(folded)
        if each.unit in MINUTES
    )
    minutes = next(lengths, None)
    if minutes is None or not float(minutes).is_integer():
        return minutes
    return int(minutes)


def _say_number(match: re.Match[str]) -> str:
    return NUMBER_WORDS[match[0]]


def split_who(value: str) -> tuple[str, str]:
    """Who and the rest of "On-call engineer (0-15 min)"."""
    parts = re.split(
        r"\s[-–—]\s|[(,;（，；]|\s(?=if |after |when |within )", value, maxsplit=1
    )
    rest = value[len(parts[0]) :]
    return parts[0].strip(" .:"), rest
