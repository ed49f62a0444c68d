"""A check as a row and as the domain sees it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from checklists.domain.cadence_timing import read_length
from checklists.domain.condition import Condition, parse
from checklists.domain.condition.limits import find_limits
from checklists.domain.field_error import FieldError
from checklists.domain.observation import Outcome
from checklists.domain.severity_ladder import Rung
from checklists.domain.verdict import CheckRule
from checklists.models import Check
from checklists.probes import PROBES

# Kinds that look at nothing beyond this machine: our own network says nothing
# about them.
LOCAL_KINDS = frozenset({"heartbeat", "internal", "file"})
MEDIUM = 3
_PAST = re.compile(r"\b(ago|baseline|days_to_full|delta|delta_ratio|slope)\b")
_SHORTEST = timedelta(seconds=1)


class BadCheck(Exception):  # noqa: N818 -- reads as what was found
    """A stored check that cannot be judged as it is written."""


@dataclass(frozen=True, slots=True)
class LadderRung:
    """A rung with the condition that reaches it."""

    rung: Rung
    condition: Condition


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check is judged by; without a condition it only records."""

    condition: Condition | None = None
    rungs: tuple[LadderRung, ...] = ()


def rule_of(check: Check) -> CheckRule:
    """Return how the check is judged; what makes no sense is taken as the least."""
    return CheckRule(
        interval=max(check.interval, _SHORTEST),
        fail_after=max(check.fail_after, 1),
        fail_within=_within(check),
        recover_after=max(check.recover_after, 1),
        nodata=Outcome(check.no_data),
        needs_network=check.kind not in LOCAL_KINDS,
    )


def _within(check: Check) -> int | None:
    within = check.fail_within
    return max(within, check.fail_after) if within else None


def judgement_of(check: Check) -> Judgement:
    """Return what the check is judged by, rungs worst first. Raises BadCheck.

    The check has its service with severities loaded.
    """
    levels = {word.label: word.level for word in check.service.severities.all()}
    try:
        return Judgement(condition_of(check), tuple(_read_ladder(check, levels)))
    except (FieldError, LookupError, TypeError, ValueError) as error:
        # A ConditionError is a ValueError.
        raise BadCheck(str(error)) from error


def condition_of(check: Check) -> Condition | None:
    """Return what must hold for a pass; None when the check only records."""
    if not check.condition:
        return None
    return compile_condition(check.kind, check.condition, check.unit)


def limits_of(check: Check, name: str, unit: str) -> tuple[float, ...]:
    """Return every number that condition and ladder hold a field against, in order.

    They are in ``unit``; a check that cannot be judged has none.
    """
    try:
        judgement = judgement_of(check)
    except BadCheck:
        return ()
    conditions = [rung.condition for rung in judgement.rungs]
    if judgement.condition is not None:
        conditions.append(judgement.condition)
    found = {
        limit for each in conditions for limit in find_limits(each.tree, name, unit)
    }
    return tuple(sorted(found))


def asks_past(check: Check) -> bool:
    """Say whether what the check is judged by compares with earlier values."""
    return bool(_PAST.search(f"{check.condition} {check.ladder}"))


def _read_ladder(check: Check, levels: Mapping[str, int]) -> list[LadderRung]:
    rungs = [read_rung(check.kind, check.unit, raw, levels) for raw in check.ladder]
    return sorted(rungs, key=lambda part: part.rung.level)


def read_rung(
    kind: str, unit: str, raw: Mapping[str, Any], levels: Mapping[str, int]
) -> LadderRung:
    """Read ``{"severity": "Critical", "condition": "value > 1%", "for": "5m"}``.

    ``levels`` are those of the service's words; any other word is medium. Raises
    ConditionError, FieldError or KeyError.
    """
    label = raw["severity"]
    hold = read_length("for", raw["for"]) if raw.get("for") else timedelta()
    rung = Rung(label=label, level=levels.get(label, MEDIUM), hold_for=hold)
    return LadderRung(rung, compile_condition(kind, raw["condition"], unit))


@lru_cache(maxsize=4096)
def compile_condition(kind: str, text: str, unit: str) -> Condition:
    """Read a condition once a process; raises ConditionError, KeyError for a kind."""
    probe = PROBES[kind]
    units = {field.name: field.unit for field in probe.fields if field.unit}
    return parse(text, unit or None, units=units)
