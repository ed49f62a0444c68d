"""The past of a check as the API shows it."""

from datetime import datetime, timedelta

from ninja import Schema

from checklists.domain.rollup import FIVE_MINUTES, HOUR, Bucket, Spread
from checklists.queries.check_past import read_buckets
from checklists.services.planning import Planned, plan_capacity

_DAY = timedelta(days=1)
_PASTS = {
    "day": (_DAY, FIVE_MINUTES),
    "month": (30 * _DAY, HOUR),
    "years": (730 * _DAY, _DAY),
}


class SpreadOut(Schema):
    """What the numbers of one step had in common; ``p95`` as docs/checks.md says."""

    count: int
    least: float
    mean: float
    p95: float
    greatest: float


class PastStepOut(Schema):
    """One step of a check's past; looks in planned work count in ``quiet`` alone."""

    starts_at: datetime
    passed: int
    failed: int
    unknown: int
    quiet: int
    value: SpreadOut | None
    latency_ms: SpreadOut | None


class PastOut(Schema):
    """The past of a check in steps of so many seconds, without the empty ones."""

    step: int
    steps: list[PastStepOut]


class GrowthOut(Schema):
    """How a check's value grows, fitted over 90 days.

    Nine times out of ten the true growth lies between ``low`` and ``high``. The
    moments are when ``limit`` is reached if it goes on so; ``latest`` is empty for
    more than ten years, all of them when nothing is reached.
    """

    check: int
    name: str
    unit: str
    a_day: float | None
    low: float | None
    high: float | None
    limit: float | None
    expected: datetime | None
    earliest: datetime | None
    latest: datetime | None


def growth_of(service_pk: int, now: datetime) -> list[GrowthOut]:
    """Return how each check of a service grows, the soonest limit first."""
    return [_growth_out(row, now) for row in plan_capacity(service_pk, now=now)]


def _growth_out(row: Planned, now: datetime) -> GrowthOut:
    growth, reach = row.growth, row.reach
    latest = reach.latest if reach else None
    return GrowthOut(
        check=row.check.pk,
        name=row.check.name,
        unit=row.check.unit,
        a_day=growth.a_day if growth else None,
        low=growth.low if growth else None,
        high=growth.high if growth else None,
        limit=reach.limit if reach else None,
        expected=now + reach.expected * _DAY if reach else None,
        earliest=now + reach.earliest * _DAY if reach else None,
        latest=now + latest * _DAY if latest is not None else None,
    )


def show_steps(check_pk: int, span: str, now: datetime) -> PastOut:
    """Return what a check saw in a "day", a "month" or two "years"."""
    length, step = _PASTS[span]
    buckets = read_buckets(check_pk, now - length, now, step)
    return PastOut(
        step=int(step.total_seconds()), steps=[_step_out(each) for each in buckets]
    )


def _step_out(bucket: Bucket) -> PastStepOut:
    return PastStepOut(
        starts_at=bucket.starts_at,
        passed=bucket.passed,
        failed=bucket.failed,
        unknown=bucket.unknown,
        quiet=bucket.quiet,
        value=_spread_out(bucket.value),
        latency_ms=_spread_out(bucket.latency),
    )


def _spread_out(spread: Spread | None) -> SpreadOut | None:
    if spread is None:
        return None
    return SpreadOut(
        count=spread.count,
        least=spread.least,
        mean=spread.mean,
        p95=spread.high,
        greatest=spread.greatest,
    )
