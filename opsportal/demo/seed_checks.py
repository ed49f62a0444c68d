"""Checks of the demo, with what they said last."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from checklists.domain.observation import Outcome
from checklists.domain.reconcile import default_freshness
from checklists.domain.severity_ladder import LadderState
from checklists.domain.state_json import state_to_json
from checklists.domain.verdict import CheckRule, CheckState, Status, find_next_due
from checklists.models import Check, DataSource, Heartbeat, HeartbeatPing
from checklists.services.check_rows import judgement_of
from checklists.services.heartbeats import create_heartbeat
from oncall.models import Service
from opsportal.demo.seed_teams import Teams
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import BAD_SINCE, DAY, HOUR, CheckPlan, ServicePlan, Trouble
from opsportal.demo.stage import Stage, database

# A failure that is no number which moves is this old.
BAD_FOR = timedelta(minutes=52)
_OLDEST_JOB = {"peak-load-test": 20 * DAY, "benchmark": 6 * DAY}


@dataclass(frozen=True, slots=True)
class Watched:
    """A check as a row beside its line in the tables."""

    row: Check
    plan: CheckPlan
    service: ServicePlan
    is_failing: bool
    value: float | None
    said: str

    @property
    def is_shown(self) -> bool:
        """Whether an item of a checklist shows it."""
        return any(
            self.plan.slug in item.checks
            for checklist in self.service.checklists
            for item in checklist.items
        )


def seed_checks(
    services: dict[str, Service], rows: Teams, stage: Stage, now: datetime
) -> list[Watched]:
    """Make all checks and their data sources, with what was last seen of them."""
    sources = _make_sources(rows)
    checks = [
        _make_check(plan, services[service.slug], sources, stage)
        for service in SERVICES
        for plan in service.checks
    ]
    stored = Check.objects.bulk_create(checks)
    watched = [
        _watch(row, plan, service, stage, now)
        for row, (service, plan) in zip(stored, _plans(), strict=True)
    ]
    Check.objects.bulk_update((part.row for part in watched), _KEPT)
    _depend_on_health(watched)
    return watched


def seed_jobs(watched: list[Watched], now: datetime) -> dict[str, str]:
    """Give every job its address and its last reports; returns tokens by check."""
    tokens = {
        f"{part.service.slug}/{part.plan.slug}": create_heartbeat(
            part.row, by=None, now=now - 90 * DAY
        )
        for part in watched
        if part.row.kind == "heartbeat"
    }
    inboxes = {box.check_ref_id: box for box in Heartbeat.objects.all()}
    HeartbeatPing.objects.bulk_create(
        ping
        for part in watched
        if part.row.pk in inboxes
        for ping in _pings(inboxes[part.row.pk], part, now)
    )
    return tokens


def _pings(box: Heartbeat, part: Watched, now: datetime) -> Iterator[HeartbeatPing]:
    """A week of nightly jobs, or the one report of what runs seldom."""
    slug = part.plan.slug
    last = now - _OLDEST_JOB.get(slug, 6 * HOUR)
    nights = 1 if slug in _OLDEST_JOB else 7
    for night in range(nights):
        at = last - night * DAY
        yield HeartbeatPing(
            heartbeat=box, at=at - timedelta(minutes=9), kind=HeartbeatPing.Kind.START
        )
        yield HeartbeatPing(
            heartbeat=box,
            at=at,
            kind=HeartbeatPing.Kind.SUCCESS,
            exit_code=0,
            body=json.dumps(part.plan.report or {}),
        )


_KEPT = [
    "status",
    "status_since",
    "state",
    "last_value",
    "last_summary",
    "last_observed_at",
    "last_ok_at",
    "next_due_at",
]


def _plans() -> Iterator[tuple[ServicePlan, CheckPlan]]:
    for service in SERVICES:
        for plan in service.checks:
            yield service, plan


def _make_sources(rows: Teams) -> dict[tuple[str, str], DataSource]:
    """One name a service; all of them are one file of the target."""
    names = {(plan.source, s.team) for s in SERVICES for plan in s.checks}
    return {
        (name, team): DataSource.objects.create(
            team=rows.teams[team], name=name, dsn=f"sqlite://{database()}"
        )
        for name, team in sorted(names)
        if name
    }


def _make_check(
    plan: CheckPlan,
    service: Service,
    sources: dict[tuple[str, str], DataSource],
    stage: Stage,
) -> Check:
    return Check(
        service=service,
        slug=plan.slug,
        name=plan.name,
        description=plan.description,
        kind=plan.kind,
        spec=stage.fill(plan.spec),
        condition=plan.condition,
        unit=plan.unit,
        ladder=[
            dict(zip(("severity", "condition", "for"), rung, strict=False))
            for rung in plan.ladder
        ],
        data_source=sources[plan.source, service.team.slug] if plan.source else None,
        interval=plan.every,
        timeout=plan.timeout,
        freshness=plan.freshness or default_freshness(plan.kind, plan.every, DAY),
        raises_alert=plan.alerts,
        measures_uptime=plan.measures_uptime,
    )


def _watch(
    row: Check, plan: CheckPlan, service: ServicePlan, stage: Stage, now: datetime
) -> Watched:
    value = plan.value
    if plan.plays is not None:
        value = plan.plays.at(now, since=stage.made_at, seed=seed_of(service, plan))
    is_troubled = plan.plays is not None and plan.plays.trouble is not Trouble.NEVER
    is_failing = is_troubled or plan.is_failing
    condition = judgement_of(row).condition
    said = plan.seen
    if plan.plays is not None and condition is not None and "baseline" not in said:
        said = condition.describe({"value": value}, now=now) or said
    bad_for = bad_since(plan) if is_failing else timedelta()
    _write_state(row, bad_for=bad_for, value=value, said=said, now=now)
    return Watched(row, plan, service, is_failing, value, said)


def bad_since(plan: CheckPlan) -> timedelta:
    """Return for how long a check that fails has failed when the demo is loaded."""
    return (plan.plays and BAD_SINCE[plan.plays.trouble]) or BAD_FOR


def seed_of(service: ServicePlan, plan: CheckPlan) -> str:
    """Return what makes the numbers of a check move in their own way."""
    return f"{service.slug}/{plan.slug}"


def _write_state(
    row: Check, *, bad_for: timedelta, value: float | None, said: str, now: datetime
) -> None:
    seen_at = now - min(row.interval / 2, timedelta(minutes=3))
    is_failing = bool(bad_for)
    since = now - (bad_for or 90 * DAY)
    reached = judgement_of(row).rungs[-1:] if is_failing else ()
    outcome = Outcome.FAIL if is_failing else Outcome.PASS
    state = CheckState(
        status=Status(outcome.value),
        since=since,
        decided=Status(outcome.value),
        last_slot=seen_at,
        last_outcome=outcome,
        last_ok_at=since if is_failing else seen_at,
        last_fail_at=seen_at if is_failing else None,
        consecutive_pass=0 if is_failing else 40,
        consecutive_fail=4 if is_failing else 0,
        recent=(outcome,),
        episode=1 if is_failing else 0,
    )
    held = tuple(since if is_failing else None for _ in row.ladder)
    level = reached[0].rung.level if reached else None
    row.state = state_to_json(state, LadderState(held, level))
    row.status = state.status.value
    row.status_since = since
    row.last_value = value
    row.last_summary = said[:250]
    row.last_observed_at = seen_at
    row.last_ok_at = state.last_ok_at
    row.next_due_at = find_next_due(
        state, CheckRule(interval=row.interval), row.pk, now=now
    )


def _depend_on_health(watched: list[Watched]) -> None:
    """A service that does not answer at all alerts once, not for everything."""
    health = {
        part.service.slug: part.row for part in watched if part.plan.measures_uptime
    }
    through = Check.depends_on.through
    through.objects.bulk_create(
        through(from_check=part.row, to_check=health[part.service.slug])
        for part in watched
        if part.plan.alerts and not part.plan.measures_uptime
    )
