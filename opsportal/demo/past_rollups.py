"""What the checks of the demo saw in the last month, summed up."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from checklists.domain.observation import Outcome
from checklists.domain.packing import pack_day
from checklists.domain.rollup import FIVE_MINUTES, HOUR, Look, roll_up, start_of_step
from checklists.models import Check, CheckDay
from opsportal.demo.seed_checks import Watched
from opsportal.demo.shapes import DAY
from opsportal.demo.witness import Witnesses

LENGTH = 30
# The last days in steps that a chart of a day can draw.
FINE = 2
# What fills up, by the share of it that came with each day.
GROWS = {"disk-used": 0.004, "database-size": 0.002}
FINE_STEP, STEP = timedelta(minutes=10), 2 * HOUR
# What is packed says how far into its day something was, not which day.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def seed_rollups(watched: Iterable[Watched], witnesses: Witnesses) -> None:
    """Write a month of days, up to the hour before the demo is loaded."""
    until = start_of_step(witnesses.now.astimezone(UTC), HOUR)
    checks = [part.row for part in watched]
    CheckDay.objects.bulk_create(
        (day for check in checks for day in _days(check, until, witnesses)),
        batch_size=500,
    )
    Check.objects.filter(pk__in=[check.pk for check in checks]).update(
        rolled_until=until
    )


def _days(check: Check, until: datetime, witnesses: Witnesses) -> Iterator[CheckDay]:
    today = start_of_step(until, DAY)
    for age in range(LENGTH, -1, -1):
        day = today - age * DAY
        step = FINE_STEP if age < FINE else STEP
        values = tuple(
            _value_at(check, at, age, witnesses)
            for at in (day + n * step for n in range(DAY // step))
            if at < until
        )
        yield CheckDay(
            check_ref=check,
            on=day.date(),
            hours=_pack(values, step, HOUR, 8),
            fives=None if age >= FINE else _pack(values, step, FIVE_MINUTES, 4),
        )


def _value_at(
    check: Check, at: datetime, age: int, witnesses: Witnesses
) -> float | None:
    value = witnesses.value_at(check, at)
    grown = GROWS.get(check.slug)
    return value if value is None or grown is None else value * (1 - grown * age)


@cache
def _pack(
    values: tuple[float | None, ...], step: timedelta, bucket: timedelta, width: int
) -> bytes:
    """Pack a day that saw these values, one a step; most days of most checks agree."""
    looks = [
        Look(at, Outcome.PASS, value, 4.0 + (at.minute + 7 * at.hour) % 17)
        for at, value in ((_ANY_DAY + n * step, each) for n, each in enumerate(values))
    ]
    return pack_day(roll_up(looks, bucket), _ANY_DAY, bucket, width=width)
