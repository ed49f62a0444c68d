"""Contradictions between what was found, and what is missing or never filled in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from runbooks.domain.findings import (
    AlertRule,
    Contact,
    EscalationStep,
    Procedure,
    Severity,
    Threshold,
    Warn,
)
from runbooks.domain.inline import fold
from runbooks.domain.outline import EntryKind, Outline
from runbooks.domain.severity_words import read_minutes
from runbooks.domain.words.subjects import metric_key
from runbooks.domain.words.units import WORTH

_RPO: Final = re.compile(r"\brpo\b")
_SNAPSHOTS: Final = re.compile(
    r"\b(?P<often>hourly|daily|nightly|weekly)\b.*\b(?:snapshots?|backups?|dumps?)\b|\b(?:snapshots?|backups?)\b.*\b(?P<often2>hourly|daily|nightly|weekly)\b"
)
_COPIES: Final = re.compile("snapshot|backup|dump")
_OFTEN: Final = {"hourly": 60, "daily": 1440, "nightly": 1440, "weekly": 10_080}
_MOST: Final = 20
_BAD: Final = frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class _Limit:
    """A bound that alerts or that is aimed at, in one scale a dimension."""

    key: str
    is_upper: bool
    value: float
    written: str
    line: int
    severity: str
    source: str
    dimension: str


def lint_thresholds(
    thresholds: Sequence[Threshold],
    rules: Sequence[AlertRule],
    procedures: Sequence[Procedure],
) -> Iterator[Warn]:
    """Yield a warning where one metric has two alert limits, or alerts inside its target."""
    limits: dict[tuple[str, bool, str], list[_Limit]] = defaultdict(list)
    for limit in _limits(thresholds, rules, procedures):
        dimension = "share" if "%" in limit.written else "other"
        limits[limit.key, limit.is_upper, dimension].append(limit)
    for group in limits.values():
        # Each limit once; what a file repeats by the thousand says nothing more.
        said = {
            (each.value, each.severity, each.source): each for each in reversed(group)
        }
        yield from _compare(sorted(said.values(), key=lambda each: each.line)[:_MOST])
    yield from _inside_target(thresholds)


def _limits(
    thresholds: Sequence[Threshold],
    rules: Sequence[AlertRule],
    procedures: Sequence[Procedure],
) -> Iterator[_Limit]:
    for each in thresholds:
        if each.severity != "target" and each.where != "checklist-item":
            yield from _limit(
                each, each.severity or "", "scaling" if each.action else "threshold"
            )
    for rule in rules:
        name = fold(f"{rule.metric} {rule.message}".replace(".", " ").replace("_", " "))
        yield from _limit_of(
            metric_key(name),
            rule.op,
            rule.value,
            rule.unit,
            rule.line,
            rule.severity,
            "rule",
        )
    for procedure in procedures:
        for trigger in procedure.triggers:
            yield from _limit(trigger, "", "procedure")


def _limit(each: Threshold, severity: str, source: str) -> Iterator[_Limit]:
    if isinstance(each.value, int | float) and each.op and not each.relative:
        key = metric_key(fold(each.metric))
        yield from _limit_of(
            key, each.op, each.value, each.unit or "", each.line, severity, source
        )


def _limit_of(
    key: str, op: str, value: float, unit: str, line: int, severity: str, source: str
) -> Iterator[_Limit]:
    if key and op in {"<", "<=", ">", ">="} and unit in WORTH:
        dimension, worth = WORTH[unit]
        written = f"{op} {value:g}{unit if unit != 'count' else ''}"
        yield _Limit(
            key,
            op not in _BAD,
            value * worth,
            written,
            line,
            severity,
            source,
            dimension,
        )


def _compare(group: Sequence[_Limit]) -> Iterator[Warn]:
    """Limits of a ladder differ on purpose; those of two places should agree."""
    known = {each.value for each in group if each.source == "threshold"}
    for at, first in enumerate(group):
        for second in group[at + 1 :]:
            if _agree(first, second, known):
                continue
            yield Warn(
                line=second.line, last=second.line, kind="contradiction", rule="two limits",
                text=f"{first.key}: {second.written} here, {first.written} in line {first.line}",
                confidence=0.6,
            )  # fmt: skip


def _agree(first: _Limit, second: _Limit, known: set[float]) -> bool:
    """Whether two limits may differ without anybody having to look."""
    sources = {first.source, second.source}
    if first.value == second.value or sources == {"procedure", "scaling"}:
        return True
    if sources <= {"threshold"}:
        near = abs(first.line - second.line) < 4
        return first.severity != second.severity or near
    if "procedure" in sources:
        # It answers one step of the ladder, which one is not said.
        answer = first if first.source == "procedure" else second
        return answer.value in known
    return len(sources) == 1


def _inside_target(thresholds: Sequence[Threshold]) -> Iterator[Warn]:
    targets = {
        metric_key(fold(each.metric)): each
        for each in thresholds
        if each.severity == "target" and isinstance(each.value, int | float)
    }
    for each in thresholds:
        target = targets.get(metric_key(fold(each.metric)))
        if (
            target is None
            or each.severity == "target"
            or not metric_key(fold(each.metric))
        ):
            continue
        if (
            each.where == "checklist-item"
            or each.relative
            or not _is_inside(each, target)
        ):
            continue
        yield Warn(
            line=each.line, last=each.line, kind="contradiction", confidence=0.6,
            text=f"{each.metric} alerts at {each.op} {each.value}{each.unit}, inside its target of line {target.line}",
            rule="alert inside the target",
        )  # fmt: skip


def _is_inside(alert: Threshold, target: Threshold) -> bool:
    if not isinstance(alert.value, int | float) or not isinstance(
        target.value, int | float
    ):
        return False
    ours, theirs = WORTH.get(alert.unit or ""), WORTH.get(target.unit or "")
    if ours is None or theirs is None or ours[0] != theirs[0]:
        return False
    value, goal = alert.value * ours[1], target.value * theirs[1]
    if target.op in {"<", "<="} and alert.op in {">", ">="}:
        return value < goal
    return target.op in {">", ">="} and alert.op in {"<", "<="} and value > goal


def lint_gaps(
    thresholds: Sequence[Threshold],
    rules: Sequence[AlertRule],
    procedures: Sequence[Procedure],
) -> Iterator[Warn]:
    """Yield a warning where nobody hears of a missed target before they are paged."""
    # The first of each direction is enough, however many a file has.
    first: dict[tuple[str, str, bool], _Limit] = {}
    for limit in _limits(thresholds, rules, procedures):
        place = (*_measure_of(limit), limit.is_upper)
        first[place] = min(first.get(place, limit), limit, key=_how_soon)
    aims = {
        (*_measure_of(aim), aim.is_upper, aim.value): aim
        for each in reversed(thresholds)
        if each.severity == "target" and each.where != "checklist-item"
        for aim in _limit(each, "target", "target")
    }
    for aim in sorted(aims.values(), key=lambda each: each.line)[:_MOST]:
        places = [(*_measure_of(aim), is_upper) for is_upper in (True, False)]
        yield from _gap_after(aim, [first[each] for each in places if each in first])


def _how_soon(limit: _Limit) -> tuple[float, bool]:
    return limit.value if limit.is_upper else -limit.value, limit.severity == "critical"


def _measure_of(limit: _Limit) -> tuple[str, str]:
    # Only a database replicates, whether its metric says so or not.
    is_lag = limit.key.endswith("replication lag")
    return "replication lag" if is_lag else limit.key, limit.dimension


def _gap_after(aim: _Limit, limits: Sequence[_Limit]) -> Iterator[Warn]:
    sign = -1 if aim.is_upper else 1
    first = min(
        (
            (sign * value, limit)
            for limit in limits
            if (value := _as_missed(limit, aim)) is not None
        ),
        key=lambda found: found[0],
        default=None,
    )
    if first is None or first[1].severity != "critical":
        return
    value, page = first
    if value <= sign * aim.value:
        return
    end = page.written if page.is_upper != aim.is_upper else f"> {100 * value:g}%"
    yield Warn(
        line=page.line, last=page.line, kind="contradiction", confidence=0.5,
        text=f"{aim.key}: nothing warns between the target {aim.written} of line {aim.line} and {end}, which pages",
        rule="target and first alert",
    )  # fmt: skip


def _as_missed(limit: _Limit, aim: _Limit) -> float | None:
    """Return the limit on the scale of the target; a free share is what is not used."""
    if limit.is_upper != aim.is_upper:
        return limit.value
    is_free = aim.dimension == "share" and not aim.is_upper
    return 1 - limit.value if is_free else None


def lint_recovery(outline: Outline) -> Iterator[Warn]:
    """Yield a warning where backups are too rare for the recovery point objective."""
    lines = [each for each in outline.entries if each.kind is not EntryKind.CODE]
    objectives = [
        (each.line, minutes)
        for each in lines
        if "rpo" in each.folded
        and _RPO.search(each.folded)
        and (minutes := read_minutes(re.sub(r"\([^)]*\)", "", each.folded))) is not None
    ]
    for each in lines if objectives else ():
        is_about = _COPIES.search(each.folded)
        match = _SNAPSHOTS.search(each.folded) if is_about else None
        if not match:
            continue
        often = match["often"] or match["often2"]
        for line, minutes in objectives:
            if minutes < _OFTEN[often]:
                yield Warn(
                    line=each.line, last=each.line, kind="contradiction", confidence=0.7,
                    text=f"{often} backups cannot meet the RPO of line {line}",
                    rule="RPO and backups",
                )  # fmt: skip


def lint_people(
    contacts: Sequence[Contact],
    steps: Sequence[EscalationStep],
    severities: Sequence[Severity],
) -> Iterator[Warn]:
    """Yield warnings about blanks in contacts, gaps in the ladder, and late answers."""
    for each in contacts:
        if each.placeholder:
            yield Warn(
                line=each.line, last=each.last, kind="placeholder", rule="blank contact",
                text=f"{each.role}: {each.value} was never filled in",
            )  # fmt: skip
    delays = [
        each for each in steps if each.after_minutes is not None and not each.severity
    ]
    yield from _lint_ladder(delays)
    told = [each.after_minutes for each in delays if each.level >= 3]
    soonest = min((minutes for minutes in told if minutes), default=None)
    for severity in severities:
        answer = severity.response_minutes
        if answer and soonest is not None and soonest < answer:
            yield Warn(
                line=severity.line, last=severity.last, kind="contradiction",
                text=f"{severity.name} may be answered within {answer:g} min, but level 3 is told after {soonest:g} min",
                confidence=0.4, rule="answer and ladder",
            )  # fmt: skip


def _lint_ladder(steps: Sequence[EscalationStep]) -> Iterator[Warn]:
    for first, second in pairwise(steps):
        is_later = (second.after_minutes or 0) >= (first.after_minutes or 0)
        if second.level > first.level and not is_later:
            yield Warn(
                line=second.line, last=second.last, kind="contradiction", confidence=0.7,
                text=f"level {second.level} is told before level {first.level}",
                rule="order of the ladder",
            )  # fmt: skip
