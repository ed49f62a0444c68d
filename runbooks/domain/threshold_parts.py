"""The parts of a threshold: its window, its direction, the severity beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbooks.domain.bounds import Bound, is_higher_better
from runbooks.domain.inline import fold
from runbooks.domain.outline import Entry
from runbooks.domain.words.severities import NOT_RESPONSE, RESPONSE_LABELS
from runbooks.domain.words.units import FAULT_WORDS, MINUTES, NOT_A_METRIC

_LENGTH: Final = r"\d+(?:\.\d+)?\s*-?(?:seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|分钟|秒|小时|天|мин\w*|сек\w*|час\w*|ч|дн\w*)(?![a-zа-я])"
_WINDOW: Final = re.compile(
    rf"(?:sustained |averaged |lasting )?(?:for|over|during|in|within|sustained|past|last|per|@|в течение|за|более|持续(?:超过)?|过去)"
    rf" ?(?:a |an |the )?(?:last |past |at least |more than |over |>\s?|≥\s?)?(?P<length>{_LENGTH})(?: (?:window|avg|average|period|sustained))?"
    rf"|\(?(?P<short>{_LENGTH} ?(?:avg|average|window|mean|rolling|sustained|moving average|period))\)?"
    rf"|\((?P<alone>{_LENGTH})\)"
    rf"|(?<=[\d%a-z] )(?<!crit )(?<!critical )(?<!warn )(?<!warning )(?<!page )(?<! at )(?<!red )(?<!yellow )(?P<bare>\d+ ?(?:m|mins?|h|s))(?=\s*(?:$|:|→|->|=>|—))"
)
# What every window has; most lines with a number have none.
_ANY_LENGTH: Final = re.compile(_LENGTH)
# A share as high as this is aimed at from below, unless it is of what is used up.
_MOST: Final = 90
_USED: Final = re.compile(
    r"\b(?:cpu|mem(?:ory)?|heap|disk|storage|swap|usage|used?|utili[sz]ation|load average|full|errors?|fail\w*|loss|pool|connections?|quota|capacity)\b"
)
_NONE: Final = re.compile(r"\b(?:not|never|without|no) (?:\w+ )?(?:fail|error|loss)")
_SAMPLE: Final = re.compile(r"\b(?:such as|for (?:example|instance)|e\.g\.)")
# A number behind one of these is a name or an age.
_COUNTING: Final = ("older than", "version", "v", "port", "step", "chapter", "#")
_NOT_COUNTED: Final = re.compile(
    r"\b(?:(?<!not )(?<!never )older than|version|v|port|step|chapter|#)\s*$"
)
_NOTHING_OLDER: Final = re.compile(
    r"\b(?:nothing|none|no \w+(?: \w+)?)(?: is| are)? older than\b"
)
_NEAR: Final = 30
_QUANTILES: Final = re.compile(r"p\d{2}|\d{2}th")
_DIGIT: Final = re.compile(r"\d")
_INLINE: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("target", r"(?<![a-z])(?:targets?|goal|objective|normal|healthy|ideal)(?![a-z])|目标|正常|норма|цель"),
        ("critical", r"(?<![a-z])(?:critical|crit|wakes?|emergency|page[sd]?|fatal|red|rot|kritisch|crítico|critique|alarm(?=\s*$))(?![a-z])|严重|紧急|критич\w*"),
        ("warning", r"(?<![a-z])(?:warning|warn|tickets?|pre-?alarm|voralarm|warnung|warnen|aviso|avertissement|alert (?:at|when|if|above|below|on)|alerts? (?:at|when|if)|caution|yellow|amber|gelb)(?![a-z])|警告|告警|预警|предупрежд\w*"),
        ("major", r"(?<![a-z])major(?![a-z])"),
        ("minor", r"(?<![a-z])minor(?![a-z])"),
        ("info", r"(?<![a-z])(?:info|informational)(?![a-z])"),
    )
)  # fmt: skip
# One look for all of them, because most words beside a number are none of these.
_ANY_INLINE: Final = re.compile("|".join(each.pattern for _, each in _INLINE))


def take_window(folded: str) -> tuple[str, str]:
    """The window of a threshold ("5m avg") and the text without it.

    A line whose only number is a length keeps it: that is the bound itself.
    """
    if not _ANY_LENGTH.search(folded):
        return "", folded
    # "over 30 s for 5 min": what is over is the bound, if anything else is a length.
    # "Within 2 min (28 days)": what stands in parentheses is said of the whole.
    matches = sorted(
        _WINDOW.finditer(folded),
        key=lambda each: (each["alone"] is None, each[0][:5] == "over "),
    )
    for match in matches:
        rest = folded[: match.start()] + " " * len(match[0]) + folded[match.end() :]
        if _DIGIT.search(_without_quantiles(rest)):
            said = next(filter(None, match.groups()))
            return said.strip(), rest
    return "", folded


def _without_quantiles(text: str) -> str:
    return _QUANTILES.sub("", text)


def find_inline_severity(before: str, after: str) -> str | None:
    """The severity said beside a bound: after it in parentheses, else before it."""
    close = after[: _reach(after)]
    # What stands before a comma belongs to the bound before it.
    before = re.split(r"[,;|/]", before)[-1]
    found = _first(close)
    if found and (close.lstrip().startswith("(") or not _last(before)):
        return found
    return _last(before) or found


def _reach(after: str) -> int:
    """How far words after a bound belong to it: up to the next comma or bar."""
    stops = [
        at for at in (after.find(mark) for mark in (",", ";", "|", "/")) if at >= 0
    ]
    return min(stops, default=len(after))


def _first(text: str) -> str | None:
    if not _ANY_INLINE.search(text):
        return None
    hits = [
        (match.start(), name)
        for name, pattern in _INLINE
        if (match := pattern.search(text))
    ]
    return min(hits)[1] if hits else None


def _last(text: str) -> str | None:
    if not _ANY_INLINE.search(text):
        return None
    hits = [
        (match.start(), name)
        for name, pattern in _INLINE
        for match in pattern.finditer(text)
    ]
    return max(hits)[1] if hits else None


def is_bound_of_metric(text: str, bound: Bound) -> bool:
    """Whether the number is about a metric: no deadline, no age of old data."""
    beginning = text[max(0, bound.start - 40) : bound.end + 30]
    if _SAMPLE.search(text[max(0, bound.start - 40) : bound.start]):
        return False
    if _NOTHING_OLDER.search(text, max(0, bound.start - _NEAR), bound.end):
        return True
    if bound.unit in MINUTES and NOT_A_METRIC.search(beginning):
        return False
    before = text[: bound.start].rstrip()
    return not (before.endswith(_COUNTING) and _NOT_COUNTED.search(before[-_NEAR:]))


def is_response_time(entry: Entry, bounds: Sequence[Bound]) -> bool:
    """Whether a line says how fast people answer: ``Response: < 5 minutes``."""
    if entry.label is None:
        return False
    name = fold(entry.label.name)
    is_named = RESPONSE_LABELS.search(name) or NOT_RESPONSE.search(name)
    slow = all(
        each.unit in {"min", "h", "days", "business days", "weeks", "months"}
        for each in bounds
    )
    return bool(is_named) and slow


def names_fault(text: str, bound: Bound, severity: str | None) -> bool:
    """Whether a bound in an item says what is wrong: ``anything above 750 ms``."""
    if severity is not None and severity != "target":
        return True
    bad = {"<", "<="} if is_higher_better(text) else {">", ">="}
    return bound.op in bad and bool(FAULT_WORDS.search(text[: bound.start]))


def infer_op(bound: Bound, severity: str | None, metric: str) -> str:
    """The operator that is written, or the one that the words imply."""
    if bound.op:
        return bound.op
    if bound.is_open:
        return ">="
    if bound.sign == "+":
        return ">"
    higher = is_higher_better(metric)
    if severity not in {None, "target"}:
        return "<" if higher else ">"
    if bound.value == 0:
        return "=="
    is_used = _USED.search(metric) and not _NONE.search(metric)
    is_share = bound.unit == "%" and bound.value >= _MOST and not is_used
    return ">=" if higher or is_share else "<="
