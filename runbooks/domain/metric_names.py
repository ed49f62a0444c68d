"""What the metric of a threshold is called, in the words of the runbook."""

from __future__ import annotations

import re
from typing import Final

from runbooks.domain.bounds import Bound, find_bounds
from runbooks.domain.inline import fold
from runbooks.domain.outline import Entry
from runbooks.domain.severity_words import read_threshold_word
from runbooks.domain.threshold_context import metric_of_title

_HOLDER: Final = re.compile(
    r"\b(?:database|db|cache|redis|queue|kafka|api)\b(?= (?:metrics|performance|health))",
    re.IGNORECASE,
)
_LOOK: Final = re.compile(
    r"^(?:check|verify|ensure|confirm|review|monitor|look (?:at|for)|watch)(?: that| if| the)*\s+(?=\S)",
    re.IGNORECASE,
)
_IS: Final = re.compile(r"\s+(?:is|are|has|have|stays?|remains?|should be)$")
_NO_PART: Final = re.compile(r"alert|^any(?:thing)?$")
_SAID: Final = re.compile(r"(?<=\w)[\s,:(]+(?:warn(?:ing)?|page|crit(?:ical)?|ticket)$")
_TRIM: Final = " :：,;–—-()[]|`*\"'"


def name_metric(entry: Entry, text: str, bound: Bound) -> str:
    """The metric in the words of the runbook, as near to the bound as can be."""
    name = entry.label.name if entry.label and not starts_bare(entry) else ""
    name = "" if find_bounds(fold(name)) else _LOOK.sub("", name)
    start = max(
        text.rfind(mark, 0, bound.start) for mark in (",", ";", " and ", "\x00,")
    )
    segment = _cut_open(text[max(start, 0) : bound.start])
    if start > 0 and not _is_word(_strip_severity(segment)):
        # "conn > 40k: warn, > 55k: page" measures the same twice.
        first = find_bounds(text)[0]
        segment = _cut_open(text[: min(first.start, bound.start)])
    if name:
        rest = _strip_severity(segment.removeprefix(fold(name)).strip(_TRIM))
        is_part = rest and len(rest.split()) <= 3 and not _NO_PART.search(rest)
        return f"{name} {rest}" if is_part else name
    words = _strip_severity(segment)
    return words if _is_word(words) else metric_of_title(entry)


def hold_metric(entry: Entry, name: str) -> str:
    """``CPU`` below "Database Metrics" is the CPU of the database."""
    if entry.section.level <= 1:
        return name
    holder = _HOLDER.search(entry.section.title)
    if holder is None or holder[0].lower() in name.lower():
        return name
    return f"{holder[0]} {name}"


def starts_bare(entry: Entry) -> bool:
    """Whether a line begins without a name of what it measures."""
    label = entry.label
    return label is None or read_threshold_word(fold(label.name)) is not None


def _cut_open(segment: str) -> str:
    """Words before a bound, up to a parenthesis that only closes after it."""
    at = segment.rfind("(")
    if at > 0 and ")" not in segment[at:]:
        segment = segment[:at]
    return _IS.sub("", _LOOK.sub("", segment.strip(_TRIM)))


def _strip_severity(segment: str) -> str:
    word, _, rest = segment.partition(":")
    text = rest if rest and read_threshold_word(word) else segment
    return "" if read_threshold_word(text) else _SAID.sub("", text.strip(_TRIM))


def _is_word(words: str) -> bool:
    return any(char.isalpha() for char in words)
