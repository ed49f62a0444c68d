"""Severities of the service: names, levels, and how soon somebody has to answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from runbooks.domain.context import topics_around
from runbooks.domain.findings import Severity
from runbooks.domain.inline import Label, fold, fold_all, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.severity_words import find_code, find_level, read_minutes
from runbooks.domain.words.severities import (
    NO_DEADLINE,
    NOT_RESPONSE,
    RESPONSE_LABELS,
)
from runbooks.domain.words.topics import Topic

_PARENS: Final = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_SEPARATOR: Final = re.compile(r"\s*(?:[:：]|\s[-–—]\s|[-–—]$|\|)\s*")
_NAMES: Final = (
    r"(?:critical|high|medium|low|major|minor|info(?:rmational)?|warning|moderate|severe|urgent|emergency|normal|trivial|cosmetic|blocker"
    r"|紧急|严重|致命|高|中|低|重要|一般|提示|критическ\w*|критичн\w*|высок\w*|средн\w*|низк\w*)"
)
_NAMED: Final = re.compile(_NAMES)
_NAME_WORD: Final = re.compile(
    rf"^{_NAMES}(?: (?:severity|priority|level|alerts?|incidents?|issues?))?$"
)
_COLUMN: Final = re.compile(
    r"^(?:severity|priority|priorität|prioridad|priorité|nivel|niveau|stufe|gravedad|gravité|level|sev|class|impact level|级别|等级|严重级别|优先级|уровень|приоритет|критичность)\b"
)
_RESPONSE: Final = re.compile(
    r"respon|respuesta|réponse|délai|reaktion|\back|initial|react|\bsla\b|time to respond|响应|ответ|реакц|время"
)
_DASHED: Final = re.compile(r"^([A-Za-z]+[ -]?[0-5])\s*[-–—=]+>?\s+(.+)$")
_SIGNS: Final = re.compile(r"^\W+")
_BOLD_FIRST: Final = re.compile(r"^\W*\*\*([^*]{1,30})\*\*\s+(\S.*)$")
_FIRST: Final = re.compile(
    r"^(?:severity|priority|incident|alert|sev|приоритет)?[\s:-]*(?:p|sev(?:erity)?|s|priority|level|приоритет)?[\s_-]?[0-5](?!\d)"
    r"|^(?:critical|high|medium|low|major|minor|info)\b[\s/:–—-]*(?:p|sev)"
)
_PARTS: Final = re.compile(r"\s*[,;]\s*")
_PART: Final = re.compile(
    r"(?:^|[:：]\s+)(?:and\s+)?(?P<name>[A-Za-z]+[ -]?\d?(?:\s*/\s*\w+)?)\s*(?:[:：=(→–—-]+|\s)\s*(?P<value>[^:：]*(?:\d|business|working|immediate|best)[^:：]*)$",
    re.IGNORECASE,
)
# A sentence that is a length and nothing else: "Some clients. 15 minutes."
_ALONE: Final = re.compile(
    r"(?:^|[.;] )(?:(?:with)?in )?\d+ ?(?:business |working )?(?:min|hour|h\b|m\b|day)\w*\.?$"
)
_CLASS: Final = re.compile(r"(?:class |category )?[a-e]", re.IGNORECASE)
_OF_LIMIT: Final = re.compile(r"%|^(?:at|above|below|over|under|from)\b|^[<>≤≥]")
# "SEV1 payments fail - respond in 5 min": the answer stands in the sentence.
_CODE_FIRST: Final = re.compile(r"^\W*([A-Za-z]{1,8}[ -]?[0-5])`?\s+(\S.*)$")
_NUMBER: Final = re.compile(r"[0-5]")
_NUMBER_FIRST: Final = re.compile(r"[0-5](?=\s*[-–—:(]|$)")
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
            found += _read_row(entry) if entry.line not in ladder else ()
        elif entry.kind is not EntryKind.CODE:
            found += list(_read_several(entry)) or _read_entry(entry)
    return _merge(sorted(found, key=lambda each: each.line))


def read_name(title: str) -> tuple[str, tuple[str, ...], str] | None:
    """A severity's name, its other names and the rest of a title, or None.

    "P0 - Critical" is P0 alias Critical; "Critical (Page On-Call)" is Critical.
    """
    title = title.replace("`", "")
    folded = fold(title)
    code = find_code(folded)
    if code is None and not _NAMED.search(folded):
        return None
    head = _SEPARATOR.split(_PARENS.sub(" ", title), maxsplit=1)
    rest = head[1].strip() if len(head) > 1 else ""
    aside = [each.strip() for each in _PARENS.findall(title)]
    if code and not code.startswith("Level") and _is_first(folded):
        words = [fold(word) for word in (rest, *aside)]
        parts = [
            w for w in re.split(r"[\s/:]+", fold(head[0])) if w and find_code(w) is None
        ]
        names = [w for w in (*words, " ".join(parts)) if w and _NAME_WORD.match(w)]
        aliases = tuple(dict.fromkeys(name.split()[0].title() for name in names))
        return code, aliases, "" if rest and fold(rest) in names else rest
    bare = fold(head[0])
    if _NAME_WORD.match(bare):
        inner = next((each for each in aside if find_code(fold(each))), None)
        return bare.split()[0].title(), (), inner or (aside[0] if aside else rest)
    return None


def _is_first(folded: str) -> bool:
    """Whether a title begins with a severity: "What does P1 mean?" does not."""
    start = _PARENS.split(folded, maxsplit=1)[0].strip()
    return bool(_FIRST.match(folded)) or bool(_NAME_WORD.match(start))


def _make(
    title: str, line: int, last: int, rule: str, minutes: float | None, text: str
) -> Iterator[Severity]:
    name = read_name(title)
    if name is None:
        return
    level = find_level(fold(" ".join(name[1]) or name[0]))
    yield Severity(
        line=line,
        last=last,
        name=name[0],
        aliases=name[1],
        level=level or _level_of_code(name[0]),
        response_minutes=minutes,
        response_text=text,
        title=name[2] if not name[2] or find_code(fold(title)) else "",
        action=name[2] if find_code(fold(title)) is None else "",
        confidence=0.95 if minutes is not None or text else 0.85,
        rule=rule,
    )


def _level_of_code(name: str) -> int:
    number = int(re.sub(r"\D", "", name) or 2)
    return max(1, min(5, number + (1 if name.startswith("P") else 0)))


def _read_section(section: Section) -> Iterator[Severity]:
    """``#### Critical (P0)`` with a response below, or below a title about levels."""
    if not section.folded or len(section.title) > _MAX_NAME or section.level == 1:
        return
    if read_name(section.title) is None or section.parent is None:
        return
    minutes, text = _find_response(list(section.entries_below()))
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
    yield from _make(
        section.title, section.line, section.line, "severity heading", minutes, text
    )


def _find_response(entries: Sequence[Entry]) -> tuple[float | None, str]:
    """The response time in minutes, or its words when they are no number."""
    for entry in entries:
        if entry.label is None or not entry.label.value:
            continue
        name = fold(entry.label.name)
        if RESPONSE_LABELS.search(name) and not NOT_RESPONSE.search(name):
            value = strip_marks(entry.label.value)
            minutes = read_minutes(_first_part(fold(value)))
            if minutes is not None or NO_DEADLINE.search(fold(value)):
                return minutes, value
    return None, ""


def _first_part(folded: str) -> str:
    """What is said of the answer, when the line goes on about the repair."""
    stop = NOT_RESPONSE.search(folded)
    cut = folded[: stop.start()] if stop and stop.start() > 4 else folded
    return cut if read_minutes(cut) is not None else folded


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
    minutes, text = _find_response(entry.children)
    if minutes is None and not text:
        # The answer may be a sentence of the same line, with a label of its own.
        said = RESPONSE_LABELS.search(fold(label.name))
        value = strip_marks(label.value)
        minutes, text = _inline_response(
            f"{said[0]}: {value}" if said else value, around
        )
    is_home = Topic.SEVERITIES in around
    is_code = find_code(fold(name)) is not None
    if not is_home and not (is_code and (minutes is not None or text)):
        return
    yield from _make(name, entry.line, entry.last, "severity label", minutes, text)


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
            _make(
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
        minutes, text = _inline_response(value.strip(), frozenset())
        each = _make(
            name.strip(), entry.line, entry.last, "severities in a line", minutes, text
        )
        found = list(each) if text else []
        if not found:
            return
        made += found
    yield from made


def _dash_label(entry: Entry) -> Label | None:
    """``P1 - response within 15 minutes``."""
    if not _NUMBER.search(entry.text):
        return None
    bold = _BOLD_FIRST.match(entry.raw)
    if bold and find_code(fold(bold[1])):
        return Label(bold[1], bold[2], is_bold=True)
    text = _SIGNS.sub("", entry.text)
    match = _DASHED.match(text) or _CODE_FIRST.match(text)
    return Label(match[1], match[2], is_bold=False) if match else None


def _inline_response(value: str, around: frozenset[Topic]) -> tuple[float | None, str]:
    folded = fold(value)
    says = RESPONSE_LABELS.search(folded) or Topic.RESPONSE in around
    alone = _ALONE.search(folded)
    if alone and not says and Topic.SEVERITIES in around:
        return read_minutes(alone[0]), value
    short = len(folded.split()) <= 5 and any(char.isdigit() for char in folded)
    if not (says or short or NO_DEADLINE.search(folded)):
        return None, ""
    start = says.start() if isinstance(says, re.Match) else 0
    minutes = read_minutes(_first_part(folded[start:]))
    if minutes is None:
        minutes = read_minutes(_first_part(folded))
    return (
        (minutes, value)
        if minutes is not None or NO_DEADLINE.search(folded)
        else (None, "")
    )


def _read_row(entry: Entry) -> Iterator[Severity]:
    names = fold_all(entry.header)
    first = next((at for at, name in enumerate(names) if _COLUMN.search(name)), None)
    if first is None and entry.section.topics & {Topic.SEVERITIES}:
        first = 0
    if first is None or first > 1 or first >= len(entry.cells):
        return
    if any(
        name in {"metric", "threshold", "condition", "alert", "rule"} for name in names
    ):
        return
    column = _response_column(names, first)
    title = _name_number(strip_marks(entry.cells[first]), names[first])
    extra = [strip_marks(cell) for cell in entry.cells[first + 1 : first + 2]]
    if extra and _NAME_WORD.match(fold(extra[0])):
        title = f"{title} ({extra[0]})"
    cell = (
        strip_marks(entry.cells[column])
        if column is not None and column < len(entry.cells)
        else ""
    )
    minutes = read_minutes(_first_part(fold(cell))) if cell else None
    is_home = column is not None or Topic.SEVERITIES in topics_around(entry.section)
    if _CLASS.fullmatch(title) and minutes is not None:
        yield Severity(
            line=entry.line, last=entry.last, name=title[-1].upper(), response_text=cell,
            level=ord(title[-1].lower()) - ord("a") + 1, response_minutes=minutes,
            confidence=0.8, rule="class in a table",
        )  # fmt: skip
        return
    if is_home:
        yield from _make(title, entry.line, entry.last, "severity table", minutes, cell)


def _name_number(title: str, column: str) -> str:
    """``1 - very high`` below "Priority" is P1, below "Severity" SEV1."""
    if not _NUMBER_FIRST.match(title):
        return title
    return f"{'P' if column.startswith('prio') else 'SEV'}{title}"


def _response_column(names: Sequence[str], first: int) -> int | None:
    wanted = [
        at
        for at, name in enumerate(names)
        if at != first and _RESPONSE.search(name) and not NOT_RESPONSE.search(name)
    ]
    return wanted[0] if wanted else None


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
