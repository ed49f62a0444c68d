"""Earlier values of a check, for conditions that compare with the past."""

from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import linear_regression, median

from django.db.models import QuerySet

from checklists.models import CheckResult

# Results younger than this are all kept; of older ones the first of each hour.
RAW_KEPT = timedelta(hours=48)
_DAY = timedelta(days=1)


class CheckHistory:
    """The History of one check at one moment; reads only when it is asked, once.

    Beyond RAW_KEPT one value stands for its hour, so windows longer than that
    count one value an hour throughout: yesterday weighs as much as last week.
    """

    def __init__(self, check_pk: int, now: datetime) -> None:
        """Remember which check; nothing is read yet."""
        self._check_pk = check_pk
        self._now = now
        self._known: dict[tuple[str, timedelta], float | None] = {}

    def at(self, ago: timedelta, /) -> float | None:
        """Return the newest value at or before ``ago``."""
        return self._once("at", ago, self._read_at)

    def median(self, window: timedelta, /) -> float | None:
        """Return the median over the window, None without values."""
        return self._once("median", window, self._read_median)

    def slope(self, window: timedelta, /) -> float | None:
        """Return the change a day, fitted by least squares."""
        return self._once("slope", window, self._read_slope)

    def _once(
        self, what: str, window: timedelta, read: Callable[[timedelta], float | None]
    ) -> float | None:
        key = (what, window)
        if key not in self._known:
            self._known[key] = read(window)
        return self._known[key]

    def _read_at(self, ago: timedelta) -> float | None:
        rows = self._values().filter(scheduled_for__lte=self._now - ago)
        newest = rows.order_by("-scheduled_for").values_list("value", flat=True)
        return newest.first()

    def _read_median(self, window: timedelta) -> float | None:
        values = [value for _, value in self._points(window)]
        return median(values) if values else None

    def _read_slope(self, window: timedelta) -> float | None:
        points = self._points(window)
        days = [(at - self._now) / _DAY for at, _ in points]
        if len(set(days)) < 2:
            return None
        return linear_regression(days, [value for _, value in points]).slope

    def _points(self, window: timedelta) -> list[tuple[datetime, float]]:
        rows = (
            self._values()
            .filter(scheduled_for__gt=self._now - window, scheduled_for__lt=self._now)
            .order_by("scheduled_for")
            .values_list("scheduled_for", "value")
        )
        points = [(at, value) for at, value in rows if value is not None]
        if window <= RAW_KEPT:
            return points
        first_of: dict[datetime, tuple[datetime, float]] = {}
        for at, value in points:
            hour = at.replace(minute=0, second=0, microsecond=0)
            first_of.setdefault(hour, (at, value))
        return list(first_of.values())

    def _values(self) -> QuerySet[CheckResult]:
        # By slot, not by moment: the unique constraint's index leads there.
        return CheckResult.objects.filter(
            check_ref=self._check_pk, value__isnull=False, in_maintenance=False
        )
