"""Many looks at once, in one loop, with nothing that gets out.

One task a check costs six times as much, and a hundred dead targets would hold
every worker for minutes. Here they wait together.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Self, TypeVar

from checklists.domain.observation import Failure, Observation, Outcome
from checklists.probes import PROBES
from checklists.probes.failures import explain
from checklists.probes.protocol import Probe, ProbeContext, Spec
from opsportal.kit.outbound import (
    BoundSecret,
    DaemonPool,
    EgressPolicy,
    Guard,
    SecretBook,
    join,
    tls_context,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_DETAIL = 2_000
LONGEST_TIMEOUT = timedelta(seconds=10)
GRACE = timedelta(seconds=1)
MANY = 50
WAVE = 20
LAG_EVERY = 0.05
LAG_LIMIT = 0.05
BLOCKING_THREADS = 8
Secrets = Mapping[Any, Mapping[str, BoundSecret]]
NO_SECRETS: Secrets = MappingProxyType({})
NO_BOOK = SecretBook({})


@dataclass(frozen=True, slots=True)
class ProbeJob:
    """One look that is due; ``id`` is whatever the caller knows it by.

    ``scope`` is whose secrets may fill its spec, such as a team.
    """

    id: Any
    kind: str
    spec: Spec
    timeout: timedelta = LONGEST_TIMEOUT
    scope: Any = None


Lookup = Callable[[ProbeJob], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What was seen. Approximate latencies do not belong into statistics."""

    id: Any
    observation: Observation
    is_approximate: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How many at once. More than 100 in one loop measure each other.

    A look that got no turn within ``start_within`` is unknown; that keeps a batch
    inside the lease of its checks.
    """

    concurrency: int = 100
    per_host: int = 4
    spread: timedelta = timedelta(seconds=1)
    start_within: timedelta = timedelta(seconds=20)


DEFAULT_LIMITS = Limits()
PROBE_ERROR = Failure(
    Outcome.UNKNOWN, "probe_error", "The probe itself failed; see the log."
)
RUNNER_BUSY = Failure(
    Outcome.UNKNOWN, "runner_busy", "There was no free place to look in time."
)
GAVE_UP = Failure(Outcome.UNKNOWN, "timeout", "The look did not end in time.")


def no_facts(job: ProbeJob) -> Mapping[str, Any]:  # noqa: ARG001 -- Lookup
    """Know nothing: every kind that needs facts will be unknown."""
    return {}


def run_probes(
    jobs: Sequence[ProbeJob],
    *,
    now: datetime,
    policy: EgressPolicy,
    secrets: Secrets = NO_SECRETS,
    lookup: Lookup = no_facts,
    limits: Limits = DEFAULT_LIMITS,
) -> list[ProbeResult]:
    """Look at everything, and say what was seen, in the order of the jobs.

    ``secrets`` are by scope and name: those of another scope are unknown to a job.
    ``lookup(job)`` gives the facts of kinds that have ``keys_of_facts``. It is
    called here, before the loop runs, so it may read the database. Call this
    outside transactions. It raises nothing about a single job: what went wrong is
    in its observation, with code ``probe_error`` when it was a mistake of ours.
    """
    if not jobs:
        return []
    batch = _Batch(now, policy, secrets, limits)
    facts = [batch.facts_of(job, lookup) for job in jobs]
    return asyncio.run(batch.run(jobs, facts))


class _Batch:
    def __init__(
        self,
        now: datetime,
        policy: EgressPolicy,
        secrets: Secrets,
        limits: Limits,
    ) -> None:
        self._now = now
        self._started = time.monotonic()
        self._guard = Guard.of(policy)
        self._books = {scope: SecretBook(named) for scope, named in secrets.items()}
        self._limits = limits
        self._gate = asyncio.Semaphore(limits.concurrency)
        self._hosts: dict[str, asyncio.Semaphore] = {}

    def facts_of(self, job: ProbeJob, lookup: Lookup) -> Mapping[str, Any] | None:
        """The facts of a job; None when they could not be had."""
        probe = PROBES.get(job.kind)
        if probe is None or not probe.keys_of_facts:
            return {}
        try:
            return lookup(job)
        except Exception:
            log.exception("probe_facts_failed", extra={"job": str(job.id)})
            return None

    async def run(
        self, jobs: Sequence[ProbeJob], facts: Sequence[Mapping[str, Any] | None]
    ) -> list[ProbeResult]:
        """All results, marked approximate when the loop could not keep up."""
        from opsportal.kit.outbound import open_session  # noqa: PLC0415 -- slow import

        tls = tls_context(self._guard.policy.ca_file)
        async with open_session(self._guard, tls) as session, _LagMeter() as lag:
            base = ProbeContext(
                now=self._now,
                timeout=LONGEST_TIMEOUT,
                session=session,
                guard=self._guard,
                secrets=NO_BOOK,
                run_in_thread=run_in_thread,
            )
            observations = await asyncio.gather(
                *(
                    self._take_turn(
                        job,
                        base,
                        known,
                        delay=self._delay(place, len(jobs)),
                    )
                    for place, (job, known) in enumerate(zip(jobs, facts, strict=True))
                )
            )
        return [
            ProbeResult(job.id, observation, lag.worst > LAG_LIMIT)
            for job, observation in zip(jobs, observations, strict=True)
        ]

    def _delay(self, place: int, jobs: int) -> float:
        """Seconds to wait so that many jobs start in waves.

        Waves, not one by one: each time the loop wakes up costs half as much as a
        look. Small ones, or starting a wave would hold up the looks under way.
        """
        if jobs <= MANY:
            return 0.0
        return self._limits.spread.total_seconds() * (place // WAVE * WAVE) / jobs

    async def _take_turn(
        self,
        job: ProbeJob,
        base: ProbeContext,
        facts: Mapping[str, Any] | None,
        *,
        delay: float,
    ) -> Observation:
        if facts is None:
            return self._nothing(PROBE_ERROR)
        probe = PROBES.get(job.kind)
        if probe is None:
            return self._nothing(
                Failure(Outcome.UNKNOWN, "no_such_kind", f"No probe {job.kind!r}.")
            )
        if delay:
            await asyncio.sleep(delay)
        try:
            await self._start(host := _host_of(probe, job))
        except TimeoutError:
            return self._nothing(RUNNER_BUSY)
        try:
            limit = min(job.timeout, LONGEST_TIMEOUT)
            context = replace(
                base,
                now=self._moment(),
                timeout=limit,
                secrets=self._books.get(job.scope, NO_BOOK),
                facts=facts,
            )
            return await self._look(probe, job, context)
        finally:
            self._gate.release()
            if host:
                self._hosts[host].release()

    async def _start(self, host: str) -> None:
        """Wait for a turn: first at the host, so that its queue blocks nobody."""
        limit = self._limits.start_within.total_seconds()
        gates = [self._gate]
        if host:
            if host not in self._hosts:
                self._hosts[host] = asyncio.Semaphore(self._limits.per_host)
            gates.insert(0, self._hosts[host])
        held: list[asyncio.Semaphore] = []
        try:
            async with asyncio.timeout_at(self._loop_time(limit)):
                for gate in gates:
                    await gate.acquire()
                    held.append(gate)
        except BaseException:
            for gate in held:
                gate.release()
            raise

    async def _look(
        self, probe: Probe, job: ProbeJob, context: ProbeContext
    ) -> Observation:
        # Probes keep to their time themselves; this is for threads that hang.
        belt = asyncio.timeout((context.timeout + GRACE).total_seconds())
        try:
            if errors := probe.check_spec(job.spec):
                told = f"{errors[0].field}: {errors[0].message}".removeprefix(": ")
                refused = Failure(Outcome.UNKNOWN, "bad_spec", told)
                return clean(self._nothing(refused), context.secrets)
            async with belt:
                return clean(await probe.observe(job.spec, context), context.secrets)
        except TimeoutError as error:
            failure = GAVE_UP if belt.expired() else explain(error)
            return clean(self._nothing(failure or GAVE_UP), context.secrets)
        except Exception as error:
            failure = explain(error)
            if failure is None:
                log.exception(
                    "probe_error", extra={"job": str(job.id), "kind": job.kind}
                )
            return clean(self._nothing(failure or PROBE_ERROR), context.secrets)

    def _nothing(self, failure: Failure) -> Observation:
        return Observation(self._moment(), failure=failure)

    def _moment(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._started)

    def _loop_time(self, since_start: float) -> float:
        """The loop's time ``since_start`` seconds after the batch began."""
        passed = time.monotonic() - self._started
        return asyncio.get_running_loop().time() + since_start - passed


def clean(seen: Observation, secrets: SecretBook) -> Observation:
    """Take the secrets out of everything that will be kept or shown."""
    failure = seen.failure
    if failure is not None:
        message = secrets.redact(failure.message)[:MOST_DETAIL]
        failure = replace(failure, message=message)
    return replace(
        seen,
        fields=secrets.redact_value(seen.fields),
        failure=failure,
        detail=secrets.redact(seen.detail)[:MOST_DETAIL],
    )


class _LagMeter:
    """Wakes up often and notes how late the loop let it."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._due_at = float("inf")

    async def __aenter__(self) -> Self:
        """Start measuring."""
        self._task = asyncio.create_task(self._measure())
        return self

    async def __aexit__(self, *_details: object) -> None:
        """Stop measuring; the loop may be late right now."""
        self._note()
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _measure(self) -> None:
        while True:
            self._due_at = time.perf_counter() + LAG_EVERY
            await asyncio.sleep(LAG_EVERY)
            self._note()

    def _note(self) -> None:
        self.worst = max(self.worst, time.perf_counter() - self._due_at)


_pools: dict[int, DaemonPool] = {}
_pools_lock = threading.Lock()


def run_in_thread(call: Callable[[], T]) -> Awaitable[T]:
    """Run a blocking call in one of this process's eight threads for them."""
    pid = os.getpid()
    with _pools_lock:
        if pid not in _pools:
            _pools.clear()  # threads do not survive a fork
            _pools[pid] = DaemonPool(BLOCKING_THREADS, "probe")
        pool = _pools[pid]
    return join(pool.submit(call))


def _host_of(probe: Probe, job: ProbeJob) -> str:
    try:
        return probe.host_of(job.spec)
    except (AttributeError, LookupError, TypeError, ValueError):
        return ""  # the spec is wrong, and will be called so
