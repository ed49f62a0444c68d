"""Checks that could tick an item: proposed, never taken for sure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from checklists.domain.condition import ConditionError, parse
from runbooks.domain.findings import (
    ON_DEMAND,
    Checklist,
    CheckProposal,
    Item,
    SideCheck,
    Threshold,
)
from runbooks.domain.inline import fold
from runbooks.domain.words.subjects import Subject, find_subject, metric_key

if TYPE_CHECKING:
    from runbooks.domain.expected_answers import Answer

# Units as runbooks write them, in the check language.
_UNITS: Final = {
    "%": "%", "ms": "ms", "s": "s", "us": "us", "min": "min", "h": "h", "days": "d",
    "weeks": "w", "KB": "kB", "MB": "MB", "GB": "GB", "TB": "TB", "KiB": "KiB",
    "MiB": "MiB", "GiB": "GiB", "TiB": "TiB", "req/s": "/s", "/s": "/s",
    "req/min": "/min", "/min": "/min", "req/h": "/h", "/h": "/h", "/d": "/d",
    "count": "", "": "",
}  # fmt: skip
# What holds when a bound does not.
_OPPOSITE: Final = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_MILD: Final = {"major": 1, "critical": 2}
_UNNAMED: Final = 3
_SCALES_IN: Final = re.compile(r"scal\w+[- ]?(?:down|in)\b", re.IGNORECASE)
_FILL: Final = re.compile(r"\{(\d+)\}")
_FREE: Final = re.compile(
    r"\b(?:free|available|left|unused|idle|headroom|freie?[rs]?|libres?)\b|空闲|剩余|свободн"
)
_STABLE: Final = re.compile(r"\b(?:stable|steady|constant)\b")
# How long a period is, in days.
_DAYS: Final = {
    "weekly": 7, "biweekly": 14, "monthly": 31, "quarterly": 92, "semiannual": 183,
    "yearly": 366,
}  # fmt: skip
_WEEK: Final = 7
_AGAINST: Final = "vs baseline"
CHOOSE: Final = "choose a threshold"


def propose_checks(
    checklists: Sequence[Checklist],
    thresholds: Sequence[Threshold],
    answers: Mapping[int, Answer],
) -> tuple[Checklist, ...]:
    """The checklists with a proposal on each item that some check could prove.

    ``answers`` are what a request has to be answered with, by the line of its heading.
    """
    by_line = {each.line: each for each in sorted(thresholds, key=_rank, reverse=True)}
    limits = _Limits(thresholds)
    found = []
    for checklist in checklists:
        days = _DAYS.get(checklist.cadence, 1)
        proposals = [
            (item, _propose(item, by_line.get(item.line), limits, days, answers))
            for item in checklist.items
        ]
        if checklist.cadence == ON_DEMAND:
            proposals = [(item, _only_said(check)) for item, check in proposals]
        items = tuple(
            replace(item, check=check) if check else item for item, check in proposals
        )
        found.append(replace(checklist, items=items))
    return tuple(found)


def _only_said(check: CheckProposal | None) -> CheckProposal | None:
    """A check that says what it takes: what is done once has no threshold to choose."""
    return check if check is not None and check.condition else None


def _rank(each: Threshold) -> tuple[bool, int]:
    """What is right before what is wrong, and of that the mildest first."""
    return each.is_fault, _MILD.get(each.severity or "", 0)


def _propose(
    item: Item,
    own: Threshold | None,
    limits: _Limits,
    days: int,
    answers: Mapping[int, Answer],
) -> CheckProposal | None:
    answer = answers.get(item.line)
    if answer is not None:
        return CheckProposal(
            kind="http", condition=answer.condition, confidence=0.6, hint=answer.url
        )
    return propose_check(item, own, limits, days)


def propose_check(
    item: Item, own: Threshold | None, limits: _Limits, days: int
) -> CheckProposal | None:
    """A check for one item: by its own number, its subject, or a limit elsewhere.

    ``own`` is the threshold in the item's words, ``limits`` those of the runbook,
    ``days`` the length of the item's period.
    """
    folded = fold(item.text)
    subject = find_subject(folded)
    if subject is not None and not subject.is_metric:
        return _propose_work(subject, own, days)
    if own is not None and own.op is not None:
        return _hold_still(folded, _propose_bound(subject, own, 0.9))
    if subject is None:
        return None
    if subject.parts:
        return _propose_parts(subject, limits, days)
    limit = limits.find(metric_key(folded))
    if limit is not None:
        proposal = _propose_limit(subject, limit)
        if proposal is not None:
            return _hold_still(folded, proposal)
    return _propose_usual(subject, days)


def propose_bound(bound: Threshold) -> tuple[str, str] | None:
    """The kind and condition of a check that passes while a threshold is kept.

    None for what happens without a number, and for units that no check knows.
    """
    unit = _unit_of(bound)
    if unit is None or bound.value is None or bound.op is None:
        return None
    is_right = bound.severity == "target" or bound.where == "checklist-item"
    is_right = is_right and not bound.is_fault
    if not is_right and bound.op in _OPPOSITE:
        bound = replace(bound, op=_OPPOSITE[bound.op])
    subject = find_subject(fold(bound.metric))
    if subject is not None and not subject.is_metric and _counts_days(bound):
        proposal = _propose_work(subject, bound, 1)
        return proposal.kind, proposal.condition
    kind = subject.kind if subject and subject.is_metric else "prometheus"
    return "metrics" if bound.where == "code-comment" else kind, _write(bound, unit)


class _Limits:
    """The limits of a runbook by what they measure: targets before alerts."""

    def __init__(self, thresholds: Sequence[Threshold]) -> None:
        self._thresholds = thresholds
        self._by_key: dict[str, Threshold] | None = None

    def find(self, key: str) -> Threshold | None:
        """The target of a measure, or else its mildest alert."""
        if self._by_key is None:
            self._by_key = dict(self._read())
        return self._by_key.get(key) if key else None

    def _read(self) -> Iterator[tuple[str, Threshold]]:
        """By key, what counts most the last."""
        alerts = [each for each in self._thresholds if _is_alert(each)]
        targets = [each for each in self._thresholds if each.severity == "target"]
        alerts.sort(key=_count_grave)
        for each in (*reversed(alerts), *reversed(targets)):
            yield metric_key(fold(each.metric)), each


def _is_alert(each: Threshold) -> bool:
    is_limit = each.severity != "target" and each.where != "checklist-item"
    return is_limit and each.op in _OPPOSITE and not _SCALES_IN.search(each.metric)


def _count_grave(each: Threshold) -> int:
    return _MILD.get(each.severity, 0) if each.severity else _UNNAMED


def _propose_work(subject: Subject, own: Threshold | None, days: int) -> CheckProposal:
    number = own.value if own is not None and _counts_days(own) else None
    condition = _FILL.sub(
        lambda match: f"{number:g}" if isinstance(number, int | float) else match[1],
        _fill_days(subject.condition, days),
    )
    spec = {
        name: _fill_days(value, days) if isinstance(value, str) else value
        for name, value in subject.spec.items()
    }
    if "days" in spec:
        spec["days"] = max(_WEEK, days)
    sure = 0.9 if number is not None else 0.6
    return CheckProposal(
        kind=subject.kind, condition=condition, unit=subject.unit, confidence=sure,
        hint=subject.hint, spec=spec, is_assisted=subject.is_assisted,
        beside=tuple(SideCheck(*each) for each in subject.beside),
    )  # fmt: skip


def _fill_days(text: str, days: int) -> str:
    """``<days>`` is the period, a week at least; ``<report>`` is a day for a week's."""
    report = "24h" if days <= _WEEK else f"{days}d"
    return text.replace("<days>", f"{max(_WEEK, days)}d").replace("<report>", report)


def _counts_days(own: Threshold) -> bool:
    return own.unit == "days" or (own.unit == "count" and "day" in own.metric)


def _propose_limit(subject: Subject, limit: Threshold) -> CheckProposal | None:
    if limit.severity == "target":
        proposal, what = _propose_bound(subject, limit, 0.6), "target"
    else:
        bad = replace(limit, is_fault=True)
        what = "alert" if limit.severity else "limit"
        proposal = _propose_bound(subject, bad, 0.5)
    if proposal is None:
        return None
    return replace(proposal, note=f"the {what} of line {limit.line}")


def _propose_parts(subject: Subject, limits: _Limits, days: int) -> CheckProposal:
    """Several measures at once: each by its limit in the runbook."""
    found = []
    for name in subject.parts:
        limit = limits.find(name) or limits.find(f"database {name}")
        part = find_subject(name)
        proposal = _propose_limit(part, limit) if part and limit else None
        if proposal is not None:
            found.append(proposal)
    usual = _propose_usual(subject, days)
    if not found:
        return usual
    beside = [SideCheck(each.kind, each.condition, each.note) for each in found[1:]]
    if usual.condition:
        beside.append(SideCheck(usual.kind, usual.condition, CHOOSE))
    return replace(
        found[0], beside=tuple(beside), is_assisted=subject.is_assisted,
        hint=f"{found[0].hint}, {subject.hint}",
    )  # fmt: skip


def _propose_usual(subject: Subject, days: int) -> CheckProposal:
    """Without a number: what is usual, where there is such a thing, to choose from."""
    return CheckProposal(
        kind=subject.kind, condition=_fill_days(subject.condition, days),
        unit=subject.unit, confidence=0.3, note=CHOOSE, hint=subject.hint,
        is_assisted=subject.is_assisted,
    )  # fmt: skip


def _hold_still(folded: str, proposal: CheckProposal | None) -> CheckProposal | None:
    """A share that is to be stable moves little, and does not fill within a week."""
    if proposal is None or proposal.unit != "%" or not _STABLE.search(folded):
        return proposal
    kind = proposal.kind
    beside = (
        SideCheck(kind, "abs(delta(24h)) <= 5%", CHOOSE),
        SideCheck(kind, "days_to_full(100%, 24h) > 7d", CHOOSE),
    )
    return replace(proposal, beside=beside)


def _propose_bound(
    subject: Subject | None, bound: Threshold, confidence: float
) -> CheckProposal | None:
    unit = _unit_of(bound)
    if unit is None or bound.value is None:
        return None
    if bound.is_fault:
        bound = replace(bound, op=_OPPOSITE.get(bound.op or ""))
    condition = _write(bound, unit)
    if not _can_be_read(condition, unit):
        return None
    return CheckProposal(
        kind=subject.kind if subject else "prometheus", condition=condition, unit=unit,
        confidence=round(confidence if subject else confidence - 0.3, 2),
        hint=_find_hint(subject, bound) if subject else "",
        is_assisted=bound.relative == _AGAINST,
    )  # fmt: skip


def _find_hint(subject: Subject, bound: Threshold) -> str:
    """What to ask: what is free is no share of what is used."""
    is_free = subject.hint_free and _FREE.search(fold(bound.metric))
    return subject.hint_free if is_free else subject.hint


@lru_cache(maxsize=1024)
def _can_be_read(condition: str, unit: str) -> bool:
    try:
        parse(condition, unit or None)
    except ConditionError:
        return False
    return True


def _unit_of(bound: Threshold) -> str | None:
    """The unit of what is measured: 50 % above the usual is no share of it."""
    return "" if bound.relative == _AGAINST else _UNITS.get(bound.unit or "")


def _write(bound: Threshold, unit: str) -> str:
    if isinstance(bound.value, tuple):
        low, high = bound.value
        return f"value between {low:.12g}{unit} and {high:.12g}{unit}"
    if bound.relative == _AGAINST:
        return f"value <= {1 + (bound.value or 0) / 100:.12g} * baseline(7d)"
    return f"value {bound.op} {bound.value:.12g}{unit}"
