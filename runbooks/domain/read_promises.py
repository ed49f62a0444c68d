"""What the service promises: objectives, and how long things are kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from runbooks.domain.bounds import find_bounds
from runbooks.domain.context import topics_around
from runbooks.domain.findings import Retention, Slo
from runbooks.domain.inline import Label, fold, fold_all, strip_marks
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_retention_sentences import read_sentences
from runbooks.domain.read_task_tables import read_task
from runbooks.domain.threshold_parts import take_window
from runbooks.domain.words.topics import Topic
from runbooks.domain.words.units import DAYS, OLD_DATA

# Titles about one of these end what a title about objectives began.
_OTHER: Final = frozenset(
    {
        Topic.METRICS, Topic.ALERTS, Topic.SEVERITIES, Topic.BUDGET, Topic.RESPONSE,
        Topic.CAPACITY, Topic.SCALING, Topic.ESCALATION,
    }
)  # fmt: skip
_TARGET: Final = re.compile(
    r"^(?:slo(?: target)?|target|objective|goal|目标|цель|sla|slo目标|целевое значение)\b"
)
_OBJECTIVE: Final = re.compile(r"^(?:slos?|service[- ]level objective|目标)$")
_SLI: Final = re.compile(
    r"^(?:sli|metric|indicator|objective|slo|name|measure|指标|метрика|показатель)\b"
)
_SERVICE: Final = re.compile(r"^(?:service|component|system|api|服务|сервис)\b")
_WINDOW: Final = re.compile(
    r"^(?:window|period|measurement|measured|time ?frame|窗口|окно)\b"
)
_KEPT: Final = re.compile(r"retention|retain|retained|kept|keep|保留|хран")
_LENGTH_WHAT: Final = re.compile(
    r"(?P<number>\d+)\s*-?\s*(?P<unit>hours?|days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?|jahre?n?|jours?|semaines?|mois|ans?\b|d\b|天|年|月|дн\w+|лет|год\w*|месяц\w*)\s*(?:of |for |\()?(?P<what>[^,;.)]*)"
)
_CLEAN: Final = re.compile(
    r"^(?:clean(?: ?up)?|delete|purge|remove|archive|prune|rotate|drop|truncate|清理|删除)\s+(?:up\s+)?(?:old\s+|all\s+|any\s+|the\s+|expired\s+)*"
)
_THAT_ARE: Final = re.compile(r"\b(?:that|which|who) (?:are|is|were|have|has)\b")
_AGE: Final = re.compile(
    r"\s*(?:\(?\s*(?:>|older than|over|more than|after|beyond|超过|старше)\s*\d.*)$"
)


def read_slos(outline: Outline) -> tuple[Slo, ...]:
    """Find objectives in tables and lists below a title about them."""
    found: list[Slo] = []
    homes = _find_homes(outline)
    for entry in outline.entries:
        is_home = entry.section in homes
        if entry.kind is EntryKind.ROW:
            found += _read_row(entry, is_home=is_home)
        elif is_objective(entry):
            found.append(_read_sentence(entry))
        elif is_home and entry.kind is EntryKind.ITEM:
            found += _read_line(entry)
    return tuple(found)


def is_objective(entry: Entry) -> bool:
    """Whether a line says of itself that it is an objective: ``SLO: 99.9 % ...``."""
    label = entry.label
    if label is None or entry.section.level <= 1 or entry.parent is not None:
        return False
    if not _OBJECTIVE.match(fold(label.name)):
        return False
    return any(each.unit == "%" for each in find_bounds(fold(label.value)))


def _read_sentence(entry: Entry) -> Slo:
    label = entry.label or Label("", "", is_bold=False)
    window, _ = take_window(fold(label.value))
    return Slo(
        line=entry.line, last=entry.last, service="", sli=label.name, window=window,
        target=strip_marks(label.value), confidence=0.8, rule="objective in a sentence",
    )  # fmt: skip


def _find_homes(outline: Outline) -> set[Section]:
    """The sections whose innermost title that says anything is about objectives."""
    homes: set[Section] = set()
    for section in outline.sections:
        is_said = Topic.SLO in section.topics
        goes_on = section.parent in homes and not section.topics & _OTHER
        if (is_said and section.level > 1) or (not is_said and goes_on):
            homes.add(section)
    return homes


def _read_row(entry: Entry, *, is_home: bool) -> Iterator[Slo]:
    names = fold_all(entry.header)
    is_slo = any(
        name in {"sli", "slo"} or name.startswith(("sli ", "slo ")) for name in names
    )
    if not (is_slo or is_home):
        return
    target = next(
        (at for at, name in enumerate(names) if at and _TARGET.match(name)), None
    )
    if target is None or target >= len(entry.cells):
        return
    text = strip_marks(entry.cells[target])
    if not any(char.isdigit() for char in text):
        return
    sli = next(
        (at for at, name in enumerate(names) if at != target and _SLI.match(name)), 0
    )
    service = next(
        (at for at, name in enumerate(names) if at != sli and _SERVICE.match(name)),
        None,
    )
    window = next((at for at, name in enumerate(names) if _WINDOW.match(name)), None)
    yield Slo(
        line=entry.line, last=entry.last, sli=strip_marks(entry.cells[sli]), target=text,
        service=strip_marks(entry.cells[service]) if service is not None else "",
        window=strip_marks(entry.cells[window]) if window is not None and window < len(entry.cells) else "",
        confidence=0.95, rule="objective table",
    )  # fmt: skip


def _read_line(entry: Entry) -> Iterator[Slo]:
    """``- **Availability**: 99.9% over 30 days``, ``- 99 % of writes in 1 s``."""
    if entry.parent is not None:
        return
    label = entry.label or Label(entry.text, entry.text, is_bold=False)
    value = strip_marks(label.value)
    bounds = find_bounds(fold(value))
    if entry.label is None and not (bounds and bounds[0].unit == "%"):
        return
    if not bounds or (not bounds[0].op and bounds[0].unit not in {"%", "ms", "s"}):
        return
    yield Slo(
        line=entry.line, last=entry.last, service="", sli=label.name,
        target=value, confidence=0.85, rule="objective line",
    )  # fmt: skip


_KEPT_INSIDE: Final = re.compile(
    r"(?P<what>[^,;:(]{3,80}?)(?: at \d[^,;(]*| every [^,;(]*)?[,;:(–—-]? ?\(?(?:and )?(?:(?:is|are) )?"
    r"(?:kept|keep|retained?|retention|stored)(?: period)?(?: of| for|:)? (?:at least |the last )?"
    r"(?P<length>\d+ ?(?:days?|weeks?|months?|years?))(?![a-z])"
)
_KEPT_WORDS: Final = re.compile("kept|keep|retain|retention|stored")
_PART_OF_LINE: Final = re.compile("[,;]")
_DIGIT: Final = re.compile(r"\d")


def read_retention(
    outline: Outline, item_lines: Collection[int]
) -> tuple[Retention, ...]:
    """Find how long data are kept."""
    found = list(read_sentences(outline.entries, item_lines))
    told = {each.line for each in found}
    for entry in outline.entries:
        if entry.kind is EntryKind.CODE or not _DIGIT.search(entry.text):
            continue
        if entry.line in told:
            continue
        if entry.line in item_lines:
            found += _read_clean_up(entry)
        elif Topic.RETENTION in topics_around(entry.section, below_level=1):
            found += _read_kept(entry)
        elif inside := list(_read_kept_inside(entry)):
            found += inside
        elif entry.label and _KEPT.search(fold(entry.label.name)):
            found += _read_kept(entry)
    return tuple(sorted(found, key=lambda each: each.line))


def _read_kept_inside(entry: Entry) -> Iterator[Retention]:
    """``Nightly dump of the orders at 02:00, kept for 30 days``."""
    is_item = entry.kind is EntryKind.ITEM
    is_said = is_item and _KEPT_WORDS.search(entry.folded)
    match = _KEPT_INSIDE.match(entry.folded) if is_said else None
    bounds = find_bounds(match["length"]) if match else ()
    if match and bounds and bounds[0].unit in DAYS:
        yield Retention(
            line=entry.line, last=entry.last, what=match["what"].strip(" (:-–—"),
            days=_days(bounds[0].value, bounds[0].unit), confidence=0.75,
            rule="kept, said in passing",
        )  # fmt: skip


def _read_clean_up(entry: Entry) -> Iterator[Retention]:
    """``Clean up old decision insights (> 90 days)``."""
    folded = read_task(entry) if entry.kind is EntryKind.ROW else entry.folded
    if _THAT_ARE.search(folded) and not _CLEAN.match(folded):
        return
    # "Renew the key if older than 90 days" throws nothing away.
    if not OLD_DATA.search(folded.replace("older", "")):
        return
    for bound in find_bounds(folded):
        is_age = bound.op in {">", ">="} or "older" in folded or "старше" in folded
        if bound.unit in {"days", "weeks", "months", "years"} and is_age:
            what = _AGE.sub("", _CLEAN.sub("", folded)).strip(" (:")
            yield Retention(
                line=entry.line, last=entry.last, what=what,
                days=_days(bound.value, bound.unit), confidence=0.7, rule="cleaning up",
            )  # fmt: skip
            return


def _read_kept(entry: Entry) -> Iterator[Retention]:
    if entry.kind is EntryKind.ROW:
        yield from _read_kept_row(entry)
        return
    label = entry.label
    value = fold(strip_marks(label.value)) if label else entry.folded
    subject = label.name if label and not _KEPT.search(fold(label.name)) else ""
    around = f"{entry.section.folded} {fold(label.name) if label else ''}"
    kind = "logs" if re.search(r"\blog", around) else ""
    lengths = (
        (match, bound)
        for match in _LENGTH_WHAT.finditer(value)
        for bound in find_bounds(f"{match['number']} {match['unit']}")
        if bound.unit in DAYS
    )
    for match, bound in lengths:
        what = (
            subject
            or match["what"].strip(" (-")
            or _name_before(value[: match.start()])
            or (fold(label.name) if label else entry.text)
        )
        yield Retention(
            line=entry.line, last=entry.last,
            what=f"{what} {kind}".strip() if kind and kind not in fold(what) else what,
            days=_days(bound.value, bound.unit), confidence=0.9, rule="retention",
        )  # fmt: skip


def _name_before(head: str) -> str:
    """``backups`` of "logs 30 days, backups " before 12 weeks."""
    said = _PART_OF_LINE.split(head)[-1].strip(" (:–—-")
    return re.sub(r"(?:^(?:and|und) | (?:for|für)$)", "", said)


def _read_kept_row(entry: Entry) -> Iterator[Retention]:
    lengths = (
        bound
        for name, cell in zip(entry.header[1:], entry.cells[1:], strict=False)
        for bound in find_bounds(_say_length(fold(strip_marks(cell)), fold(name)))
        if bound.unit in DAYS
    )
    for bound in islice(lengths, 1):
        yield Retention(
            line=entry.line, last=entry.last, what=strip_marks(entry.cells[0]),
            days=_days(bound.value, bound.unit), confidence=0.9, rule="retention table",
        )  # fmt: skip


def _say_length(cell: str, name: str) -> str:
    """``90`` below "Days" is 90 days."""
    return f"{cell} {name}" if cell.isdigit() else cell


def _days(value: float, unit: str) -> float:
    days = value * DAYS[unit]
    return int(days) if float(days).is_integer() else days
