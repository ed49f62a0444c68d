"""Reading severities: which one a word means, and minutes out of "2 business hours"."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from runbooks.domain.bounds import find_bounds
from runbooks.domain.words.severities import (
    AT_ONCE,
    CHAT_ROUTES,
    CODES,
    LEVELS,
    MAIL_ROUTES,
    NO_DEADLINE,
    PAGE_ROUTES,
    THRESHOLD_WORDS,
)
from runbooks.domain.words.units import MINUTES

_START, _END = r"(?<![a-zа-я\-])", r"(?![a-zа-я])"
_THRESHOLD: Final = tuple(
    (name, re.compile(f"{_START}(?:{words}){_END}")) for words, name in THRESHOLD_WORDS
)
_LEVELS: Final = tuple(
    (level, re.compile(f"{_START}(?:{words}){_END}")) for words, level in LEVELS
)
_EMOJI: Final = {
    "🔴": "critical", "🟥": "critical", "🟠": "major", "🟧": "major",
    "🟡": "warning", "🟨": "warning", "🟢": "target", "🟩": "target",
}  # fmt: skip


@lru_cache(maxsize=4096)
def read_threshold_word(folded: str) -> str | None:
    """The severity that a label or a cell says as a whole, or None."""
    text = folded.strip(" :：*()[]|-–—.")
    for name, pattern in _THRESHOLD:
        match = pattern.match(text)
        if match and len(text[match.end() :].split()) <= 2:
            return name
    return None


def read_emoji(text: str) -> str | None:
    """The severity of a coloured ball."""
    return next((word for ball, word in _EMOJI.items() if ball in text), None)


def read_route(folded: str) -> str | None:
    """The severity that the channel of an alert implies, or None."""
    if PAGE_ROUTES.search(folded):
        return "critical"
    if CHAT_ROUTES.search(folded):
        return "warning"
    return "info" if MAIL_ROUTES.search(folded) else None


@lru_cache(maxsize=4096)
def find_code(folded: str) -> str | None:
    """P1, SEV2 and so on as they are usually written, or None."""
    match = CODES.search(folded)
    if not match:
        return None
    family = match["family"]
    if family.startswith("sev"):
        return f"SEV{match['number']}"
    if family in {"p", "prio", "priority", "приоритет"}:
        return f"P{match['number']}"
    return f"S{match['number']}" if family == "s" else f"Level {match['number']}"


def find_level(folded: str) -> int | None:
    """The level, 1 to 5, of the first word for one, or None."""
    best: tuple[int, int] | None = None
    for level, pattern in _LEVELS:
        match = pattern.search(folded)
        if match and (best is None or match.start() < best[0]):
            best = (match.start(), level)
    return best[1] if best else None


def read_minutes(folded: str) -> float | None:
    """The minutes that words say: "Immediate (5 minutes)" 5, "Immediate" 0, or None.

    "Next business day" and the like are no number of minutes.
    """
    for bound in find_bounds(folded):
        if bound.unit in MINUTES:
            value = bound.high if bound.high is not None else bound.value
            minutes = value * MINUTES[bound.unit]
            return int(minutes) if float(minutes).is_integer() else minutes
    if NO_DEADLINE.search(folded):
        return None
    return 0 if AT_ONCE.search(folded) else None
