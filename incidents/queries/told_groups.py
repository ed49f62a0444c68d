"""Reading groups of alerts that are told together."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from incidents.domain.told_groups import say_shared
from incidents.models import Alert, AlertGroup, AlertGrouping
from incidents.queries.alerts import AlertRow, as_alert_rows
from oncall.models import Service

MOST_SHOWN = 200


class GroupRow(NamedTuple):
    """One group in a list."""

    pk: int
    service_name: str
    shared: list[list[str]]
    opened_at: datetime
    closed_at: datetime | None
    told_at: datetime | None
    alert_count: int

    @property
    def words(self) -> str:
        """What its alerts share, as one line."""
        return say_shared(self.shared)


class GroupingRow(NamedTuple):
    """A service, and how its alerts are grouped; None: they are not."""

    service: Service
    grouping: AlertGrouping | None

    @property
    def words(self) -> str:
        """The labels, as one line."""
        if self.grouping is None:
            return ""
        return ", ".join(self.grouping.labels) or "all alerts of the service"


_FIELDS = (
    *("pk", "service__name", "shared", "opened_at", "closed_at", "told_at"),
    "alert_count",
)


def group_rows(team_ids: Collection[int]) -> QuerySet[AlertGroup, tuple[Any, ...]]:
    """Return all groups of the teams as rows for GroupRow, the newest first."""
    return groups_of(team_ids).values_list(*_FIELDS)


def groups_of(team_ids: Collection[int]) -> QuerySet[AlertGroup]:
    """Return all groups of the teams, the newest first."""
    rows = AlertGroup.objects.filter(service__team__in=team_ids)
    return rows.select_related("service__team").order_by("-opened_at", "-pk")


def get_group(team_ids: Collection[int], pk: int) -> AlertGroup | None:
    """Return one group, None when it is not theirs."""
    return groups_of(team_ids).filter(pk=pk).first()


def alerts_of_group(group_pk: int) -> list[AlertRow]:
    """Return its alerts: open ones first, the worst before others; at most 200."""
    rows = Alert.objects.filter(group=group_pk)
    is_open = rows.exclude(status=Alert.Status.RESOLVED).order_by("level", "pk")
    over = rows.filter(status=Alert.Status.RESOLVED).order_by("-resolved_at", "-pk")
    found = as_alert_rows(is_open[:MOST_SHOWN])
    return found + as_alert_rows(over[: MOST_SHOWN - len(found)])


def speakers_of(group_pk: int) -> set[int]:
    """Return the alerts that speak, or spoke, for a group."""
    rows = Alert.objects.filter(group=group_pk, speaks_at__isnull=False)
    return set(rows.values_list("pk", flat=True))


def count_open(group_pk: int) -> int:
    """Return how many of its alerts are open."""
    rows = Alert.objects.filter(group=group_pk)
    return rows.exclude(status=Alert.Status.RESOLVED).count()


def list_groupings(team_ids: Collection[int]) -> list[GroupingRow]:
    """Return the services of the teams by name, each with how it groups."""
    services = Service.objects.filter(team__in=team_ids).select_related("team")
    found = {
        row.service_id: row
        for row in AlertGrouping.objects.filter(service__team__in=team_ids)
    }
    return [
        GroupingRow(each, found.get(each.pk))
        for each in services.order_by("name", "pk")
    ]


def get_grouping(service: Service) -> AlertGrouping | None:
    """Return how a service groups its alerts, None when it does not."""
    return AlertGrouping.objects.filter(service=service).first()
