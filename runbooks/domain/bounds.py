"""Bounds in a line: operator, number, unit, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from runbooks.domain.words.units import (
    HIGHER_IS_BETTER,
    NUMBER,
    OPERATORS,
    SCALES,
    UNITS,
)

_OPERATOR: Final = "|".join(
    f"(?P<o{at}>{words})" for at, (_, words) in enumerate(OPERATORS)
)
_UNIT: Final = "|".join(f"(?P<u{at}>{words})" for at, (words, _) in enumerate(UNITS))
_UNITS: Final = re.compile(rf"\s?-?(?:more |full )?(?:{_UNIT})")
_BOUND: Final = re.compile(
    rf"(?:(?<![a-z\-=])(?:{_OPERATOR})\s*(?:of |than |is |about |на |~|≈)?)?"
    rf"(?P<sign>[+~≈±]|(?<![\d\w])-(?=\d))?\$?(?<![\w.])(?P<number>{NUMBER})"
    r"(?P<plus>\+)?"
)
_RANGE: Final = re.compile(
    rf"\s?(?P<unit>%|(?:ms|s|sec|min|h|[kmgt]i?b)(?![a-z]))?\s?(?:-|–|—|~|to|до|至|\.\.)\s?(?P<high>{NUMBER})"
)
_BEHIND: Final = re.compile(
    r"\s(?:or|and) (?:(?P<more>more|higher|above|better|greater|over|longer)|less|fewer|lower|below|under|faster)\b"
)
_BETWEEN: Final = re.compile(rf"between (?P<low>{NUMBER})\s?%? and (?P<high>{NUMBER})")
_DIGIT: Final = re.compile(r"\d")
_COMMA: Final = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")
# "10.000" is ten thousand to those who write 2,5; "99.999 %" and "1.250 s" are not.
_POINT: Final = re.compile(
    r"(?<![\d.,])([1-9]\d{0,2})\.(?=(?:000(?!\s?%)|\d{3}(?!\s?(?:%|x\b|ms\b|s\b|sec|min|h\b)))(?![\d.]))"
    r"(?=\d{3}(?!\d))"
)
_QUANTILE: Final = re.compile(
    r"(?<![a-z])p\s?-?(?:50|75|90|95|99|99\.9|999)(?:th)?(?![\d%])|\b\d{2}(?:\.\d)?(?:th|st|nd|rd)\b(?: percentile)?"
)
# "Between 8 and 22 h" is a part of the day.
_DAYTIME: Final = re.compile(
    r"\b(?:between|from) \d{1,2} (?:and|to|until) (?:1[3-9]|2[0-4])(?: ?h\b| ?uhr\b| o'clock)"
)
_DATE: Final = re.compile(
    r"(?:localhost|(?<![a-z\d-])[a-z\d-]+\.[a-z]{2,}):\d{2,5}|\d{4}-\d\d-\d\d|\d+(?:\.\d+){3}|24\s?[x×/]\s?7|(?:!=|≠|<>)\s*\d+"
    r"|\b(?:sev(?:erity)?[ -]?\d|(?:priority|level|tier|class|line)[ -]\d)\b|\bpage[ -]\d{1,3}(?![\d.]*\s?(?:%|ms|s|sec|min|m|h|x|/)(?![a-z]))(?!\.?\d)\b|(?<![\d.])\d(?:st|nd|rd|th)\b"
    r"|\d{1,2}:\d\d(?::\d\d)?|\bv?\d+\.\d+\.\d+\b|\b[45]xx\b|\b[1-5]\d\d (?:status|errors?|responses?)\b"
)
_THOUSANDS: Final = re.compile(r"\dk(?![a-z])")
_MILLION: Final = re.compile(r"\dm$")
_MULTIPLES: Final = {"k": 1e3, "m": 1e6, **SCALES}
_SCALED: Final = re.compile(r"([a-z]+)\.?$")


@dataclass(frozen=True, slots=True)
class Bound:
    """A number with what stands around it, at ``start`` to ``end`` of the text.

    ``op`` is empty without an operator; ``unit`` is empty without a unit; ``sign``
    is ``+`` for "+50%", ``~`` for "about"; ``is_open`` is "1000+".
    """

    op: str
    value: float
    high: float | None
    unit: str
    sign: str
    is_open: bool
    start: int
    end: int
    is_symbol: bool = False


@lru_cache(maxsize=4096)
def find_bounds(folded: str) -> tuple[Bound, ...]:
    """The bounds in folded text, in order; quantiles, dates and clocks are none."""
    if not _DIGIT.search(folded):
        return ()
    if "," in folded:
        folded = _COMMA.sub(".", folded)
    if "." in folded:
        folded = _POINT.sub(r"\1,", folded)
    found = tuple(_find(_mask(folded)))
    return _count_millions(folded, found) if _THOUSANDS.search(folded) else found


def _count_millions(text: str, found: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """``warn 500k, crit 5M``: beside thousands, an m is a million and no minute."""
    return tuple(
        replace(each, value=each.value * _MULTIPLES["m"], unit="")
        if each.unit == "min" and _MILLION.search(text[: each.end])
        else each
        for each in found
    )


def _mask(text: str) -> str:
    """Blank out numbers that are names: p95, 2024-01-15, 5xx."""
    for pattern in (_QUANTILE, _DATE, _DAYTIME):
        text = pattern.sub(lambda match: "\x00" * len(match[0]), text)
    return text


def _find(text: str) -> Iterator[Bound]:
    at = 0
    while match := _BOUND.search(text, at):
        bound = _read(text, match)
        yield bound
        at = max(bound.end, match.end())


def _read(text: str, match: re.Match[str]) -> Bound:
    between = _BETWEEN.search(text, max(0, match.start("number") - 8), len(text))
    if between and between.start("low") == match.start("number"):
        return _read_range(text, between["low"], between["high"], match, between.end())
    end = match.end()
    spread = _RANGE.match(text, end)
    if (
        spread
        and not match["plus"]
        and _number(spread["high"]) > _number(match["number"])
    ):
        return _read_range(text, match["number"], spread["high"], match, spread.end())
    unit, end = _read_unit(text, end)
    is_open = bool(match["plus"]) or text[end : end + 1] == "+"
    op = _operator(match) or _operator_behind(text, end)
    sign_at = match.start("number")
    symbol = any(sign in text[match.start() : sign_at] for sign in "<>≤≥=")
    value = _number(match["number"])
    # "< -18 dBm" is below zero; "errors -5" may be a list.
    value = -value if op and match["sign"] == "-" else value
    return Bound(
        op, value, None, unit, match["sign"] or "", is_open,
        match.start(), end, symbol,
    )  # fmt: skip


def _read_range(
    text: str, low: str, high: str, match: re.Match[str], end: int
) -> Bound:
    unit, end = _read_unit(text, end)
    return Bound(
        "between",
        _number(low),
        _number(high),
        unit,
        match["sign"] or "",
        start=match.start(),
        end=end,
        is_open=False,
    )


def _read_unit(text: str, at: int) -> tuple[str, int]:
    match = _UNITS.match(text, at)
    if not match or match.lastgroup is None:
        return "", at
    return UNITS[int(match.lastgroup[1:])][1], match.end()


def _operator(match: re.Match[str]) -> str:
    for at, (name, _) in enumerate(OPERATORS):
        if match[f"o{at}"]:
            return name
    return ""


def _operator_behind(text: str, at: int) -> str:
    """``98% or more``: the operator that stands behind its number."""
    match = _BEHIND.match(text, at)
    if not match:
        return ""
    return ">=" if match["more"] else "<="


def _number(text: str) -> float:
    text = text.strip().lower()
    scale = _SCALED.search(text)
    factor = _MULTIPLES.get(scale[1], 1.0) if scale else 1.0
    digits = re.sub(r"[,\s]", "", text[: scale.start()] if scale else text) or "0"
    value = float(digits) * factor
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def is_higher_better(metric: str) -> bool:
    """Whether more of a metric (folded words) is good."""
    return bool(HIGHER_IS_BETTER.search(metric))
