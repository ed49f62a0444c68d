"""Uptime, computed from confirmed changes of status and never from samples."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from checklists.domain.downtime import Span, down_spans, overlap
from checklists.models import Check, CheckFlip


@dataclass(frozen=True, slots=True)
class DayUptime:
    """One local day of one check or service."""

    on: date
    down: timedelta
    watched: timedelta

    @property
    def percent(self) -> float | None:
        """Share of the watched time that was up; None when nothing was watched."""
        if not self.watched:
            return None
        return 100 * (1 - self.down / self.watched)


def downtime_of(check: Check, start: datetime, end: datetime) -> timedelta:
    """Return how long the check was failing in [start, end)."""
    spans = spans_by_check([check.pk], start, end)[check.pk]
    return sum((span.end - span.start for span in spans), timedelta())


def watched_since(check_pk: int) -> datetime | None:
    """Return when the status of a check was first confirmed."""
    flips = CheckFlip.objects.filter(check_ref=check_pk).order_by("at", "pk")
    return flips.values_list("at", flat=True).first()


def spans_by_check(
    check_pks: Iterable[int], start: datetime, end: datetime
) -> dict[int, list[Span]]:
    """Return the failing spans of each check within [start, end); two queries."""
    pks = list(check_pks)
    flips = CheckFlip.objects.filter(check_ref__in=pks, at__lt=end)
    inside = flips.filter(at__gte=start).order_by("at", "pk")
    rows: dict[int, list[tuple[datetime, str]]] = {pk: [] for pk in pks}
    for pk, at, status in inside.values_list("check_ref_id", "at", "new_status"):
        rows[pk].append((at, status))
    first = _status_at(pks, start)
    return {pk: down_spans(first.get(pk, ""), rows[pk], start, end) for pk in pks}


def _status_at(check_pks: list[int], at: datetime) -> dict[int, str]:
    """Return the status that each check had just before ``at``."""
    earlier = CheckFlip.objects.filter(check_ref__in=check_pks, at__lt=at)
    rows = earlier.order_by("at", "pk").values_list("check_ref_id", "new_status")
    return dict(rows)  # the last of each check stays


def days_of(
    spans: Iterable[Span],
    *,
    zone: ZoneInfo,
    since: datetime,
    first_on: date,
    now: datetime,
) -> list[DayUptime]:
    """Cut failing spans into local days from ``first_on`` to today.

    ``since`` is when watching began: days before it have nothing watched.
    """
    listed = list(spans)
    days = []
    today = now.astimezone(zone).date()
    for number in range((today - first_on).days + 1):
        on = first_on + timedelta(days=number)
        start = max(_midnight(on, zone), since)
        end = min(_midnight(on + timedelta(days=1), zone), now)
        watched = max(end - start, timedelta())
        down = sum((overlap(span, start, end) for span in listed), timedelta())
        days.append(DayUptime(on, min(down, watched), watched))
    return days


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone)
