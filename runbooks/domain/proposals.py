"""Checks that could tick an item: proposed, never taken for sure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from checklists.domain.condition import ConditionError, parse
from runbooks.domain.findings import Checklist, CheckProposal, Item, Threshold
from runbooks.domain.inline import fold
from runbooks.domain.words.subjects import Subject, find_subject, metric_key

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
_FILL: Final = re.compile(r"\{(\d+)\}")
CHOOSE: Final = "choose a threshold"


def propose_checks(
    checklists: Sequence[Checklist], thresholds: Sequence[Threshold]
) -> tuple[Checklist, ...]:
    """The checklists with a proposal on each item that some check could prove."""
    by_line = {each.line: each for each in sorted(thresholds, key=_rank, reverse=True)}
    targets = [each for each in thresholds if each.severity == "target"]
    found = []
    for checklist in checklists:
        proposals = [
            (item, propose_check(item, by_line.get(item.line), targets))
            for item in checklist.items
        ]
        items = tuple(
            replace(item, check=check) if check else item for item, check in proposals
        )
        found.append(replace(checklist, items=items))
    return tuple(found)


def _rank(each: Threshold) -> tuple[bool, int]:
    """What is right before what is wrong, and of that the mildest first."""
    return each.is_fault, _MILD.get(each.severity or "", 0)


def propose_check(
    item: Item, own: Threshold | None, targets: Sequence[Threshold]
) -> CheckProposal | None:
    """A check for one item: by its own number, its subject, or a target elsewhere.

    ``own`` is the threshold in the item's words, ``targets`` those of the runbook.
    """
    subject = find_subject(fold(item.text))
    if subject is not None and not subject.is_metric:
        return _propose_work(subject, own)
    if own is not None and own.op is not None:
        return _propose_bound(subject, own, 0.9)
    if subject is None:
        return None
    target = _find_target(item, targets)
    if target is not None:
        proposal = _propose_bound(subject, target, 0.6)
        if proposal is not None:
            return replace(proposal, note=f"the target of line {target.line}")
    return CheckProposal(
        kind=subject.kind, condition="", unit=subject.unit, confidence=0.3,
        note=CHOOSE, hint=subject.hint,
    )  # fmt: skip


def _propose_work(subject: Subject, own: Threshold | None) -> CheckProposal:
    number = own.value if own is not None and _counts_days(own) else None
    condition = _FILL.sub(
        lambda match: f"{number:g}" if isinstance(number, int | float) else match[1],
        subject.condition,
    )
    sure = 0.9 if number is not None else 0.6
    return CheckProposal(
        kind=subject.kind, condition=condition, unit=subject.unit,
        confidence=sure, hint=subject.hint,
    )  # fmt: skip


def _counts_days(own: Threshold) -> bool:
    return own.unit == "days" or (own.unit == "count" and "day" in own.metric)


def _find_target(item: Item, targets: Sequence[Threshold]) -> Threshold | None:
    key = metric_key(fold(item.text))
    same = [each for each in targets if key and metric_key(fold(each.metric)) == key]
    return same[0] if same else None


def _propose_bound(
    subject: Subject | None, bound: Threshold, confidence: float
) -> CheckProposal | None:
    unit = _UNITS.get(bound.unit or "")
    if unit is None or bound.value is None:
        return None
    if bound.is_fault:
        bound = replace(bound, op=_OPPOSITE.get(bound.op or ""))
    condition = _write(bound, unit)
    try:
        parse(condition, unit or None)
    except ConditionError:
        return None
    return CheckProposal(
        kind=subject.kind if subject else "prometheus", condition=condition, unit=unit,
        confidence=round(confidence if subject else confidence - 0.3, 2),
        hint=subject.hint if subject else "",
    )  # fmt: skip


def _write(bound: Threshold, unit: str) -> str:
    if isinstance(bound.value, tuple):
        low, high = bound.value
        return f"value between {low:.12g}{unit} and {high:.12g}{unit}"
    if bound.relative == "vs baseline":
        return f"value <= {1 + (bound.value or 0) / 100:.12g} * baseline(7d)"
    return f"value {bound.op} {bound.value:.12g}{unit}"
