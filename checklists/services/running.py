"""The sweep that looks at every check that is due, many at once."""

import logging
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Prefetch, Q, QuerySet

from checklists.models import Check, DataSource
from checklists.probes.engine import (
    GRACE,
    LONGEST_TIMEOUT,
    Limits,
    ProbeJob,
    ProbeResult,
    run_probes,
)
from checklists.probes.spec import split_host_port
from checklists.queries.facts import facts_of
from checklists.services.recording import Batch, record_results
from incidents.queries import in_maintenance
from oncall.services.secrets import bound_secrets
from opsportal.kit.nudge import nudge
from opsportal.kit.outbound import policy_from_settings

log = logging.getLogger(__name__)

BATCH = 500
# Waiting costs nothing: dead targets must not hold the places of the living.
LIMITS = Limits(concurrency=BATCH, start_within=timedelta(seconds=8))
# For reading what is known before a look and for writing down what was seen.
MARGIN = timedelta(seconds=8)
CANARY = "canary"
CANARY_PORT = 443
CANARY_TIMEOUT = timedelta(seconds=5)
# A canary that we may not or cannot ask says nothing about our network.
NOT_ASKED = frozenset({"bad_spec", "egress_denied", "probe_error", "runner_busy"})


def run_due_checks(*, now: datetime) -> int:
    """Look at up to one batch of due checks and record what was seen.

    A check is claimed by moving its lease with a token; whoever lost the token
    writes nothing. Nothing is locked while the network is asked. A full batch
    asks for the next sweep at once. A look that was missed is not made up for:
    the next one follows. Returns how many were looked at.
    """
    token = uuid.uuid4()
    checks = _claim(token, now)
    if not checks:
        return 0
    if len(checks) == BATCH:
        # Another worker takes the next ones while this one waits for answers.
        nudge("checklists.run_due_checks")
    observe_and_record(checks, token=token, now=now)
    return len(checks)


def verify_check(check_pk: int, *, now: datetime) -> Check:
    """Look at one check at once, whoever else has it; returns it as it then is.

    The result takes a slot of its own, so it is one more reading and never
    replaces one. Raises Check.DoesNotExist.
    """
    token = uuid.uuid4()
    mine = Check.objects.filter(pk=check_pk)
    mine.update(lease_until=now + lease_for([LONGEST_TIMEOUT]), lease_token=token)
    observe_and_record([_load(mine).get()], token=token, now=now)
    return _load(mine).get()


def observe_and_record(
    checks: Sequence[Check], *, token: uuid.UUID, now: datetime
) -> None:
    """Look at claimed checks outside any transaction, then record it all."""
    results = observe([*_jobs(checks), *_canaries()], checks, now=now)
    is_offline = _is_offline(results)
    seen = {result.id: result for result in results if result.id != CANARY}
    batch = Batch(
        token=token,
        # Looking took its time; nothing is recorded before it was seen.
        now=max(now, *(result.observation.observed_at for result in results)),
        quiet=in_maintenance({check.service_id for check in checks}, now),
        is_offline=is_offline,
    )
    record_results(checks, seen, batch)


def observe(
    jobs: Sequence[ProbeJob], checks: Iterable[Check], *, now: datetime
) -> list[ProbeResult]:
    """Look at things by the one guarded way: egress policy, bound secrets, limits.

    ``checks`` are those behind the jobs, for what the portal knows itself.
    """
    by_pk = {check.pk: check for check in checks}

    def lookup(job: ProbeJob) -> Mapping[str, Any]:
        return facts_of(by_pk[job.id], now)

    return run_probes(
        jobs,
        now=now,
        policy=policy_from_settings(),
        secrets=bound_secrets({job.scope for job in jobs if job.scope is not None}),
        lookup=lookup,
        limits=LIMITS,
    )


def job_of(check: Check) -> ProbeJob:
    """Return the look that a check asks for; its team's secrets may fill it."""
    return ProbeJob(
        check.pk, check.kind, check.spec, check.timeout, check.service.team_id
    )


def lease_for(timeouts: Iterable[timedelta]) -> timedelta:
    """Return the longest that a batch can take; whoever is quiet for longer died.

    As short as that: until it ends nobody else looks at the checks of the dead.
    """
    longest = min(max(timeouts, default=CANARY_TIMEOUT), LONGEST_TIMEOUT)
    return LIMITS.start_within + max(longest, CANARY_TIMEOUT) + GRACE + MARGIN


def _claim(token: uuid.UUID, now: datetime) -> list[Check]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    due = Check.objects.filter(free, is_enabled=True, next_due_at__lte=now)
    rows = due.order_by("next_due_at")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            # Only a speed-up: the update below is what decides.
            rows = rows.select_for_update(skip_locked=True)
        timeouts = dict(rows.values_list("pk", "timeout")[:BATCH])
        due.filter(pk__in=timeouts).update(
            lease_until=now + lease_for(timeouts.values()), lease_token=token
        )
    return list(_load(Check.objects.filter(pk__in=timeouts, lease_token=token)))


def _load(checks: QuerySet[Check]) -> QuerySet[Check]:
    """Add what recording and facts read; a DSN is only decrypted where it is used.

    Prefetched and not joined, so that the checks of a service share its row.
    """
    return checks.prefetch_related(
        "service__team",
        "service__severities",
        "depends_on",
        Prefetch("data_source", DataSource.objects.defer("dsn")),
    )


def _jobs(checks: Iterable[Check]) -> list[ProbeJob]:
    return [job_of(check) for check in checks]


def _canaries() -> list[ProbeJob]:
    jobs = []
    for target in settings.CANARY_TARGETS:
        host, port = split_host_port(target, CANARY_PORT)
        spec = {"host": host, "port": port}
        jobs.append(ProbeJob(CANARY, "tcp", spec, CANARY_TIMEOUT))
    return jobs


def _is_offline(results: Iterable[ProbeResult]) -> bool:
    """True when every canary that could be asked failed: then it is our network."""
    failures = [result.observation.failure for result in results if result.id == CANARY]
    asked = [each for each in failures if each is None or each.code not in NOT_ASKED]
    is_offline = bool(asked) and all(asked)
    if is_offline:
        log.warning("runner_offline", extra={"targets": settings.CANARY_TARGETS})
    return is_offline
