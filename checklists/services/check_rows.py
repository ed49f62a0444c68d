"""A check as a row and as the domain sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from checklists.domain.cadence_timing import read_length
from checklists.domain.condition import Condition, parse
from checklists.domain.observation import Outcome
from checklists.domain.severity_ladder import Rung
from checklists.domain.verdict import CheckRule
from checklists.models import Check
from checklists.probes import PROBES

# Kinds that look at nothing beyond this machine: our own network says nothing
# about them.
LOCAL_KINDS = frozenset({"heartbeat", "internal", "file"})


@dataclass(frozen=True, slots=True)
class LadderRung:
    """A rung with the condition that reaches it."""

    rung: Rung
    condition: Condition


def rule_of(check: Check) -> CheckRule:
    """Return how the check is judged."""
    return CheckRule(
        interval=check.interval,
        fail_after=check.fail_after,
        recover_after=check.recover_after,
        nodata=Outcome(check.no_data),
        needs_network=check.kind not in LOCAL_KINDS,
    )


def condition_of(check: Check) -> Condition | None:
    """Return what must hold for a pass; None when the check only records."""
    if not check.condition:
        return None
    return compile_condition(check.kind, check.condition, check.unit)


def ladder_of(check: Check, levels: Mapping[str, int]) -> list[LadderRung]:
    """Return the rungs, worst first; ``levels`` are those of the service's words."""
    rungs = []
    for raw in check.ladder:
        label = raw["severity"]
        rung = Rung(label=label, level=levels.get(label, 3), hold_for=_hold(raw))
        condition = compile_condition(check.kind, raw["condition"], check.unit)
        rungs.append(LadderRung(rung, condition))
    return sorted(rungs, key=lambda part: part.rung.level)


def _hold(raw: Mapping[str, Any]) -> timedelta:
    return read_length("for", raw["for"]) if raw.get("for") else timedelta()


@lru_cache(maxsize=4096)
def compile_condition(kind: str, text: str, unit: str) -> Condition:
    """Read a condition once a process; raises ConditionError."""
    probe = PROBES[kind]
    units = {field.name: field.unit for field in probe.fields if field.unit}
    return parse(text, unit or None, units=units)
