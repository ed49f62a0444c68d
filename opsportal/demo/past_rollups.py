"""What the checks of the demo saw in the last month, summed up."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

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
FINE_STEP, STEP = timedelta(minutes=10), 2 * HOUR


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
        looks = [
            Look(at, Outcome.PASS, witnesses.value_at(check, at), 4.0 + at.minute % 17)
            for at in (day + n * step for n in range(DAY // step))
            if at < until
        ]
        yield CheckDay(
            check_ref=check,
            on=day.date(),
            hours=pack_day(roll_up(looks, HOUR), day, HOUR),
            fives=None if age >= FINE else _pack_fives(looks, day),
        )


def _pack_fives(looks: list[Look], day: datetime) -> bytes:
    return pack_day(roll_up(looks, FIVE_MINUTES), day, FIVE_MINUTES, width=4)
