"""Counting what happened a day, for dashboards."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from incidents.models import Alert, IngestEvent


def count_alerts_by_day(
    team_ids: Collection[int], since: datetime, now: datetime, zone: ZoneInfo
) -> dict[date, int]:
    """Return how many alerts fired on each local day from ``since`` to ``now``."""
    fired = Alert.objects.filter(
        service__team__in=team_ids, starts_at__gte=since, starts_at__lt=now
    )
    return _by_day(fired.values_list("starts_at", flat=True), since, now, zone)


def count_changes_by_day(
    team_ids: Collection[int], since: datetime, now: datetime, zone: ZoneInfo
) -> dict[date, int]:
    """Return how many changes, such as deployments, were told on each local day."""
    told = IngestEvent.objects.filter(
        integration__service__team__in=team_ids,
        kind="change",
        status=IngestEvent.Status.ACCEPTED,
        received_at__gte=since,
        received_at__lt=now,
    )
    return _by_day(told.values_list("received_at", flat=True), since, now, zone)


def count_alerts_by_service(
    team_ids: Collection[int], since: datetime, now: datetime
) -> list[tuple[str, int]]:
    """Return how many alerts each service had, most first."""
    fired = Alert.objects.filter(
        service__team__in=team_ids, starts_at__gte=since, starts_at__lt=now
    )
    rows = fired.values_list("service__name").annotate(count=Count("pk"))
    return list(rows.order_by("-count", "service__name"))


def _by_day(
    moments: Collection[datetime], since: datetime, now: datetime, zone: ZoneInfo
) -> dict[date, int]:
    counts = Counter(at.astimezone(zone).date() for at in moments)
    first = since.astimezone(zone).date()
    length = (now.astimezone(zone).date() - first).days + 1
    days = [first + timedelta(days=number) for number in range(length)]
    return {day: counts[day] for day in days}
