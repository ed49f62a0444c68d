"""Reading maintenance windows."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from incidents.models import AlertMute, MaintenanceWindow
from incidents.queries.names import display_name


class WindowRow(NamedTuple):
    """One window in a list."""

    pk: int
    team_id: int
    service_name: str
    service_slug: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    announced_at: datetime | None
    created_by: str | None
    # So many alerts told nobody because of it.
    muted: int


_FIELDS = (
    "pk",
    "service__team_id",
    "service__name",
    "service__slug",
    "starts_at",
    "ends_at",
    "reason",
    "announced_at",
    display_name("created_by"),
)


def _read(windows: QuerySet[MaintenanceWindow]) -> list[WindowRow]:
    """Read windows as rows, with how many alerts each of them muted."""
    ref = Concat(Value("window:"), Cast(OuterRef("pk"), CharField()))
    mutes = AlertMute.objects.filter(kind="maintenance", ref=ref)
    counted = mutes.order_by().values("ref").annotate(n=Count("alert", distinct=True))
    count = Subquery(counted.values("n"))
    rows = windows.values_list(*_FIELDS, Coalesce(count, 0))
    return [WindowRow._make(row) for row in rows]


def in_maintenance(service_ids: Collection[int], now: datetime) -> frozenset[int]:
    """Return which of the services are in planned work at this moment."""
    return frozenset(
        MaintenanceWindow.objects.filter(
            service_id__in=service_ids, starts_at__lte=now, ends_at__gt=now
        ).values_list("service_id", flat=True)
    )


def list_windows(
    team_ids: Collection[int], now: datetime, *, past: int = 20
) -> tuple[list[WindowRow], list[WindowRow], list[WindowRow]]:
    """Return the running, the coming (soonest first) and the last ``past`` windows."""
    windows = MaintenanceWindow.objects.filter(service__team_id__in=team_ids)
    ahead = windows.filter(ends_at__gt=now).order_by("starts_at", "pk")
    rows = _read(ahead)
    over = windows.filter(ends_at__lte=now).order_by("-ends_at", "-pk")
    return (
        [row for row in rows if row.starts_at <= now],
        [row for row in rows if row.starts_at > now],
        _read(over[:past]),
    )


def get_window(team_ids: Collection[int], pk: int) -> MaintenanceWindow | None:
    """Return one window, None when it is not theirs."""
    return (
        MaintenanceWindow.objects.filter(service__team_id__in=team_ids, pk=pk)
        .select_related("service")
        .first()
    )
