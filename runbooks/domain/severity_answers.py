"""How soon somebody has to answer: what stands below a severity, or in its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from runbooks.domain.inline import fold, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.severity_names import first_part
from runbooks.domain.severity_words import read_minutes
from runbooks.domain.words.severities import (
    NO_DEADLINE,
    NOT_RESPONSE,
    RESPONSE_LABELS,
)
from runbooks.domain.words.topics import Topic

# A sentence that is a length and nothing else: "Some clients. 15 minutes."
_ALONE: Final = re.compile(
    r"(?:^|[.;] )(?:(?:with)?in )?\d+ ?(?:business |working )?(?:min|hour|h\b|m\b|day)\w*\.?$"
)


def find_response(entries: Sequence[Entry]) -> tuple[float | None, str]:
    """The response time in minutes, or its words when they are no number."""
    for entry in entries:
        if entry.label is None or not entry.label.value:
            continue
        name = fold(entry.label.name)
        if RESPONSE_LABELS.search(name) and not NOT_RESPONSE.search(name):
            value = strip_marks(entry.label.value)
            minutes = read_minutes(first_part(fold(value)))
            if minutes is not None or NO_DEADLINE.search(fold(value)):
                return minutes, value
    return None, ""


def read_inline_response(
    value: str, around: frozenset[Topic]
) -> tuple[float | None, str]:
    """The answer that the words of a line say, in minutes or in words."""
    folded = fold(value)
    says = RESPONSE_LABELS.search(folded) or Topic.RESPONSE in around
    alone = _ALONE.search(folded)
    if alone and not says and Topic.SEVERITIES in around:
        return read_minutes(alone[0]), value
    short = len(folded.split()) <= 5 and any(char.isdigit() for char in folded)
    if not (says or short or NO_DEADLINE.search(folded)):
        return None, ""
    start = says.start() if isinstance(says, re.Match) else 0
    minutes = read_minutes(first_part(folded[start:]))
    if minutes is None:
        minutes = read_minutes(first_part(folded))
    return (
        (minutes, value)
        if minutes is not None or NO_DEADLINE.search(folded)
        else (None, "")
    )
