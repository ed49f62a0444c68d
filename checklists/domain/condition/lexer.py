"""Cuts the text of a condition into tokens."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from enum import StrEnum

from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.units import SAMPLES, TIMES, find_unit

MAX_LENGTH = 2000
WORDS = frozenset(
    {"and", "or", "not", "in", "between", "matches", "given", "true", "false"}
)

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_:]*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'[^'\\]*')
    |(?P<sign><=|>=|==|!=|[<>≤≥≠+\-*/(),{}=])""",
    re.VERBOSE | re.DOTALL,
)
_UNIT = re.compile(r"\s*(?P<unit>%|[A-Za-z]+)")
_PER = re.compile(r"/(?P<time>[A-Za-z]+)(?![A-Za-z0-9_:(])")
_ALIASES = {"≤": "<=", "≥": ">=", "≠": "!="}
_ADVICE = {
    "&": "Write and instead of &&.",
    "|": "Write or instead of ||.",
    "!": "Write not in front of what must not hold.",
    "~": 'Write matches "a*" to compare with a pattern.',
    "[": 'Write json("$.items[0]") to reach into a document.',
    "$": 'Write json("$.name") to reach into a document.',
    '"': "Close the text with a second quotation mark.",
    "'": "Close the text with a second quotation mark.",
    "%": "Write the percent sign right after its number.",
}


class Kind(StrEnum):
    """What sort of token it is."""

    NUMBER = "number"
    NAME = "name"
    WORD = "word"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word; ``at`` counts characters from 0, ``end`` is one past the last."""

    kind: Kind
    text: str
    at: int
    end: int
    number: float = 0.0


def read_tokens(text: str) -> list[Token]:
    """All tokens and an END; raises ConditionError."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(
            MAX_LENGTH,
            f"The condition is longer than {MAX_LENGTH} characters.",
            "Split it over several checks.",
        )
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _unexpected(text, at)
        at = found.end()
        if found.lastgroup != "space":
            token = _read_token(text, found)
            tokens.append(token)
            at = token.end
    tokens.append(Token(Kind.END, "", len(text), len(text)))
    return tokens


def _unexpected(text: str, at: int) -> ConditionError:
    sign = text[at]
    return ConditionError(
        at,
        f"{sign!r} cannot stand here.",
        _ADVICE.get(sign, "Remove it."),
    )


def _read_token(text: str, found: re.Match[str]) -> Token:
    at, word = found.start(), found.group()
    if found.lastgroup == "number":
        return _read_number(text, found)
    if found.lastgroup == "text":
        return Token(Kind.TEXT, _read_text(word, at), at, found.end())
    if found.lastgroup == "sign":
        return Token(Kind.SIGN, _ALIASES.get(word, word), at, found.end())
    if word.lower() in WORDS:
        return Token(Kind.WORD, word.lower(), at, found.end())
    return Token(Kind.NAME, word, at, found.end())


def _read_text(word: str, at: int) -> str:
    if word[0] == "'":
        return word[1:-1]
    try:
        return str(json.loads(word, strict=False))
    except ValueError:
        raise ConditionError(
            at,
            "The text has a backslash that means nothing.",
            'Write \\\\ for a backslash and \\" for a quotation mark.',
        ) from None


def _read_number(text: str, found: re.Match[str]) -> Token:
    at = found.start()
    number = float(found.group())
    if not math.isfinite(number):
        raise ConditionError(
            at, "The number is too large.", "Write a number below 1e308."
        )
    unit, end = _read_unit(text, found.end())
    return Token(Kind.NUMBER, unit, at, end, number)


def _read_unit(text: str, end: int) -> tuple[str, int]:
    unit = ""
    found = _UNIT.match(text, end)
    if found is not None and found["unit"].lower() not in WORDS:
        unit, end = found["unit"], found.end()
        if find_unit(unit) is None or unit == "ratio":
            raise ConditionError(
                found.start("unit"),
                f"{unit!r} is not a unit.",
                _advise_unit(unit),
            )
    per = _PER.match(text, end)
    # 1000/s is a rate, 1000/sum and 1000 / s are divisions.
    if per is not None and per["time"] in TIMES:
        unit, end = f"{unit}/{per['time']}", per.end()
    return unit, end


def _advise_unit(unit: str) -> str:
    if unit in {"KB", "kb", "K", "k"}:
        return "Write kB for 1,000 bytes or KiB for 1,024."
    if unit.lower() in {"req", "rps", "ops", "requests"}:
        return "Write the rate alone, for example 1000/s."
    return f"Use one of {SAMPLES}."
