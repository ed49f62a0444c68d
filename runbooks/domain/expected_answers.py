"""A request in a block of commands, and the answer that the runbook expects of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from runbooks.domain.outline import EntryKind, Outline, Section

_REQUEST: Final = re.compile(r"\bcurl\b.*?(https?://[^\s'\"|)<>]+)")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,40}")
_COMMENT: Final = ("#", "//", "--")
_LONGEST: Final = 2000
# What says that something is well; other words are of the example alone.
_WELL: Final = frozenset(
    {"ok", "up", "healthy", "pass", "passing", "green", "ready", "running", "alive",
     "available", "operational", "connected", "success"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Where to ask, and what has to hold of the answer, in the check language."""

    url: str
    condition: str


def read_answers(outline: Outline) -> dict[int, Answer]:
    """Return the requests with an expected answer by the line of their heading."""
    found = {}
    for section in outline.sections:
        if section.title and not section.is_label:
            answer = _read_answer(section)
            if answer is not None:
                found[section.line] = answer
    return found


def _read_answer(section: Section) -> Answer | None:
    url = ""
    for text in _lines_of_code(section):
        asked = _REQUEST.search(text)
        if asked and url:
            # What follows answers another request.
            return None
        url = asked[1] if asked else url
        condition = _demand(text) if url and not asked else ""
        if condition:
            return Answer(url=url, condition=f"status == 200 and {condition}")
    return None


def _lines_of_code(section: Section) -> Iterator[str]:
    for part in section.walk():
        if part is not section and not part.is_label:
            return
        for entry in part.entries:
            if entry.kind is EntryKind.CODE:
                lines = (each.strip() for each in entry.body)
                yield from (each for each in lines if not each.startswith(_COMMENT))


def _demand(text: str) -> str:
    """Return what an example of an answer demands: "" if it demands nothing."""
    if text[:1] not in {"{", "["} or len(text) > _LONGEST:
        return ""
    try:
        example = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if example == []:
        return 'len(json("$")) == 0'
    if not isinstance(example, dict):
        return ""
    parts = (_demand_field(name, value) for name, value in example.items())
    return " and ".join(part for part in parts if part)


def _demand_field(name: str, value: object) -> str:
    if not _NAME.fullmatch(name):
        return ""
    field = f'json("$.{name}")'
    if value is True:
        return f"{field} == true"
    if isinstance(value, str) and value.casefold() in _WELL:
        return f'{field} == "{value}"'
    if isinstance(value, str) and _MOMENT.match(value):
        return f"age({field}) < 5m"
    return ""
