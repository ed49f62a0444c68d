"""What checks saw in the last two days, and when they changed in the last ninety."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from checklists.models import CheckFlip, CheckResult
from checklists.services.recording import spec_hash
from opsportal.demo.seed_checks import Watched, bad_since
from opsportal.demo.shapes import DAY, MINUTE, Outage, Trouble
from opsportal.demo.witness import Witnesses

# Raw results are kept for two days; so many are enough to draw.
KEPT = timedelta(hours=48)
STEP = timedelta(hours=1)
# For what no item shows.
LONG_STEP = timedelta(hours=3)
LENGTH = 90 * DAY
# The rule that comes and goes did so before: days ago, and for how many minutes.
EPISODES = ((2, 9), (3, 14), (5, 6), (8, 11), (9, 22), (13, 34), (16, 7), (24, 12))


def seed_results(watched: Iterable[Watched], witnesses: Witnesses) -> int:
    """Write results for the sparklines; returns how many."""
    rows = CheckResult.objects.bulk_create(
        (
            row
            for part in watched
            for row in _results(part, witnesses, spec_hash(part.row))
        ),
        batch_size=1000,
    )
    return len(rows)


def seed_flips(watched: Iterable[Watched], now: datetime) -> None:
    """Write the confirmed changes from which uptime is computed."""
    CheckFlip.objects.bulk_create(
        (flip for part in watched for flip in _flips(part, now)), batch_size=1000
    )


def outage_began(outage: Outage, now: datetime) -> datetime:
    """Return when an outage began: at no round hour, and never twice at one."""
    return now - outage.days_ago * DAY - timedelta(hours=3, minutes=outage.minutes)


def _results(part: Watched, witnesses: Witnesses, spec: str) -> Iterator[CheckResult]:
    check, now = part.row, witnesses.now
    seen_at = check.last_observed_at or now
    step = STEP if part.is_shown else LONG_STEP
    at = now - KEPT
    while at < seen_at - step:
        yield _result(part, witnesses, at, spec)
        at += step
    if part.is_failing:
        # The failure was confirmed by a second look, ten seconds after the first.
        began = now - bad_since(part.plan)
        for moment in (began, began + timedelta(seconds=10)):
            yield _bad_result(part, moment, spec)
        yield _bad_result(part, seen_at, spec)
    else:
        yield _result(part, witnesses, seen_at, spec)


def _result(
    part: Watched, witnesses: Witnesses, at: datetime, spec: str
) -> CheckResult:
    return CheckResult(
        check_ref=part.row,
        scheduled_for=at,
        observed_at=at,
        outcome="pass",
        value=witnesses.value_at(part.row, at),
        latency_ms=4 + at.minute % 17,
        summary=witnesses.say_one(part.row, at),
        spec_hash=spec,
    )


def _bad_result(part: Watched, at: datetime, spec: str) -> CheckResult:
    return CheckResult(
        check_ref=part.row,
        scheduled_for=at,
        observed_at=at,
        outcome="fail",
        value=part.value,
        latency_ms=7,
        summary=part.said,
        spec_hash=spec,
    )


def _flips(part: Watched, now: datetime) -> Iterator[CheckFlip]:
    yield _flip(part, now - LENGTH, "pending", "pass")
    for began, length in _bad_times(part, now):
        yield _flip(part, began, "pass", "fail")
        yield _flip(part, began + length, "fail", "pass")
    if part.is_failing:
        yield _flip(part, now - bad_since(part.plan), "pass", "fail")


def _bad_times(part: Watched, now: datetime) -> Iterator[tuple[datetime, timedelta]]:
    if part.plan.measures_uptime:
        for outage in part.service.outages:
            yield outage_began(outage, now), outage.minutes * MINUTE
    elif part.plan.plays and part.plan.plays.trouble is Trouble.COMES_AND_GOES:
        for days, minutes in reversed(EPISODES):
            yield now - days * DAY, minutes * MINUTE


def _flip(part: Watched, at: datetime, old: str, new: str) -> CheckFlip:
    return CheckFlip(check_ref=part.row, at=at, old_status=old, new_status=new)
