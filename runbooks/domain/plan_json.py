"""A plan as plain data for JSON, in the shape that other programs rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from runbooks.domain.findings import (
    ON_DEMAND,
    Checklist,
    Finding,
    Item,
    Threshold,
)
from runbooks.domain.plan import Plan
from runbooks.domain.proposals import propose_bound

_KINDS: Final = (
    "thresholds", "severities", "escalation", "contacts", "procedures", "alert_rules",
    "slos", "retention", "templates", "warnings",
)  # fmt: skip


def write_plan(plan: Plan) -> dict[str, Any]:
    """The plan as one object; every entry carries line, confidence, rule and key."""
    shown: dict[str, Any] = {
        "service": plan.service,
        "title": plan.title,
        "checklists": [],
        # By no calendar, so nothing that reads the recurring lists has to tell.
        "on_demand": [],
    }
    for each in plan.checklists:
        kind = "on_demand" if each.cadence == ON_DEMAND else "checklists"
        shown[kind].append(_write_checklist(each))
    for kind in _KINDS:
        shown[kind] = [_write(each) for each in getattr(plan, kind)]
    shown["kept_apart"] = [_write(each) for each in plan.apart]
    shown["encoding"] = plan.source.encoding
    shown["repaired_lines"] = list(plan.source.repaired)
    return shown


def _write(finding: Finding) -> dict[str, Any]:
    shown = asdict(finding)
    written = {name: _plain(value) for name, value in shown.items()}
    if isinstance(finding, Threshold):
        check = propose_bound(finding)
        kind, condition = check or ("", "")
        written["check"] = {"kind": kind, "condition": condition} if check else None
    return written


def _plain(value: object) -> object:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _write_checklist(checklist: Checklist) -> dict[str, Any]:
    shown = _write(checklist)
    for name in ("weekday", "ordinal", "time_of_day"):
        shown[name] = shown[name] or None
    shown["items"] = [_write_item(item) for item in checklist.items]
    return shown


def _write_item(item: Item) -> dict[str, Any]:
    return _write(item)
