"""Thresholds in lists and lines: bounds of metrics with the severity they mean."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from runbooks.domain.bounds import Bound, find_bounds, is_higher_better
from runbooks.domain.findings import Aside, Threshold
from runbooks.domain.inline import fold
from runbooks.domain.metric_names import hold_metric, name_metric, starts_bare
from runbooks.domain.outline import LABEL_LEVEL, Entry, EntryKind, Outline, Section
from runbooks.domain.read_task_tables import read_task
from runbooks.domain.read_threshold_tables import is_ladder, read_expected, read_row
from runbooks.domain.scopes import starts_with_work
from runbooks.domain.severity_words import (
    read_emoji,
    read_route,
    read_threshold_word,
)
from runbooks.domain.threshold_context import (
    Ground,
    find_ground,
    is_under_severity_example,
    metric_of_title,
    severity_around,
    severity_of_title,
)
from runbooks.domain.threshold_parts import (
    find_inline_severity,
    infer_op,
    is_bound_of_metric,
    is_response_time,
    names_fault,
    take_window,
)
from runbooks.domain.words.topics import Topic, find_topics
from runbooks.domain.words.units import CERTIFICATE, OLD_DATA

_ARROW: Final = re.compile(r"→|->|=>|⇒")
# "Refunds above 500 €" says which ones are looked at.
_MONEY: Final = re.compile(r"\s?(?:[€$£¥₽]|(?:eur|usd|gbp|chf|rub|cny)\b)")
_OBLIGES: Final = re.compile(
    r"\b(?:must|should|may) (?:not |never |always )?(?:be|stay|remain|keep|go|drop|fall|rise|exceed)\b"
)
_CONSUMED: Final = re.compile(r"consum|burn|used|spent|exhaust|remain")
_ALERTS: Final = re.compile(r"\balert|\bwarn|\bpage|\bnotify|\bfreeze")
_WHICH: Final = re.compile(
    r"\(\s*(warn(?:ing)?|yellow|amber|ticket)\s*/\s*(page|crit(?:ical)?|red|alarm)\s*\)"
)
_IS: Final = re.compile(r"\b(?:is|are|stays?|remains?|be|ist|sind|bleibt) (?:at )?$")
_DIGIT: Final = re.compile(r"\d")
# What a number needs to be kept apart where no thresholds stand.
_SYMBOL: Final = re.compile("[<>≤≥=]")
_PAIR: Final = re.compile(r"(\d[\d.,]*\s?[a-z%]*)\s?/\s?(\d[\d.,]*\s?[a-z%]*)")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What became thresholds, and the numbers that are kept apart."""

    live: tuple[Threshold, ...]
    apart: tuple[Aside, ...]


def read_thresholds(
    outline: Outline, item_lines: Collection[int], ladder: Collection[int] = ()
) -> Thresholds:
    """Find the thresholds; ``item_lines`` are the lines of checklist items.

    What stands in the lines of a ``ladder`` says when people are told.
    """
    live: list[Threshold] = []
    apart: list[Aside] = []
    for entry in outline.entries:
        if entry.kind is EntryKind.CODE:
            continue
        if entry.kind is EntryKind.ROW:
            live += _read_table_row(entry, item_lines)
        elif entry.line in item_lines:
            live += _read_item(entry)
        elif entry.line not in ladder and _DIGIT.search(entry.folded):
            found, aside = _read_entry(entry)
            live += found
            apart += aside
    live += _read_events(outline, {each.line for each in live}, item_lines)
    live.sort(key=lambda each: each.line)
    return Thresholds(tuple(live), tuple(apart))


def _read_table_row(entry: Entry, item_lines: Collection[int]) -> list[Threshold]:
    ground, _ = find_ground(entry)
    if entry.line in item_lines:
        return list(_read_item(entry))
    if ground is Ground.NO and not (_has_metric_column(entry) or is_ladder(entry)):
        return []
    return list(read_row(entry, severity_around(entry)))


def _has_metric_column(entry: Entry) -> bool:
    return any(
        fold(name) in {"metric", "sli", "指标", "метрика"} for name in entry.header
    )


def _read_item(entry: Entry) -> Iterator[Threshold]:
    """The number in an item of a checklist is what it takes to pass."""
    if OLD_DATA.match(entry.folded) and not CERTIFICATE.search(entry.folded):
        return
    said = entry.folded
    if entry.kind is EntryKind.ROW:
        said = f"{read_task(entry)} {read_expected(entry)}"
    window, text = take_window(said)
    bounds = find_bounds(text)
    for position, bound in enumerate(bounds):
        if not bound.op and not bound.value and _is_none(entry, text, bound):
            bound = replace(bound, op="==")  # noqa: PLW2901 -- "0 messages"
        is_limit = bound.op not in {"", "between"} and not _is_age(entry, bound)
        is_sum = not bound.is_symbol and _MONEY.match(text, bound.end)
        if is_limit and not is_sum and is_bound_of_metric(text, bound):
            severity = _severity_beside(text, bounds, position)
            found = _make(
                entry, text, bound, bound.op, severity, window, "checklist-item", 0.9
            )
            yield replace(found, is_fault=names_fault(text, bound, severity))


def _is_none(entry: Entry, text: str, bound: Bound) -> bool:
    """``0 messages`` in a row, and ``mismatch is 0`` anywhere."""
    return entry.kind is EntryKind.ROW or bool(_IS.search(text[: bound.start]))


def _is_age(entry: Entry, bound: Bound) -> bool:
    """``Remove what is older than 90 days``: the number is of what is removed."""
    is_long = bound.unit in {"days", "weeks", "months", "years"}
    return (
        is_long
        and bool(OLD_DATA.search(entry.folded))
        and not CERTIFICATE.search(entry.folded)
    )


def _spread_pairs(folded: str) -> str:
    """``1h/3h (warn/page)`` said at length: a severity before each of the two."""
    pair = _WHICH.search(folded) if "/" in folded else None
    if pair is None:
        return folded
    text = folded[: pair.start()] + folded[pair.end() :]
    return _PAIR.sub(rf"{pair[1]} \1, {pair[2]} \2", text)


def _read_entry(entry: Entry) -> tuple[list[Threshold], list[Aside]]:
    ground, topics = find_ground(entry)
    if ground is Ground.OPEN and not _is_plain_bullet(entry):
        ground = Ground.NO
    if ground is Ground.NO and not _SYMBOL.search(entry.folded):
        return [], []
    window, text, bounds = _find_limits(entry)
    if ground is Ground.NO or not bounds:
        return [], _keep_apart(entry, bounds)
    if Topic.BUDGET in topics or _is_of_budget(entry):
        return list(_read_budget(entry, text, bounds)), []
    around = severity_around(entry)
    if around is None and Topic.SLO in topics and bounds[0].unit == "%":
        around = "target"  # an objective needs no word for it
    found = []
    for position, bound in enumerate(bounds):
        beside = _severity_beside(text, bounds, position)
        severity = beside or _find_severity(entry, text, bounds, position) or around
        if not _is_bound(entry, bound, severity, ground, is_said=bool(beside)):
            continue
        op = infer_op(bound, severity, _metric_words(entry, text))
        severity = severity or _imply(entry, text, op, topics, ground)
        found.append(
            _make(entry, text, bound, op, severity, window, "metric-list", 0.95)
        )
    return found, []


def _find_limits(entry: Entry) -> tuple[str, str, list[Bound]]:
    """The window that a line says, its text without it, and the bounds of metrics."""
    window, text = take_window(_spread_pairs(entry.folded))
    bounds = [each for each in find_bounds(text) if is_bound_of_metric(text, each)]
    is_other = is_response_time(entry, bounds) or _is_step(entry)
    return window, text, [] if is_other else bounds


def _is_of_budget(entry: Entry) -> bool:
    """``Error budget: 0.05 % = 20 min``: what may be spent is no limit to alert at."""
    return entry.label is not None and Topic.BUDGET in find_topics(
        fold(entry.label.name)
    )


def _is_step(entry: Entry) -> bool:
    """``2. If ping > 50 ms, call the DBA`` is done; nothing alerts at it."""
    if not entry.marker[:1].isdigit():
        return False
    return entry.folded.startswith("if ") or starts_with_work(entry.folded)


def _is_plain_bullet(entry: Entry) -> bool:
    # A remark below a step is no threshold; a bullet below "CPU:" is one.
    above = entry.parent
    is_remark = above is not None and above.label is None and above.text[-1:] != ":"
    is_bullet = entry.kind is EntryKind.ITEM and not is_remark
    return is_bullet and not is_under_severity_example(entry)


def _keep_apart(entry: Entry, bounds: list[Bound]) -> list[Aside]:
    if not any(each.is_symbol for each in bounds):
        return []
    return [
        Aside(
            line=entry.line, last=entry.last, category="thresholds", text=entry.text,
            why="the titles around speak of something else than thresholds",
            confidence=0.5, rule="bound outside of thresholds",
        )
    ]  # fmt: skip


def _is_bound(
    entry: Entry,
    bound: Bound,
    severity: str | None,
    ground: Ground,
    *,
    is_said: bool,
) -> bool:
    """Whether a number is a limit at all, and not only a figure.

    ``is_said`` tells that the words right beside it name its severity.
    """
    if ground is Ground.OPEN:
        is_worded = is_said or (bound.op in {"<=", ">="} and bound.unit == "%")
        is_worded = is_worded or bool(_OBLIGES.search(entry.folded))
        is_after = bool(bound.start) and is_worded
        return bool(bound.unit) and (bound.is_symbol or is_after)
    if bound.op and bound.op != "between":
        return bound.is_symbol or bool(bound.unit or severity or entry.label)
    if bound.op:
        return severity is not None and bound.sign != "~"
    return _is_figure_a_bound(entry, bound, severity, is_said=is_said)


def _is_figure_a_bound(
    entry: Entry, bound: Bound, severity: str | None, *, is_said: bool
) -> bool:
    """Whether a number without an operator is a limit."""
    if bound.is_open or bound.sign == "+":
        return True
    if severity is None or bound.sign == "~":
        return False
    # A figure in a sentence is no limit: it needs a unit, or a label before it.
    label = entry.label
    if bound.unit or (label is not None and bound.start >= len(label.name)):
        return True
    return is_said and entry.section.level >= LABEL_LEVEL


def _find_severity(
    entry: Entry, text: str, bounds: list[Bound], position: int
) -> str | None:
    """What the label, a coloured ball or the channel say."""
    if entry.label is not None:
        word = read_threshold_word(fold(entry.label.name))
        if word:
            return word
    ball = read_emoji(entry.raw)
    if ball:
        return ball
    _, after = _around(text, bounds, position)
    arrow = _ARROW.search(after)
    return read_route(after[arrow.end() :]) if arrow else None


def _severity_beside(text: str, bounds: Sequence[Bound], position: int) -> str | None:
    return find_inline_severity(*_around(text, bounds, position))


def _around(text: str, bounds: Sequence[Bound], position: int) -> tuple[str, str]:
    """What stands between a bound and the ones before and after it."""
    before = text[bounds[position - 1].end if position else 0 : bounds[position].start]
    upto = bounds[position + 1].start if position + 1 < len(bounds) else len(text)
    return before, text[bounds[position].end : upto]


def _imply(
    entry: Entry, text: str, op: str, topics: frozenset[Topic], ground: Ground
) -> str | None:
    """A bound on the good side in a list of metrics is its target."""
    if ground is Ground.OPEN or Topic.SCALING in topics:
        return None
    higher = is_higher_better(_metric_words(entry, text))
    good = op in {"<", "<="} if not higher else op in {">", ">="}
    return "target" if good and topics & {Topic.METRICS, Topic.SLO} else None


def _metric_words(entry: Entry, text: str) -> str:
    return f"{fold(metric_of_title(entry))} {text}" if starts_bare(entry) else text


def _read_budget(entry: Entry, text: str, bounds: list[Bound]) -> Iterator[Threshold]:
    if not (_CONSUMED.search(text) and _ALERTS.search(text)):
        return
    for bound in bounds:
        if bound.unit == "%":
            op = bound.op or ("<=" if "remain" in text else ">=")
            yield _make(entry, text, bound, op, "warning", "", "error-budget", 0.7)


def _read_events(
    outline: Outline, lines: Collection[int], item_lines: Collection[int]
) -> Iterator[Threshold]:
    """Bullets without a number among thresholds of one severity alert by happening."""
    groups: dict[Section, list[Entry]] = defaultdict(list)
    for entry in outline.entries:
        if entry.kind is EntryKind.ITEM and entry.parent is None:
            groups[entry.section].append(entry)
    for section, entries in groups.items():
        counted = [each for each in entries if each.line in lines]
        if not counted or len(counted) * 2 < len(entries):
            continue
        severity = severity_of_title(section)
        if not severity:
            continue
        for entry in entries:
            if (
                entry.line not in lines
                and entry.line not in item_lines
                and not entry.label
            ):
                yield Threshold(
                    line=entry.line, last=entry.last, metric=entry.text, op=None,
                    value=None, unit=None, severity=severity, where="alert-list",
                    confidence=0.7, rule="event among thresholds",
                )  # fmt: skip


def _make(
    entry: Entry,
    text: str,
    bound: Bound,
    op: str,
    severity: str | None,
    window: str,
    where: str,
    confidence: float,
) -> Threshold:
    value = bound.value if bound.high is None else (bound.value, bound.high)
    relative = "vs baseline" if "baseline" in text or bound.sign == "+" else ""
    arrow = _ARROW.search(entry.text)
    return Threshold(
        line=entry.line,
        last=entry.last,
        metric=hold_metric(entry, name_metric(entry, text, bound)),
        op=op,
        value=value,
        unit=bound.unit or "count",
        severity=severity,
        window=window,
        where=where,
        relative=relative or ("of max" if "of max" in text else ""),
        action=entry.text[arrow.end() :].strip() if arrow else "",
        confidence=confidence if bound.op else confidence - 0.15,
        rule=where,
    )
