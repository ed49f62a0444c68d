"""Whether a number stands where thresholds stand, and what it belongs to there."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from itertools import takewhile
from typing import Final

from runbooks.domain.context import title_of
from runbooks.domain.inline import fold
from runbooks.domain.outline import Entry, Section
from runbooks.domain.severity_words import (
    find_code,
    read_threshold_word,
)
from runbooks.domain.words.severities import RULE_WORDS
from runbooks.domain.words.topics import Topic, find_topics

_FOR: Final = frozenset(
    {Topic.METRICS, Topic.ALERTS, Topic.SLO, Topic.SCALING, Topic.BUDGET}
)
_AGAINST: Final = frozenset(
    {
        Topic.TROUBLE, Topic.STEPS, Topic.ESCALATION, Topic.TEMPLATE, Topic.RETENTION,
        Topic.RECOVERY, Topic.SUCCESS, Topic.CAPACITY, Topic.SYMPTOMS, Topic.EXAMPLE,
        Topic.CONTENTS, Topic.CHANGES, Topic.LIMITS, Topic.RESPONSE, Topic.CONTACTS,
        Topic.COMMUNICATION, Topic.SUMMARY, Topic.EVENTUAL,
    }
)  # fmt: skip
# What stands beside a severity in a title, and in parentheses behind it.
_BESIDE: Final = re.compile(
    r"\([^()]*\)|\b(?:alerts?|thresholds?|alarms?|metrics?|severity|level|priority)\b"
)
_WAKES: Final = re.compile(
    r"\bwoken\b|\bwakes? (?:us|you|somebody)\b|\bpages? (?:us|you)\b|\bget paged\b"
)
_NEAR: Final = 20
_SEVERITY_LABELS: Final = frozenset(
    {"severity", "priority", "level", "级别", "критичность", "серьезность"}
)


class Ground(Enum):
    """What the titles around say about numbers."""

    YES = "thresholds stand here"
    NO = "numbers here are something else"
    OPEN = "nothing is said"


def find_ground(entry: Entry) -> tuple[Ground, frozenset[Topic]]:
    """Judge by the innermost title that says anything, with what it says."""
    for around in entry.around():
        ground = _judge(find_topics(title_of(around)))
        if ground is Ground.NO:
            return Ground.NO, frozenset()
    is_rules, kept = False, frozenset[Topic]()
    below = takewhile(lambda section: section.level > 1, entry.section.chain())
    for section in below:
        topics = section.topics
        ground = _judge(topics)
        if ground is Ground.YES and topics & _FOR == {Topic.ALERTS} and not is_rules:
            # "Alert webhook failures" is about alerts, and yet a trouble.
            is_rules, kept = True, topics
            continue
        if ground is not Ground.OPEN:
            return ground, topics | kept
    return (Ground.YES, kept) if is_rules else (Ground.OPEN, kept)


def _judge(topics: frozenset[Topic]) -> Ground:
    if Topic.SEVERITIES in topics and Topic.METRICS not in topics:
        return Ground.NO
    if topics & {Topic.METRICS, Topic.SLO, Topic.SCALING} and not topics & {
        Topic.TEMPLATE, Topic.EXAMPLE, Topic.TROUBLE, Topic.SUCCESS,
    }:  # fmt: skip
        return Ground.YES
    if topics & _AGAINST:
        return Ground.NO
    return Ground.YES if topics & _FOR else Ground.OPEN


def is_under_severity_example(entry: Entry) -> bool:
    """Whether a severity's own section is around, where numbers are examples of it."""
    chain = entry.section.chain()
    return any(Topic.SEVERITIES in each.topics for each in chain)


def severity_around(entry: Entry) -> str | None:
    """The severity that an item or a title around says as a whole."""
    for around in entry.around():
        word = read_threshold_word(title_of(around))
        if word:
            return word
    stated = _stated_severity(entry.section)
    if stated:
        return stated
    for section in entry.section.chain():
        word = severity_of_title(section)
        if word:
            return word
        if section.topics & _FOR:
            return None
    return None


def _stated_severity(section: Section) -> str | None:
    """What a line "Severity: critical" of the same section says."""
    for other in section.entries[:_NEAR]:
        label = other.label
        if label is None or fold(label.name) not in _SEVERITY_LABELS:
            continue
        raw = fold(label.value)
        return RULE_WORDS.get(raw) or read_threshold_word(raw)
    return None


def severity_of_title(section: Section) -> str | None:
    """``### Critical (Page On-Call)`` and ``P1 Alerts`` name a severity."""
    return _severity_of_words(section.folded)


@lru_cache(maxsize=4096)
def _severity_of_words(folded: str) -> str | None:
    if _WAKES.search(folded):
        return "critical"
    title = " ".join(_BESIDE.sub(" ", folded).split()).strip(" :-–—/")
    if not title:
        return None
    word = read_threshold_word(title)
    if word:
        return word
    code = find_code(title)
    if code and len(title.split()) <= 4:
        return read_threshold_word(code.lower())
    return None


def metric_of_title(entry: Entry) -> str:
    """What the title around calls the metric: "Response Time"."""
    for around in entry.around():
        name = around.label.name if around.label else around.text.rstrip(":")
        if not read_threshold_word(fold(name)):
            return name
    for section in entry.section.chain():
        if section.folded and not severity_of_title(section):
            return section.title
    return ""
