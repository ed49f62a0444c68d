"""Earlier values of checks, for conditions that compare with the past.

What a batch of checks is asked is read for all of them at once: the sums of the
days, and single results since the last of those.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from statistics import linear_regression, median

from django.db.models import Q

from checklists.domain.observation import Outcome
from checklists.domain.rollup import FIVE_MINUTES, HOUR, Bucket, Look, roll_up
from checklists.models import Check, CheckDay, CheckResult
from checklists.queries.check_past import unpack

# Up to here five minutes weigh the same, in longer windows hours do.
FINE = timedelta(hours=48)
_DAY = timedelta(days=1)
_Points = list[tuple[datetime, float]]


class PastValues:
    """The past of some checks at one moment; reads only when it is asked, once.

    Each length of time that is asked for takes two queries, however many checks.
    """

    def __init__(self, check_pks: Collection[int], now: datetime) -> None:
        """Remember which checks; nothing is read yet."""
        self._pks = list(check_pks)
        self._now = now
        self._rolled: dict[int, datetime | None] | None = None
        self._read: dict[tuple[datetime, datetime, bool], dict[int, _Points]] = {}

    def points(self, check_pk: int, window: timedelta) -> _Points:
        """Return the mean values of the steps in the window that ends now."""
        found = self._between(self._now - window, self._now, is_fine=window <= FINE)
        return [
            each for each in found.get(check_pk, []) if each[0] > self._now - window
        ]

    def newest(self, check_pk: int, ago: timedelta) -> float | None:
        """Return the value of the last step that began so long ago or before.

        None when it is older by more than the same length again, or a day.
        """
        end = self._now - ago
        found = self._between(end - max(ago, _DAY), end + FIVE_MINUTES, is_fine=True)
        earlier = [value for at, value in found.get(check_pk, []) if at <= end]
        return earlier[-1] if earlier else None

    def _between(
        self, start: datetime, end: datetime, *, is_fine: bool
    ) -> dict[int, _Points]:
        key = (start, end, is_fine)
        if key not in self._read:
            self._read[key] = self._read_between(start, end, is_fine=is_fine)
        return self._read[key]

    def _read_between(
        self, start: datetime, end: datetime, *, is_fine: bool
    ) -> dict[int, _Points]:
        found: dict[int, list[Bucket]] = {pk: [] for pk in self._pks}
        days = CheckDay.objects.filter(
            check_ref__in=self._pks, on__gte=start.date(), on__lte=end.date()
        ).order_by("on")
        columns = ("check_ref_id", "on", "hours", *(["fives"] if is_fine else []))
        for pk, on, *packed in days.values_list(*columns):
            found[pk] += unpack(on, *packed)
        for pk, looks in self._read_raw(start, end).items():
            found[pk] += roll_up(looks, FIVE_MINUTES if is_fine else HOUR)
        return {
            pk: [
                (bucket.starts_at, bucket.value.mean)
                for bucket in buckets
                if bucket.value and start <= bucket.starts_at < end
            ]
            for pk, buckets in found.items()
        }

    def _read_raw(self, start: datetime, end: datetime) -> dict[int, list[Look]]:
        rolled = self._rolled_until()
        parts = [
            Q(
                check_ref__in=[pk for pk in self._pks if rolled.get(pk) == until],
                scheduled_for__gte=max(start, until) if until else start,
            )
            for until in set(rolled.values())
        ]
        rows = CheckResult.objects.filter(
            reduce(or_, parts, Q(pk__in=[])), scheduled_for__lt=end
        ).order_by("scheduled_for")
        found: dict[int, list[Look]] = {}
        for pk, at, value, is_quiet in rows.values_list(
            "check_ref_id", "scheduled_for", "value", "in_maintenance"
        ):
            look = Look(at, Outcome.PASS, value, is_quiet=is_quiet)
            found.setdefault(pk, []).append(look)
        return found

    def _rolled_until(self) -> dict[int, datetime | None]:
        if self._rolled is None:
            rows = Check.objects.filter(pk__in=self._pks)
            self._rolled = dict(rows.values_list("pk", "rolled_until"))
        return self._rolled


class CheckHistory:
    """The History of one check: what conditions ask.

    A window is known when values reach back over half of it: so a check that began
    yesterday has no baseline of a week yet.
    """

    def __init__(self, check_pk: int, past: PastValues, now: datetime) -> None:
        """Remember which check; nothing is read yet."""
        self._check_pk = check_pk
        self._past = past
        self._now = now

    def at(self, ago: timedelta, /) -> float | None:
        """Return the value that stood so long ago."""
        return self._past.newest(self._check_pk, ago)

    def median(self, window: timedelta, /) -> float | None:
        """Return the median over the window, None while too little is known."""
        points = self._known(window)
        return median(value for _, value in points) if points else None

    def slope(self, window: timedelta, /) -> float | None:
        """Return the change a day, fitted by least squares."""
        points = self._known(window)
        if len(points) < 2:
            return None
        days = [(at - self._now) / _DAY for at, _ in points]
        return linear_regression(days, [value for _, value in points]).slope

    def _known(self, window: timedelta) -> _Points:
        points = self._past.points(self._check_pk, window)
        is_enough = bool(points) and points[0][0] <= self._now - window / 2
        return points if is_enough else []
