"""Earlier values of a check, for conditions that compare with the past."""

from datetime import datetime, timedelta
from statistics import linear_regression, median

from django.db.models import QuerySet

from checklists.models import CheckResult

_DAY = timedelta(days=1)


class CheckHistory:
    """The History of one check at one moment; reads only when it is asked."""

    def __init__(self, check_pk: int, now: datetime) -> None:
        """Remember which check; nothing is read yet."""
        self._check_pk = check_pk
        self._now = now

    def at(self, ago: timedelta, /) -> float | None:
        """Return the newest value at or before ``ago``."""
        rows = self._values().filter(observed_at__lte=self._now - ago)
        newest = rows.order_by("-observed_at").values_list("value", flat=True)
        return newest.first()

    def median(self, window: timedelta, /) -> float | None:
        """Return the median over the window, None without values."""
        values = [value for _, value in self._points(window)]
        return median(values) if values else None

    def slope(self, window: timedelta, /) -> float | None:
        """Return the change a day, fitted by least squares."""
        points = self._points(window)
        if len(points) < 2:
            return None
        days = [(at - self._now) / _DAY for at, _ in points]
        if len(set(days)) < 2:
            return None
        return linear_regression(days, [value for _, value in points]).slope

    def _points(self, window: timedelta) -> list[tuple[datetime, float]]:
        rows = self._values().filter(
            observed_at__gt=self._now - window, observed_at__lt=self._now
        )
        return [
            (at, value)
            for at, value in rows.values_list("observed_at", "value")
            if value is not None
        ]

    def _values(self) -> QuerySet[CheckResult]:
        return CheckResult.objects.filter(
            check_ref=self._check_pk, value__isnull=False, in_maintenance=False
        )
