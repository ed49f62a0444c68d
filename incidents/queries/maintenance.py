"""Reading maintenance windows."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from incidents.models import MaintenanceWindow
from incidents.queries.names import display_name


class WindowRow(NamedTuple):
    """One window in a list."""

    pk: int
    team_id: int
    service_name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by: str | None


_FIELDS = (
    "pk",
    "service__team_id",
    "service__name",
    "starts_at",
    "ends_at",
    "reason",
    display_name("created_by"),
)


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
    rows = [WindowRow._make(row) for row in ahead.values_list(*_FIELDS)]
    over = windows.filter(ends_at__lte=now).order_by("-ends_at", "-pk")
    return (
        [row for row in rows if row.starts_at <= now],
        [row for row in rows if row.starts_at > now],
        [WindowRow._make(row) for row in over.values_list(*_FIELDS)[:past]],
    )


def get_window(team_ids: Collection[int], pk: int) -> MaintenanceWindow | None:
    """Return one window, None when it is not theirs."""
    return (
        MaintenanceWindow.objects.filter(service__team_id__in=team_ids, pk=pk)
        .select_related("service")
        .first()
    )
