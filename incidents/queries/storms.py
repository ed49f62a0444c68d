"""Reading storms."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.timezone import localtime

from incidents.domain.storm import find_start
from incidents.models import Alert, Storm
from incidents.queries.alerts import AlertRow, as_alert_rows

MOST_SHOWN = 10


class StormRow(NamedTuple):
    """A running storm, as banners show it."""

    pk: int
    service_name: str
    began_at: datetime
    alert_count: int

    @property
    def words(self) -> str:
        """One sentence, with the beginning on the viewer's clock."""
        return (
            f"Alert storm on {self.service_name}: {self.alert_count} alerts since "
            f"{localtime(self.began_at):%H:%M}. They are told together, once a minute."
        )


class StormLine(NamedTuple):
    """A storm in the list."""

    pk: int
    service_name: str
    team_name: str
    began_at: datetime
    ended_at: datetime | None
    alert_count: int
    most_a_minute: int
    common: list[tuple[str, str, int]]
    incident_ref: str | None

    @property
    def length(self) -> timedelta | None:
        """How long it lasted, None while it runs."""
        return None if self.ended_at is None else self.ended_at - self.began_at

    @property
    def sign(self) -> str:
        """The label that most of its alerts shared."""
        return "=".join(map(str, self.common[0][:2])) if self.common else ""


def storm_lines(team_ids: Collection[int]) -> QuerySet[Storm, tuple[Any, ...]]:
    """Return all storms of the teams as rows for StormLine, the newest first."""
    rows = Storm.objects.filter(service__team__in=team_ids).order_by("-began_at", "-pk")
    return rows.values_list(
        *("pk", "service__name", "service__team__name", "began_at", "ended_at"),
        *("alert_count", "most_a_minute", "common", "incident__ref"),
    )


def running_storms(team_ids: Collection[int]) -> list[StormRow]:
    """Return the storms of the teams that are not over, the newest first."""
    rows = Storm.objects.filter(service__team__in=team_ids, ended_at=None)
    return [
        StormRow._make(row)
        for row in rows.values_list("pk", "service__name", "began_at", "alert_count")
    ]


def list_storms(team_ids: Collection[int]) -> QuerySet[Storm]:
    """Return all storms of the teams, the newest first, with what they show."""
    return Storm.objects.filter(service__team__in=team_ids).select_related(
        "service__team",
        "culprit__integration__service",
        "sender__service",
        "incident",
        "cooled_by",
    )


def get_storm(team_ids: Collection[int], pk: int) -> Storm | None:
    """Return one storm, None when it is not theirs."""
    return list_storms(team_ids).filter(pk=pk).first()


def alerts_of_storm(storm_pk: int) -> list[AlertRow]:
    """Return the worst of the alerts that it keeps mute, at most ten."""
    rows = Alert.objects.filter(storm=storm_pk).order_by("level", "-pk")
    return as_alert_rows(rows[:MOST_SHOWN])


def opened_in(storm: Storm) -> QuerySet[Alert]:
    """Return all that opened in a storm, also what told by itself or is mute no more."""
    start = find_start(storm.began_at)
    rows = Alert.objects.filter(service=storm.service_id, opened_at__gt=start)
    return rows.filter(opened_at__lte=storm.ended_at) if storm.ended_at else rows


def count_firing(storm: Storm) -> int:
    """Return how many of its alerts fire."""
    return opened_in(storm).exclude(status="resolved").count()
