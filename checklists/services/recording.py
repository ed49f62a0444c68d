"""Recording what a batch of checks saw: results, states, flips, alerts, ticks."""

import hashlib
import json
import logging
import math
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from checklists.domain.condition import Evaluation
from checklists.domain.observation import Failure, Observation, Outcome
from checklists.domain.severity_ladder import LadderState, climb
from checklists.domain.state_json import state_from_json, state_to_json
from checklists.domain.verdict import (
    Change,
    CheckState,
    Reading,
    Status,
    find_next_due,
    judge,
    outcome_of,
)
from checklists.models import Check, CheckFlip, CheckResult, Run, RunItem
from checklists.probes.engine import ProbeResult
from checklists.queries.history import CheckHistory, PastValues
from checklists.services.alerting import Verdict, tell_alerts
from checklists.services.check_rows import (
    BadCheck,
    Judgement,
    asks_past,
    judgement_of,
    rule_of,
)
from checklists.services.reconciling import reconcile_runs
from oncall.services.pulse import touch_runs, touch_team

log = logging.getLogger(__name__)

BAD_CHECK = "bad_check"
LONGEST_SUMMARY = 250


@dataclass(frozen=True, slots=True)
class Batch:
    """What holds for all checks of one recording.

    ``quiet`` holds the services in maintenance; ``is_offline`` says that our own
    network is down, so that nothing seen through it counts.
    """

    token: uuid.UUID
    now: datetime
    quiet: Collection[int] = ()
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """One check with its new state, not yet written."""

    check: Check
    result: CheckResult
    state: CheckState
    ladder: LadderState
    changes: tuple[Change, ...]


def record_results(
    checks: Sequence[Check], seen: Mapping[int, ProbeResult], batch: Batch
) -> None:
    """Write a batch in one transaction, then bring the open runs up to date.

    ``seen`` is by check; each check has its service with team and severities, and
    what it depends on, loaded. A check whose lease is not the batch's any more is
    left out whole. Runs follow in transactions of their own, and whatever is
    missed there shows again at the next look.
    """
    past = PastValues([check.pk for check in checks if asks_past(check)], batch.now)
    judged = [_judge(check, seen[check.pk], batch, past) for check in checks]
    teams = sorted({check.service.team_id for check in checks})
    with transaction.atomic():
        # Teams first and in one order, as everybody does who changes a team's
        # things: so no two writers wait for each other.
        for team_id in teams:
            touch_runs(team_id)
        held = _keep_held(judged, batch.token)
        CheckResult.objects.bulk_create(
            (part.result for part in held), ignore_conflicts=True
        )
        flips = [flip for part in held if (flip := _make_flip(part)) is not None]
        CheckFlip.objects.bulk_create(flips)
        for team_id in {flip.check_ref.service.team_id for flip in flips}:
            touch_team(team_id)
        _save_checks(held, batch.now)
        verdicts = [_make_verdict(part) for part in held]
        tell_alerts(verdicts, is_offline=batch.is_offline, now=batch.now)
    reconcile_runs(_find_runs(held, teams), now=batch.now)


def _keep_held(judged: Sequence[Judged], token: uuid.UUID) -> list[Judged]:
    keys = [part.check.pk for part in judged]
    rows = Check.objects.select_for_update().filter(pk__in=keys, lease_token=token)
    held = set(rows.order_by("pk").values_list("pk", flat=True))
    return [part for part in judged if part.check.pk in held]


def _judge(check: Check, seen: ProbeResult, batch: Batch, past: PastValues) -> Judged:
    rule = rule_of(check)
    judgement, observation = _read_judgement(check, seen.observation)
    history = CheckHistory(check.pk, past, batch.now)
    evaluation = evaluate(judgement, observation, now=batch.now, history=history)
    outcome, code = outcome_of(
        evaluation.outcome if evaluation else Outcome.PASS,
        rule,
        failure=observation.failure,
        is_offline=batch.is_offline,
    )
    reading = Reading(
        scheduled_for=_find_slot(check, batch.now),
        observed_at=observation.observed_at,
        outcome=outcome,
        code=code,
        in_maintenance=check.service_id in batch.quiet,
    )
    before, ladder_before = state_from_json(check.state)
    state, changes = judge(before, rule, reading)
    is_blind = observation.failure is not None or batch.is_offline
    held = [
        None
        if is_blind
        else rung.condition.holds(observation.fields, batch.now, history)
        for rung in judgement.rungs
    ]
    rungs = [rung.rung for rung in judgement.rungs]
    ladder, _ = climb(ladder_before, rungs, held, now=batch.now)
    result = _make_result(check, reading, observation, evaluation)
    result.value = find_value(judgement, observation, evaluation)
    if seen.is_approximate:
        result.latency_ms = None
    return Judged(check, result, state, ladder, changes)


def _read_judgement(
    check: Check, observation: Observation
) -> tuple[Judgement, Observation]:
    """Return what to judge by; a check that cannot be judged has seen nothing."""
    try:
        return judgement_of(check), observation
    except BadCheck as error:
        log.warning("check_not_judged", extra={"check": check.pk, "error": str(error)})
        failure = Failure(Outcome.UNKNOWN, BAD_CHECK, f"Correct the check: {error}")
        return Judgement(), replace(observation, failure=failure)


def evaluate(
    judgement: Judgement,
    observation: Observation,
    *,
    now: datetime,
    history: CheckHistory | None = None,
) -> Evaluation | None:
    """Judge what was seen; None without a condition or anything to judge."""
    if judgement.condition is None or observation.failure is not None:
        return None
    return judgement.condition.evaluate(observation.fields, now=now, history=history)


def _find_slot(check: Check, now: datetime) -> datetime:
    """Return the slot that this look is for; a look out of turn is its own."""
    due = check.next_due_at
    return due if due is not None and due <= now else now


def _make_result(
    check: Check,
    reading: Reading,
    observation: Observation,
    evaluation: Evaluation | None,
) -> CheckResult:
    latency = observation.latency
    return CheckResult(
        check_ref=check,
        scheduled_for=reading.scheduled_for,
        observed_at=reading.observed_at,
        outcome=reading.outcome.value,
        threshold=_say_threshold(evaluation),
        latency_ms=latency.total_seconds() * 1000 if latency else None,
        error_code=reading.code,
        summary=summarize(observation, evaluation),
        detail=observation.detail,
        in_maintenance=reading.in_maintenance,
        spec_hash=spec_hash(check),
    )


def find_value(
    judgement: Judgement, observation: Observation, evaluation: Evaluation | None
) -> float | None:
    """Return the one number of a look, for charts; None when it has none.

    A condition on several things has no one number: today's might be another
    than yesterday's.
    """
    found = observation.fields.get("value")
    names = judgement.condition.names if judgement.condition else ()
    if found is None and evaluation is not None and len(names) == 1:
        found = evaluation.value
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    return float(found) if math.isfinite(found) else None


def summarize(observation: Observation, evaluation: Evaluation | None) -> str:
    """Return a look in one line for people, at most 250 characters.

    What the portal counted itself says in a sentence of its own what it was.
    """
    words = observation.detail
    if observation.failure is not None:
        words = observation.failure.message
    elif evaluation is not None and "evidence" not in observation.fields:
        words = evaluation.explanation or observation.detail
    return words[:LONGEST_SUMMARY]


def _say_threshold(evaluation: Evaluation | None) -> str:
    if evaluation is None or evaluation.threshold is None:
        return ""
    return str(evaluation.threshold)[:64]


def spec_hash(check: Check) -> str:
    """Return 16 hex digits that name what exactly was looked at and wanted."""
    text = json.dumps([check.kind, check.spec, check.condition], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _make_flip(part: Judged) -> CheckFlip | None:
    if part.state.status.value == part.check.status:
        return None
    return CheckFlip(
        check_ref=part.check,
        at=part.result.observed_at,
        old_status=part.check.status,
        new_status=part.state.status.value,
        in_maintenance=part.result.in_maintenance,
    )


def _save_checks(held: Sequence[Judged], now: datetime) -> None:
    """Write all states and give the leases back, in one round trip.

    Not bulk_update: its CASE for each column is ten times slower for 1,000 rows.
    """
    rows = [_read_columns(part, now) for part in held]
    if not rows:
        return
    fields = [field for field in Check._meta.concrete_fields if field.name in rows[0]]
    sets = ", ".join(f"{field.column} = %s" for field in fields)
    table = connection.ops.quote_name(Check._meta.db_table)
    statement = (
        f"UPDATE {table} SET {sets}, lease_until = NULL, lease_token = NULL"  # noqa: S608 -- our own names
        " WHERE id = %s"
    )
    values = [
        [*(f.get_db_prep_save(row[f.name], connection) for f in fields), part.check.pk]
        for part, row in zip(held, rows, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _read_columns(part: Judged, now: datetime) -> dict[str, object]:
    check, state, result = part.check, part.state, part.result
    return {
        "status": state.status.value,
        "status_since": state.since,
        "state": state_to_json(state, part.ladder),
        "last_value": result.value,
        "last_summary": result.summary,
        "last_observed_at": result.observed_at,
        "last_ok_at": state.last_ok_at,
        "is_flapping": state.is_flapping,
        "next_due_at": find_next_due(state, rule_of(check), check.pk, now=now),
    }


def _make_verdict(part: Judged) -> Verdict:
    return Verdict(
        check=part.check,
        state=part.state,
        ladder=part.ladder,
        value=part.result.value,
        summary=part.result.summary,
        changes=part.changes,
    )


def _find_runs(held: Sequence[Judged], team_ids: Collection[int]) -> list[int]:
    """Return the open runs that do not yet show what these checks say.

    They are found by what they show and not only by what changed just now: so a
    worker that died before it told a run is made up for at the next look.
    """
    heard = [part for part in held if not part.state.in_maintenance]
    failing = [p.check.pk for p in heard if p.state.status is Status.FAIL]
    passing = [p.check.pk for p in heard if _is_passing(p)]
    unsure = {p.check.pk for p in heard} - set(failing) - set(passing)
    idle = [p.check.pk for p in heard if _has_nothing_to_do(p)]
    changed = [p.check.pk for p in heard if p.changes]
    is_open = Q(state=RunItem.State.OPEN)
    is_auto, attention = Q(source=RunItem.Source.AUTO), RunItem.Attention
    untold = (
        (is_open & ~Q(attention=attention.FAILING))
        | (Q(state=RunItem.State.DONE) & is_auto)
        | (
            Q(state=RunItem.State.DONE)
            & ~is_auto
            & ~Q(attention=attention.CONTRADICTED)
        )
    )
    may_tick = (
        ~Q(attention=attention.NONE)
        | Q(item__mode="auto", is_held=False)
        | Q(item__checks__in=idle)
    )
    # From the few open runs to their items: history makes it no longer.
    runs = Run.objects.filter(team__in=team_ids).exclude(state=Run.State.CLOSED)
    run_pks = list(runs.values_list("pk", flat=True))
    found = RunItem.objects.filter(
        Q(item__checks__in=failing) & untold
        | Q(item__checks__in=passing) & is_open & may_tick
        | Q(item__checks__in=unsure) & is_open & ~Q(attention=attention.STALE)
        | Q(item__checks__in=changed) & ~Q(state=RunItem.State.NA),
        run__in=run_pks,
    )
    asking = _find_asking(heard, run_pks)
    return sorted(asking.union(found.values_list("run_id", flat=True)))


def _find_asking(heard: Sequence[Judged], run_pks: Collection[int]) -> set[int]:
    """Return the runs that hide what these checks ask for, or show what they do not."""
    status = {part.check.pk: part.state.status.value for part in heard}
    rows = RunItem.objects.filter(item__show_if_check__in=status, run__in=run_pks)
    return {
        run
        for run, check, show_if, is_hidden in rows.values_list(
            "run_id", "item__show_if_check_id", "item__show_if", "is_hidden"
        )
        if is_hidden == (status[check] in show_if["state"])
    }


def _is_passing(part: Judged) -> bool:
    is_seen = part.state.last_outcome is Outcome.PASS
    return part.state.status is Status.PASS and is_seen


def _has_nothing_to_do(part: Judged) -> bool:
    is_idle = part.result.value == 0 and bool(part.check.spec.get("auto_when_zero"))
    return is_idle and _is_passing(part)
