"""Recording what a batch of checks saw: results, states, flips, alerts, ticks."""

import hashlib
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from checklists.domain.condition import Evaluation
from checklists.domain.observation import Observation, Outcome
from checklists.domain.severity_ladder import LadderState, Move, climb
from checklists.domain.state_json import state_from_json, state_to_json
from checklists.domain.verdict import (
    Change,
    CheckState,
    Reading,
    find_next_due,
    judge,
    outcome_of,
)
from checklists.models import Check, CheckFlip, CheckResult, Run, RunItem
from checklists.probes.engine import ProbeResult
from checklists.queries.history import CheckHistory
from checklists.services.alerting import Verdict, tell_alerts
from checklists.services.check_rows import condition_of, ladder_of, rule_of
from checklists.services.reconciling import reconcile_runs
from oncall.services.pulse import touch_team

_FLIPS = {Change.FAILED, Change.RECOVERED, Change.PASSED_FIRST, Change.BECAME_UNKNOWN}


@dataclass(frozen=True, slots=True)
class Batch:
    """What holds for all checks of one recording."""

    token: uuid.UUID
    now: datetime
    quiet: Collection[int]
    is_offline: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One check with its new state, not yet written."""

    check: Check
    result: CheckResult
    state: CheckState
    ladder: LadderState
    move: Move
    changes: tuple[Change, ...]
    is_approximate: bool


def record_results(
    checks: Sequence[Check],
    seen: Mapping[int, ProbeResult],
    *,
    token: uuid.UUID,
    quiet: Collection[int],
    is_offline: bool,
    now: datetime,
) -> None:
    """Write a batch in one transaction, then bring the open runs up to date.

    ``seen`` is by check; ``quiet`` holds the services in maintenance. A check
    whose lease is not ``token`` any more is left out whole.
    """
    batch = Batch(token, now, quiet, is_offline)
    judged = [_judge(check, seen[check.pk], batch) for check in checks]
    with transaction.atomic():
        held = _still_held(judged, token)
        CheckResult.objects.bulk_create(
            (part.result for part in held), ignore_conflicts=True
        )
        CheckFlip.objects.bulk_create(
            flip for part in held if (flip := _flip(part)) is not None
        )
        for part in held:
            _save_check(part, now)
        tell_alerts([_verdict(part) for part in held], now=now)
        for team_id in {part.check.service.team_id for part in held}:
            touch_team(team_id)
    reconcile_runs(_runs_to_reconcile(held), now=now)


def _still_held(judged: Sequence[Judged], token: uuid.UUID) -> list[Judged]:
    keys = [part.check.pk for part in judged]
    rows = Check.objects.select_for_update().filter(pk__in=keys, lease_token=token)
    held = set(rows.values_list("pk", flat=True))
    return [part for part in judged if part.check.pk in held]


def _judge(check: Check, seen: ProbeResult, batch: Batch) -> Judged:
    observation = seen.observation
    rule = rule_of(check)
    history = CheckHistory(check.pk, batch.now)
    evaluation = _evaluate(check, observation, history, batch.now)
    outcome, code = outcome_of(
        evaluation.outcome if evaluation else Outcome.PASS,
        rule,
        failure=observation.failure,
        is_offline=batch.is_offline,
    )
    reading = Reading(
        scheduled_for=_slot(check, batch.now),
        observed_at=observation.observed_at,
        outcome=outcome,
        code=code,
        in_maintenance=check.service_id in batch.quiet,
    )
    before, ladder_before = state_from_json(check.state)
    state, changes = judge(before, rule, reading)
    ladder, move = _climb(check, ladder_before, observation, outcome, batch, history)
    result = _make_result(check, reading, observation, evaluation)
    return Judged(check, result, state, ladder, move, changes, seen.is_approximate)


def _slot(check: Check, now: datetime) -> datetime:
    """Return the slot that this look is for; a look out of turn is its own."""
    due = check.next_due_at
    return due if due is not None and due <= now else now


def _evaluate(
    check: Check, observation: Observation, history: CheckHistory, now: datetime
) -> Evaluation | None:
    condition = condition_of(check)
    if condition is None or observation.failure is not None:
        return None
    return condition.evaluate(observation.fields, now=now, history=history)


def _climb(
    check: Check,
    ladder: LadderState,
    observation: Observation,
    outcome: Outcome,
    batch: Batch,
    history: CheckHistory,
) -> tuple[LadderState, Move]:
    levels = {level.label: level.level for level in check.service.severities.all()}
    rungs = ladder_of(check, levels)
    held = [
        None
        if observation.failure is not None or batch.is_offline
        else rung.condition.holds(observation.fields, batch.now, history)
        for rung in rungs
    ]
    return climb(ladder, [rung.rung for rung in rungs], held, now=batch.now)


def _make_result(
    check: Check,
    reading: Reading,
    observation: Observation,
    evaluation: Evaluation | None,
) -> CheckResult:
    latency = observation.latency
    failure = observation.failure
    words = failure.message if failure else evaluation.explanation if evaluation else ""
    value = observation.fields.get("value", evaluation.value if evaluation else None)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return CheckResult(
        check_ref=check,
        scheduled_for=reading.scheduled_for,
        observed_at=reading.observed_at,
        outcome=reading.outcome.value,
        value=float(value) if is_number else None,
        threshold=str(evaluation.threshold) if evaluation else "",
        latency_ms=latency.total_seconds() * 1000 if latency else None,
        error_code=reading.code,
        summary=(words or observation.detail)[:250],
        detail=observation.detail,
        in_maintenance=reading.in_maintenance,
        spec_hash=spec_hash(check),
    )


def spec_hash(check: Check) -> str:
    """Return 16 hex digits that name what exactly was looked at and wanted."""
    text = json.dumps([check.kind, check.spec, check.condition], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _flip(part: Judged) -> CheckFlip | None:
    if part.state.status.value == part.check.status:
        return None
    return CheckFlip(
        check_ref=part.check,
        at=part.result.observed_at,
        old_status=part.check.status,
        new_status=part.state.status.value,
        in_maintenance=part.result.in_maintenance,
    )


def _save_check(part: Judged, now: datetime) -> None:
    check, state, result = part.check, part.state, part.result
    Check.objects.filter(pk=check.pk).update(
        status=state.status.value,
        status_since=state.since,
        state=state_to_json(state, part.ladder),
        last_value=result.value,
        last_summary=result.summary,
        last_observed_at=result.observed_at,
        last_ok_at=state.last_ok_at,
        is_flapping=state.is_flapping,
        next_due_at=find_next_due(state, rule_of(check), check.pk, now=now),
        lease_until=None,
        lease_token=None,
    )


def _verdict(part: Judged) -> Verdict:
    return Verdict(
        check=part.check,
        state=part.state,
        changes=part.changes,
        move=part.move,
        value=part.result.value,
        threshold=part.result.threshold,
        summary=part.result.summary,
    )


def _runs_to_reconcile(held: Sequence[Judged]) -> list[int]:
    """Return the open runs that have something to learn from these results."""
    passing = [p.check.pk for p in held if p.result.outcome == Outcome.PASS.value]
    moved = [p.check.pk for p in held if p.result.outcome != Outcome.PASS.value]
    items = RunItem.objects.exclude(run__state=Run.State.CLOSED)
    waiting = items.filter(item__checks__in=passing, state=RunItem.State.OPEN)
    shaken = items.filter(item__checks__in=moved).exclude(state=RunItem.State.NA)
    keys = set(waiting.values_list("run_id", flat=True))
    keys |= set(shaken.values_list("run_id", flat=True))
    return sorted(keys)
