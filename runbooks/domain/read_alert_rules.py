"""Alert rules in code: Prometheus, CloudWatch, objects with a threshold, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from runbooks.domain.bounds import find_bounds
from runbooks.domain.code_records import Record, read_records
from runbooks.domain.escalation_parts import read_length
from runbooks.domain.findings import AlertRule
from runbooks.domain.inline import fold
from runbooks.domain.outline import Entry, EntryKind, Outline
from runbooks.domain.words.severities import RULE_WORDS

_COMPARE: Final = re.compile(
    r"(?P<op>>=|<=|==|!=|>|<)\s*(?:bool\s+)?(?P<value>-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*(?P<unit>%|ms|s)?\s*\)*\s*(?:\bfor\b.*)?$"
)
_COMPARE_ANY: Final = re.compile(
    r"(?P<op>>=|<=|==|>|<)\s*(?P<value>-?\d+(?:\.\d+)?)\s*(?P<unit>%|ms|s)?"
)
_METRIC: Final = re.compile(
    r"(?<![\w:])(?!(?:sum|rate|irate|avg|max|min|count|by|without|histogram_quantile|increase|topk|on|group_left|absent|vector|le|delta|deriv|predict_linear|avg_over_time|max_over_time|time|clamp_max|clamp_min|abs|or|and|unless|bool|offset|ignoring|changes|quantile|scalar|last)\b)[a-zA-Z_:][\w:.]*(?=\{|\[|\s|\)|$|[<>=*/+-])"
)
_SHARE: Final = re.compile(
    r"(?:error|failure|success|hit|miss)[._]?(?:rate|ratio)s?\b(?!\s*\()|_ratio\b",
    re.IGNORECASE,
)
_SUFFIXES: Final = (
    ("_ms", "ms"),
    ("_seconds", "s"),
    ("_percent", "%"),
    ("_bytes", "B"),
)
_WORDS: Final = {
    "greaterthanthreshold": ">", "greaterthanorequaltothreshold": ">=",
    "lessthanthreshold": "<", "lessthanorequaltothreshold": "<=",
    "gt": ">", "gte": ">=", "ge": ">=", "lt": "<", "lte": "<=", "le": "<=", "eq": "==",
    "above": ">", "below": "<", "greater_than": ">", "less_than": "<",
    ">": ">", "<": "<", ">=": ">=", "<=": "<=", "==": "==",
}  # fmt: skip
_SKIP: Final = frozenset(
    {"mermaid", "markdown", "md", "sql", "html", "css", "diff", "text", "log"}
)
_SEVERITY_IN_NAME: Final = re.compile(
    r"critical|high|medium|low|warning|info|major|minor|page", re.IGNORECASE
)
_OPTION: Final = re.compile(r"--(?P<key>[a-z-]+)[ =]+(?P<value>\"[^\"]*\"|'[^']*'|\S+)")
_CLOUD_UNITS: Final = (
    ("utilization", "%"),
    ("responsetime", "s"),
    ("latency", "s"),
    ("percent", "%"),
    ("duration", "ms"),
)


def read_alert_rules(outline: Outline) -> tuple[AlertRule, ...]:
    """Find the alert rules in the blocks of code, each at the line of its name."""
    found: list[AlertRule] = []
    for entry in outline.entries:
        if entry.kind is not EntryKind.CODE or entry.info in _SKIP:
            continue
        text = "\n".join(entry.body)
        if "put-metric-alarm" in text:
            found += _read_commands(entry)
        elif _looks_like_rules(text):
            found += _read_block(entry)
    return tuple(sorted(found, key=lambda each: each.line))


def _looks_like_rules(text: str) -> bool:
    lowered = text.lower()
    return any(
        word in lowered
        for word in ("threshold", "expr", "alert:", "condition", "query")
    )


def _read_block(entry: Entry) -> Iterator[AlertRule]:
    records = read_records(entry.body, entry.opens)
    for record in records:
        below = [each for each in records if each.outer is record]
        rule = (
            _read_prometheus(record, below, entry)
            or _read_cloudwatch(record, below, entry)
            or _read_object(record, below, entry)
        )
        if rule is not None:
            yield rule


def _named(record: Record) -> tuple[str, int]:
    for key in ("alert", "id", "name", "alarmname", "alarm_name", "title", "alertname"):
        if key in record.values:
            return record.values[key]
    outer = record.outer
    if (
        record.name.lower() in {"properties", "rule", "alarm", ""}
        and outer is not None
        and outer.name
    ):
        return outer.name, outer.line
    return record.name, record.line


def _start(record: Record) -> int:
    """The line a rule begins at: its key, or its first key's."""
    lines = [line for _, line in record.values.values()]
    return (
        min([record.line, *lines])
        if record.name or record.line
        else min(lines, default=record.line)
    )


def _severity(record: Record, below: Sequence[Record]) -> str:
    for each in (record, *below):
        raw = each.get("severity", "priority", "level", "sev")
        if raw:
            return raw
    return ""


def _canonical(raw: str) -> str:
    return RULE_WORDS.get(fold(raw).replace(" ", ""), "")


def _read_prometheus(
    record: Record, below: Sequence[Record], entry: Entry
) -> AlertRule | None:
    expression = record.get("expr", "expression", "query", "condition", "promql")
    if not expression or not (
        record.get("alert", "name", "id", "title", "alertname") or record.name
    ):
        return None
    match = _COMPARE.search(expression) or _COMPARE_ANY.search(expression)
    if match is None:
        return None
    value, unit = float(match["value"]), match["unit"] or ""
    before = expression[: match.start()]
    is_quotient = "/" in before or bool(_SHARE.search(before))
    is_share = is_quotient and 0 < value <= 1 and "100" not in expression
    if is_share:
        value, unit = round(value * 100, 10), "%"
    elif not unit:
        unit = _unit_of(expression[: match.start()])
    raw = _severity(record, below)
    name, _ = _named(record)
    metric = _METRIC.search(expression)
    return AlertRule(
        line=_start(record), last=entry.last, name=name,
        metric=metric[0] if metric else "", op=match["op"], value=_whole(value), unit=unit,
        severity=_canonical(raw), severity_raw=raw,
        duration_minutes=_length(record.get("for", "duration", "window", "pending_period")),
        expression=" ".join(expression.split()), format="prometheus",
        message=_message(record, below), confidence=0.9, rule="rule with an expression",
    )  # fmt: skip


def _unit_of(expression: str) -> str:
    if (
        "* 100" in expression
        or "100 *" in expression
        or "*100" in expression
        or "percent" in expression
    ):
        return "%"
    if "_seconds" in expression:
        return "s"
    return "B" if "_bytes" in expression else "count"


def _message(record: Record, below: Sequence[Record]) -> str:
    for each in (record, *below):
        text = each.get("message", "summary", "description", "alarmdescription")
        if text:
            return text
    return ""


def _read_cloudwatch(
    record: Record, below: Sequence[Record], entry: Entry
) -> AlertRule | None:
    metric = record.get("metricname", "metric_name")
    value = _to_float(record.get("threshold"))
    op = _WORDS.get(record.get("comparisonoperator", "comparison_operator").lower(), "")
    if not metric or value is None or not op:
        return None
    actions = " ".join(_actions(record, entry))
    raw = next(
        iter(
            re.findall(
                r"[\w-]*(?:Critical|High|Medium|Low|Warning|critical|high|medium|low|warning|page)[\w-]*",
                actions,
            )
        ),
        "",
    )
    hit = _SEVERITY_IN_NAME.search(raw)
    name, line = _named(record)
    period, times = (
        _to_float(record.get("period")),
        _to_float(record.get("evaluationperiods", "evaluation_periods")),
    )
    return AlertRule(
        line=min(line or record.line, record.line) or record.line, last=entry.last, name=name, metric=metric, op=op,
        value=_whole(value), unit=_cloud_unit(metric, record.get("unit")),
        severity=_canonical(_severity(record, below) or (hit[0] if hit else "")),
        severity_raw=_severity(record, below) or raw, statistic=record.get("statistic"),
        period_seconds=period, evaluation_periods=times,
        duration_minutes=period * times / 60 if period and times else None,
        format="cloudwatch", confidence=0.95, rule="CloudWatch alarm",
    )  # fmt: skip


def _actions(record: Record, entry: Entry) -> Iterator[str]:
    """The lines after AlarmActions, up to the next key."""
    start = record.line - entry.opens
    inside = False
    for raw in entry.body[max(0, start) :]:
        text = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        if inside and not text.startswith(("-", '"', "!", "[", "aws_")) and text:
            return
        if re.match(r"[\"']?(?:AlarmActions|alarm_actions)", text):
            inside = True
            yield text
        elif inside:
            yield text
        elif indent <= record.indent and text and raw is not entry.body[max(0, start)]:
            return


def _cloud_unit(metric: str, said: str) -> str:
    if said.lower() in {"percent", "seconds", "milliseconds", "count"}:
        return {"percent": "%", "seconds": "s", "milliseconds": "ms", "count": "count"}[
            said.lower()
        ]
    lowered = metric.lower()
    return next((unit for word, unit in _CLOUD_UNITS if word in lowered), "count")


def _read_object(
    record: Record, below: Sequence[Record], entry: Entry
) -> AlertRule | None:
    value = _to_float(record.get("threshold", "value", "limit"))
    op = _WORDS.get(
        record.get("operator", "op", "comparison", "comparator", "condition").lower(),
        "",
    )
    metric = record.get("metric", "metricname", "field", "measure", "indicator")
    if value is None or not metric or not op or record.get("status"):
        return None
    raw = _severity(record, below)
    message = _message(record, below)
    name, _ = _named(record)
    unit = record.get("unit") or _unit_in(message, value) or _unit_of_name(metric)
    is_ms = entry.info in {"typescript", "ts", "javascript", "js", "json", "tsx", "jsx"}
    return AlertRule(
        line=_start(record), last=entry.last, name=name, metric=metric, op=op,
        value=_whole(value), unit=unit, severity=_canonical(raw), severity_raw=raw,
        duration_minutes=_length(record.get("duration", "for", "window"), is_ms=is_ms),
        cooldown_minutes=_length(record.get("cooldown"), is_ms=is_ms), message=message,
        format=entry.info or "object", confidence=0.85, rule="object with a threshold",
    )  # fmt: skip


def _unit_in(message: str, value: float) -> str:
    """The unit that the message gives the same number."""
    same = (each.unit for each in find_bounds(fold(message)) if each.value == value)
    return next(filter(None, same), "")


def _unit_of_name(metric: str) -> str:
    return next((unit for end, unit in _SUFFIXES if metric.lower().endswith(end)), "")


def _read_commands(entry: Entry) -> Iterator[AlertRule]:
    """``aws cloudwatch put-metric-alarm --threshold 80 ...`` over several lines."""
    command, line = "", 0
    for offset, raw in enumerate([*entry.body, ""]):
        text = raw.strip()
        if "put-metric-alarm" in text:
            command, line = "", entry.opens + offset
        if not line:
            continue
        command += " " + text.removesuffix("\\")
        if not text.endswith("\\"):
            rule = _read_options(command, line, entry)
            line = 0
            if rule is not None:
                yield rule


def _read_options(command: str, line: int, entry: Entry) -> AlertRule | None:
    record = Record("", line, 0)
    for match in _OPTION.finditer(command):
        record.values[match["key"].replace("-", "")] = (
            match["value"].strip("\"'"),
            line,
        )
    made = _read_cloudwatch(record, [], entry)
    if made is None:
        return None
    raw = record.get("alarmactions")
    hit = _SEVERITY_IN_NAME.search(raw) or _SEVERITY_IN_NAME.search(made.name)
    return AlertRule(
        **{
            key: getattr(made, key)
            for key in made.__slots__
            if key not in {"severity", "severity_raw"}
        },
        line=made.line,
        last=made.last,
        confidence=made.confidence,
        rule="alarm by command",
        severity=_canonical(hit[0]) if hit else "",
        severity_raw=hit[0] if hit else "",
    )


def _length(text: str, *, is_ms: bool = False) -> float | None:
    """Minutes of ``5m``, ``120000`` (milliseconds in code) or ``300`` (seconds)."""
    if not text:
        return None
    number = _to_float(text)
    if number is not None:
        return _whole(number / 60_000 if is_ms else number / 60)
    minutes = read_length(fold(text))
    return None if minutes is None else _whole(minutes)


def _to_float(text: str) -> float | None:
    try:
        return float(text.replace("_", "")) if text else None
    except ValueError:
        return None


def _whole(value: float) -> float:
    return int(value) if float(value).is_integer() else value
