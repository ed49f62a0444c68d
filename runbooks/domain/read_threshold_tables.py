"""Thresholds in tables: a metric a row, a bound a column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from runbooks.domain.bounds import Bound, find_bounds
from runbooks.domain.findings import Threshold
from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.severity_words import (
    find_code,
    read_emoji,
    read_route,
    read_threshold_word,
)
from runbooks.domain.threshold_parts import (
    find_inline_severity,
    infer_op,
    is_bound_of_metric,
    take_window,
)
from runbooks.domain.words.severities import RULE_WORDS
from runbooks.domain.words.topics import Topic
from runbooks.domain.words.units import WORTH

_METRIC: Final = re.compile(
    r"^(?:metrics?|name|indicator|sli|kpi|measure|signal|alert(?: name)?|alarm|rule|check|component|resource|parameter|what|service|指标|名称|метрика|показатель|metrik|kennzahl|métrica)\b(?!.*(?:threshold|type|level))"
)
_BOUND: Final = re.compile(
    r"threshold|^(?:value|limit|condition|trigger|expression|criteria|slo|objective|when|fires? (?:when|if)|alert (?:when|if|at|on|below|above|under|over)|(?:page|warn|ticket|alarm) (?:when|if|at|on|below|above|under|over)|bound|range|expected value|alert)\b|阈值|条件|порог|условие|schwelle|umbral"
)
_SEVERITY: Final = re.compile(
    r"^(?:severity|priority|level|urgency|criticality|alert level|级别|严重程度|严重级别|等级|критичность|уровень|серьезность|приоритет)\b"
)
_UNIT: Final = re.compile(
    r"^(?:units?|uom|einheit|unidad|unité|单位|единиц\w*|ед\.?)\b"
)
_OPERATOR: Final = re.compile(r"^(?:operator|comparison|comparator|op)$")
_EXPECTED: Final = re.compile(
    r"^(?:expected|expect(?:ed)? (?:value|result|state)s?|should be|pass(?:es)? (?:if|when)|(?:ok|good|fine|healthy) (?:if|when)|healthy(?: value)?|normal(?: value| range)?|acceptable"
    r"|criteri(?:a|on)|acceptance(?: (?:value|criteri\w+))?|limit|target|goal|pass|soll(?:wert)?|erwartet|esperado|attendu|正常值|期望|预期|标准|норма|ожидаем\w*|ожидание)\b"
)
_ROUTE: Final = re.compile(
    r"^(?:channel|notify|notification|route|routing|destination|alert channel|渠道|通知方式|канал)\b"
)
_WINDOW: Final = re.compile(
    r"^(?:window|duration|for|period|measurement|evaluation|interval|time ?frame|over|持续时间|窗口|окно|период|длительность)\b"
)
_SKIP: Final = re.compile(
    r"respon(?:se|d) (?:sla|target)|^response$|\back|escalat|resol|\bsla\b|action|owner|contact|description|notes?$|runbook|current|actual|baseline$|last |frequency|how often|example|impact|meaning|什么|操作|действи"
)
_NOT_METRICS: Final = re.compile(
    r"^(?:response(?: time)?|ack\w*|initial response|escalate (?:after|to)|resolution(?: time)?|phone|email|slack|date|version|retention|frequency|cadence|task|step|time|who|role)$"
)
_ALERT_WHEN: Final = re.compile(
    r"^(?:alert|page|warn|alarm) (?:when|if|at|below|above|over|under)$"
)
# "Red from" holds at the number itself.
_FROM: Final = re.compile(r"\b(?:from|ab|starts? at|reaches)$")
# As laboratories and plants call them.
_LIMITS: Final = {"alert limit": "warning", "action limit": "critical"}
_WORSE: Final = frozenset({"alert", "alarm", "page", "error"})
_ONE_SIDED: Final = frozenset({"<", "<=", ">", ">="})
_ALONE: Final = re.compile(r"(\d)(?=\s*$|\s*[,;/])")
# From mild to bad, as far as columns are called.
_ORDER: Final = ("info", "minor", "warning", "major", "critical")
_WORTH: Final = {unit: worth for unit, (_, worth) in WORTH.items()}


@dataclass(frozen=True, slots=True)
class _Columns:
    metrics: tuple[int, ...]
    bounds: tuple[int, ...]
    severity: int | None
    window: int | None
    route: int | None
    unit: int | None
    operator: int | None


def read_row(entry: Entry, around: str | None) -> Iterator[Threshold]:
    """Yield the thresholds of a row; ``around`` is the severity of the section."""
    names = _name_columns(entry.header)
    columns = _find_columns(names)
    if not columns.bounds or _is_other_table(names):
        return
    said = _row_severity(entry, columns)
    metric = " ".join(strip_marks(_cell(entry, at)) for at in columns.metrics)
    for at in columns.bounds:
        severity = _header_severity(names[at]) or said or around
        yield from _read_cell(entry, columns, at, metric, severity)


def _read_cell(
    entry: Entry, columns: _Columns, at: int, metric: str, severity: str | None
) -> Iterator[Threshold]:
    head = _name_columns(entry.header)[at]
    as_bad = severity or ("critical" if _ALERT_WHEN.match(head) else None)
    window, text = take_window(_say(entry, columns, at))
    bounds = find_bounds(text)
    if len(bounds) > 1 and not columns.metrics:
        bounds = bounds[:1]
    for position, bound in enumerate(bounds):
        made = _make(entry, text, bounds, position, as_bad)
        if made is None:
            continue
        op, own = made
        if own is None and not bound.op:
            op = _header_operator(head) or _imply(entry, columns, as_bad) or op
            op = f"{op[:1]}=" if _FROM.search(head) and op in _ONE_SIDED else op
        yield Threshold(
            line=entry.line, last=entry.last,
            metric=metric or text[: bound.start].strip(" :-"), op=op,
            value=bound.value if bound.high is None else (bound.value, bound.high),
            unit=bound.unit or "count", severity=own or severity,
            window=window or _window(entry, columns), where="table",
            rule="threshold table", confidence=0.95 if bound.op else 0.8,
        )  # fmt: skip


@lru_cache(maxsize=1024)
def _name_columns(header: tuple[str, ...]) -> tuple[str, ...]:
    """The folded names of columns; a coloured ball is its severity's word.

    "Alert" beside "Warn" is the worse one of the two.
    """
    names = [fold(name) or read_emoji(name) or "" for name in header]
    if {"alert limit", "action limit"} <= set(names):
        names = [_LIMITS.get(name, name) for name in names]
    if any(name.startswith("warn") for name in names):
        names = ["critical" if name in _WORSE else name for name in names]
    return tuple(names)


@lru_cache(maxsize=1024)
def _header_operator(name: str) -> str:
    """The operator of "Alert below"."""
    found = find_bounds(f"{name} 1") if name[-1:].isalpha() else ()
    return found[-1].op if found else ""


def is_ladder(entry: Entry) -> bool:
    """Whether a table below a title about limits has a column for each severity."""
    found = {_header_severity(name) for name in _name_columns(entry.header)}
    if any(_ALERT_WHEN.match(name) for name in fold_all(entry.header)):
        return True
    topics = entry.section.topics
    return {"warning", "critical"} <= found and bool(
        topics & {Topic.LIMITS, Topic.CAPACITY, Topic.SEVERITIES}
    )


def read_expected(entry: Entry) -> str:
    """What a row of work says in a column "Expected", folded; or ""."""
    at = _find(fold_all(entry.header), _EXPECTED)
    return "" if at is None else fold(strip_marks(_cell(entry, at)))


def _say(entry: Entry, columns: _Columns, at: int) -> str:
    """A cell folded, its numbers with the unit that the row says in its own column."""
    text = fold(strip_marks(_cell(entry, at)))
    unit = "" if columns.unit is None else fold(_cell(entry, columns.unit))
    if columns.operator is not None:
        text = f"{fold(strip_marks(_cell(entry, columns.operator)))} {text}"
    return _ALONE.sub(rf"\1 {unit}", text) if unit.isalpha() or unit == "%" else text


def _imply(entry: Entry, columns: _Columns, severity: str | None) -> str:
    """The operator of a bare number, by the other cells of its row, or ""."""
    if severity in {None, "target"}:
        return ""
    for at in columns.bounds:
        bounds = find_bounds(_say(entry, columns, at))
        is_bad = _header_severity(_name_columns(entry.header)[at]) != "target"
        if is_bad and len(bounds) == 1 and bounds[0].op in _ONE_SIDED:
            return bounds[0].op
    return {None: "", True: ">", False: "<"}[_rises(entry, columns)]


def _rises(entry: Entry, columns: _Columns) -> bool | None:
    """Whether the limits grow with the severity, None where a row does not say.

    5 s and 30 s below Warning and Critical are limits from above, whatever is
    measured; 25 % and 10 % are limits from below.
    """
    names = _name_columns(entry.header)
    found: dict[str, float] = {}
    for at in columns.bounds:
        bounds = find_bounds(take_window(_say(entry, columns, at))[1])
        severity = _header_severity(names[at])
        if severity and len(bounds) == 1 and bounds[0].unit in _WORTH:
            found[severity] = bounds[0].value * _WORTH[bounds[0].unit]
    order = [found[each] for each in _ORDER if each in found]
    if len(order) < 2 or order[0] == order[-1]:
        return None
    return order[0] < order[-1]


def _make(
    entry: Entry,
    text: str,
    bounds: tuple[Bound, ...],
    position: int,
    severity: str | None,
) -> tuple[str, str | None] | None:
    """The operator of a bound, and its own severity where the cell says one."""
    bound = bounds[position]
    if not is_bound_of_metric(text, bound) or bound.sign == "~":
        return None
    before = text[bounds[position - 1].end if position else 0 : bound.start]
    upto = bounds[position + 1].start if position + 1 < len(bounds) else len(text)
    beside = find_inline_severity(before, text[bound.end : upto])
    metric = f"{fold(entry.text)} {text}"
    if position and not bound.op and not beside:
        return None
    op = infer_op(bound, beside or severity, metric)
    return op, beside


def _cell(entry: Entry, at: int) -> str:
    return entry.cells[at] if at < len(entry.cells) else ""


@lru_cache(maxsize=1024)
def _find_columns(names: tuple[str, ...]) -> _Columns:
    severity = _find(names, _SEVERITY)
    bounds = tuple(
        at
        for at, name in enumerate(names)
        if at != severity and at > 0 and not _SKIP.search(name) and _is_bound(name)
    )
    metrics = tuple(
        at for at, name in enumerate(names) if at not in bounds and _METRIC.search(name)
    )
    if not metrics and 0 not in bounds and severity != 0:
        metrics = (0,)
    return _Columns(
        metrics[:2],
        bounds,
        severity,
        _find(names, _WINDOW),
        _find(names, _ROUTE),
        _find(names, _UNIT),
        _find(names, _OPERATOR),
    )


def _is_bound(name: str) -> bool:
    return bool(_BOUND.search(name)) or _header_severity(name) is not None


@lru_cache(maxsize=1024)
def _header_severity(name: str) -> str | None:
    bare = re.sub(
        r"\b(?:thresholds?|value|level|alert|limit|from|ab|starts? at|reaches)\b|阈值|порог|\([^()]*\)",
        " ",
        name,
    ).strip()
    if not bare:
        return None
    code = find_code(bare)
    return read_threshold_word(code.lower() if code else bare)


def _find(names: tuple[str, ...], pattern: re.Pattern[str]) -> int | None:
    return next((at for at, name in enumerate(names) if pattern.search(name)), None)


@lru_cache(maxsize=1024)
def _is_other_table(names: tuple[str, ...]) -> bool:
    return any(_NOT_METRICS.match(name) for name in names) and not any(
        name in {"metric", "sli", "指标", "метрика", "threshold", "condition", "slo"}
        for name in names
    )


def _row_severity(entry: Entry, columns: _Columns) -> str | None:
    if columns.severity is not None:
        text = fold(strip_marks(_cell(entry, columns.severity)))
        code = find_code(text)
        found = RULE_WORDS.get(text) or read_threshold_word(
            code.lower() if code else text
        )
        return found or read_emoji(_cell(entry, columns.severity))
    if columns.route is not None:
        return read_route(fold(strip_marks(_cell(entry, columns.route))))
    return None


def _window(entry: Entry, columns: _Columns) -> str:
    return (
        strip_marks(_cell(entry, columns.window)) if columns.window is not None else ""
    )
