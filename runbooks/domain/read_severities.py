"""Severities of the service: names, levels, and how soon somebody has to answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from runbooks.domain.context import topics_around
from runbooks.domain.findings import Severity
from runbooks.domain.inline import Label, fold, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_own_severities import read_own
from runbooks.domain.read_severity_tables import read_row
from runbooks.domain.severity_answers import find_response, read_inline_response
from runbooks.domain.severity_names import (
    TRACKED,
    make_severity,
    read_name,
)
from runbooks.domain.severity_words import find_code, read_minutes
from runbooks.domain.words.severities import (
    NO_DEADLINE,
    RESPONSE_LABELS,
)
from runbooks.domain.words.topics import Topic

_DASHED: Final = re.compile(r"^([A-Za-z]+[ -]?[0-5])\s*[-–—=]+>?\s+(.+)$")
_SIGNS: Final = re.compile(r"^\W+")
_BOLD_FIRST: Final = re.compile(r"^\W*\*\*([^*]{1,30})\*\*\s+(\S.*)$")
_PARTS: Final = re.compile(r"\s*[,;]\s*")
_PART: Final = re.compile(
    r"(?:^|[:：]\s+)(?:and\s+)?(?P<name>[A-Za-z]+[ -]?\d?(?:\s*/\s*\w+)?)\s*(?:[:：=(→–—-]+|\s)\s*(?P<value>[^:：]*(?:\d|business|working|immediate|best)[^:：]*)$",
    re.IGNORECASE,
)
_OF_LIMIT: Final = re.compile(r"%|^(?:at|above|below|over|under|from)\b|^[<>≤≥]")
# "SEV1 payments fail - respond in 5 min": the answer stands in the sentence.
_CODE_FIRST: Final = re.compile(r"^\W*([A-Za-z]{1,8}[ -]?[0-5])`?\s+(\S.*)$")
_DASH_FIRST: Final = re.compile(r"^\W+")
_NUMBER: Final = re.compile(r"[0-5]")
_MAX_NAME: Final = 70


def read_severities(
    outline: Outline, ladder: Collection[int] = ()
) -> tuple[Severity, ...]:
    """Find the severities, each once, with the first line that says the most.

    What stands in the lines of a ``ladder`` says who is told, not how bad it is.
    """
    found: list[Severity] = []
    for section in outline.sections:
        found += _read_section(section)
    for entry in outline.entries:
        if entry.kind is EntryKind.ROW:
            found += read_row(entry) if entry.line not in ladder else ()
        elif entry.kind is not EntryKind.CODE:
            found += list(_read_several(entry)) or _read_entry(entry)
    found += read_own(outline, ladder, {each.line for each in found})
    return _merge(sorted(found, key=lambda each: each.line))


def _read_section(section: Section) -> Iterator[Severity]:
    """``#### Critical (P0)`` with a response below, or below a title about levels."""
    if not section.folded or len(section.title) > _MAX_NAME or section.level == 1:
        return
    if read_name(section.title) is None or section.parent is None:
        return
    minutes, text = find_response(list(section.entries_below()))
    around = topics_around(section.parent, below_level=1)
    if Topic.ESCALATION in around:
        return
    is_code = find_code(section.folded) is not None
    is_home = around & {Topic.SEVERITIES, Topic.ALERTS, Topic.TROUBLE} or is_code
    if around & {Topic.TEMPLATE, Topic.CONTENTS} or Topic.TEMPLATE in section.topics:
        return
    if not (minutes is not None or text) and not is_home:
        return
    if Topic.METRICS in around and not around & {Topic.ALERTS, Topic.SEVERITIES}:
        return
    yield from make_severity(
        section.title, section.line, section.line, "severity heading", minutes, text
    )


def _read_entry(entry: Entry) -> Iterator[Severity]:
    """``- **SEV1 (Critical)**: ...`` with the response in the line or below."""
    label = entry.label or _dash_label(entry)
    if label is None or (entry.section.level == 1 and entry.kind is EntryKind.LINE):
        return
    around = topics_around(entry.section, below_level=1)
    shut = {
        Topic.TEMPLATE,
        Topic.CONTENTS,
        Topic.EXAMPLE,
        Topic.ESCALATION,
        Topic.CHANGES,
    }
    own = entry.section.topics
    if own & shut or (around & shut and Topic.SEVERITIES not in own):
        return
    name = f"{label.name} {label.aside}".strip()
    if name.isdigit() and Topic.SEVERITIES in own:
        name = f"SEV{name}"
    if len(name) > _MAX_NAME or read_name(name) is None:
        return
    minutes, text = find_response(entry.children)
    if minutes is None and not text:
        # The answer may be a sentence of the same line, with a label of its own.
        said = RESPONSE_LABELS.search(fold(label.name))
        value = strip_marks(label.value)
        minutes, text = read_inline_response(
            f"{said[0]}: {value}" if said else value, around
        )
    is_home = Topic.SEVERITIES in around
    is_code = find_code(fold(name)) is not None or bool(TRACKED.match(name))
    if not is_home and not (is_code and (minutes is not None or text)):
        return
    yield from make_severity(
        name, entry.line, entry.last, "severity label", minutes, text
    )


def _read_several(entry: Entry) -> Iterator[Severity]:
    """``P1: 15 min, P2: 1 hour, P3: next business day`` in one line."""
    if ";" in entry.text:
        yield from _read_listed(entry)
        return
    if "," not in entry.text:
        return
    made: list[Severity] = []
    for part in _PARTS.split(entry.text):
        match = _PART.search(part)
        value = fold(match["value"]) if match else ""
        if _OF_LIMIT.search(value):
            return  # "major 80 % for 5 min", "critical at 4 s"
        minutes = read_minutes(value) if value else None
        if match is None or (minutes is None and not NO_DEADLINE.search(value)):
            return
        each = list(
            make_severity(
                match["name"], entry.line, entry.last, "severities in a line", minutes,
                match["value"].strip(" )"),
            )
        )  # fmt: skip
        if not each:
            return
        made += each
    yield from made


def _read_listed(entry: Entry) -> Iterator[Severity]:
    """``Critical (P1): all down, respond in 10 min; Minor (P3): cosmetic, next sprint``."""
    made: list[Severity] = []
    for part in entry.text.split(";"):
        name, _, value = part.partition(":")
        minutes, text = read_inline_response(value.strip(), frozenset())
        each = make_severity(
            name.strip(), entry.line, entry.last, "severities in a line", minutes, text
        )
        found = list(each) if text else []
        if not found:
            return
        made += found
    yield from made


def _dash_label(entry: Entry) -> Label | None:
    """``P1 - response within 15 minutes``."""
    tracked = TRACKED.match(entry.text)
    if tracked:
        value = _DASH_FIRST.sub("", entry.text[tracked.end() :])
        return Label(tracked[0].strip("~\"'`”"), value, is_bold=False)
    if not _NUMBER.search(entry.text):
        return None
    bold = _BOLD_FIRST.match(entry.raw)
    if bold and find_code(fold(bold[1])):
        return Label(bold[1], bold[2], is_bold=True)
    text = _SIGNS.sub("", entry.text)
    match = _DASHED.match(text) or _CODE_FIRST.match(text)
    return Label(match[1], match[2], is_bold=False) if match else None


def _merge(found: Sequence[Severity]) -> tuple[Severity, ...]:
    """One entry a severity: what comes later only adds what was missing."""
    kept: dict[str, Severity] = {}
    for each in found:
        known = _find_known(kept, each)
        if known is None:
            kept[each.name] = each
            continue
        old = kept[known]
        kept[known] = replace(
            old,
            response_minutes=each.response_minutes
            if old.response_minutes is None and not old.response_text
            else old.response_minutes,
            response_text=old.response_text or each.response_text,
            aliases=tuple(dict.fromkeys((*old.aliases, *each.aliases))),
        )
    return _settle_levels(tuple(kept.values()))


def _settle_levels(found: tuple[Severity, ...]) -> tuple[Severity, ...]:
    """P1 is the worst of a scheme that knows no P0."""
    if any(each.name == "P0" for each in found):
        return found
    return tuple(
        replace(each, level=max(1, each.level - 1))
        if re.fullmatch(r"P\d", each.name) and not each.aliases
        else each
        for each in found
    )


def _find_known(kept: dict[str, Severity], new: Severity) -> str | None:
    names = {new.name, *new.aliases}
    for name, old in kept.items():
        if name == new.name or (names & {old.name, *old.aliases}):
            return name
    return None
