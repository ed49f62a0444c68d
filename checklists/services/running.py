"""The sweep that looks at every check that is due, many at once."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from incidents.queries import in_maintenance

from checklists.models import Check
from checklists.probes.engine import (
    LONGEST_TIMEOUT,
    ProbeJob,
    ProbeResult,
    run_probes,
)
from checklists.queries.facts import facts_of
from checklists.services.recording import record_results
from oncall.services.secrets import bound_secrets
from opsportal.kit.nudge import nudge
from opsportal.kit.outbound import policy_from_settings

log = logging.getLogger(__name__)

BATCH = 100
# Twice the longest look and a margin, so that a slow worker keeps its checks.
LEASE = 2 * LONGEST_TIMEOUT + timedelta(seconds=10)
CANARY = "canary"


def run_due_checks(*, now: datetime) -> int:
    """Look at up to one batch of due checks and record what was seen.

    A check is claimed by moving its lease with a token; whoever lost the token
    writes nothing. Nothing is locked while the network is asked. A full batch
    asks for the next sweep at once. Returns how many were looked at.
    """
    token = uuid.uuid4()
    checks = _claim(token, now)
    if not checks:
        return 0
    observe_and_record(checks, token=token, now=now)
    if len(checks) == BATCH:
        nudge("checklists.run_due_checks")
    return len(checks)


def verify_check(check: Check, *, now: datetime) -> Check:
    """Look at one check at once, whoever else has it; returns it as it then is.

    The result takes a slot of its own, so it is one more reading and never
    replaces one.
    """
    token = uuid.uuid4()
    Check.objects.filter(pk=check.pk).update(lease_until=now + LEASE, lease_token=token)
    observe_and_record([_load(check.pk)], token=token, now=now)
    return _load(check.pk)


def observe_and_record(
    checks: Sequence[Check], *, token: uuid.UUID, now: datetime
) -> None:
    """Look at claimed checks outside any transaction, then record it all."""
    results = _observe(checks, now)
    is_offline = _is_offline(results)
    seen = {result.id: result for result in results if result.id != CANARY}
    quiet = in_maintenance({check.service_id for check in checks}, now)
    record_results(
        checks, seen, token=token, quiet=quiet, is_offline=is_offline, now=now
    )


def _claim(token: uuid.UUID, now: datetime) -> list[Check]:
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    due = Check.objects.filter(free, is_enabled=True, next_due_at__lte=now)
    rows = due.order_by("next_due_at")
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            # Only a speed-up: the update below is what decides.
            rows = rows.select_for_update(skip_locked=True)
        keys = list(rows.values_list("pk", flat=True)[:BATCH])
        due.filter(pk__in=keys).update(lease_until=now + LEASE, lease_token=token)
    return list(_with_relations().filter(lease_token=token))


def _load(pk: int) -> Check:
    return _with_relations().get(pk=pk)


def _with_relations() -> Any:
    return Check.objects.select_related(
        "service__team", "service__schedule", "data_source"
    ).prefetch_related("depends_on", "service__severities")


def _observe(checks: Sequence[Check], now: datetime) -> list[ProbeResult]:
    facts = {check.pk: facts_of(check, now) for check in checks}

    def lookup(job: ProbeJob) -> Mapping[str, Any]:
        return facts[job.id]

    jobs = [
        ProbeJob(check.pk, check.kind, check.spec, check.timeout, check.service.team_id)
        for check in checks
    ]
    return run_probes(
        [*jobs, *_canaries()],
        now=now,
        policy=policy_from_settings(),
        secrets=bound_secrets({check.service.team_id for check in checks}),
        lookup=lookup,
    )


def _canaries() -> list[ProbeJob]:
    return [
        ProbeJob(CANARY, "tcp", {"host": host, "port": int(port)})
        for host, _, port in (
            target.rpartition(":") for target in settings.CANARY_TARGETS
        )
    ]


def _is_offline(results: Sequence[ProbeResult]) -> bool:
    """True when every canary failed: then it is our own network."""
    canaries = [result for result in results if result.id == CANARY]
    is_offline = bool(canaries) and all(
        canary.observation.failure is not None for canary in canaries
    )
    if is_offline:
        log.warning("runner_offline", extra={"targets": settings.CANARY_TARGETS})
    return is_offline
