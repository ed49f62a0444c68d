"""Reading alerts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from django.db.models import Q, QuerySet

from incidents.domain import severity
from incidents.domain.severity import Tone
from incidents.models import Alert, AlertEvent
from incidents.queries.names import display_name

Tab = Literal["active", "review", "history"]
_RESOLVED = Alert.Status.RESOLVED
# Among so many alerts of a service those of one metric are looked for.
_RECENT = 200
# Nobody needs to know how many more there are.
MOST_COUNTED = 1_000


class AlertRow(NamedTuple):
    """One alert as lists show it."""

    pk: int
    team_id: int
    service_id: int
    service_name: str
    service_slug: str
    summary: str
    status: str
    level: int
    severity_label: str
    metric: str
    value: str
    threshold: str
    starts_at: datetime
    last_seen_at: datetime
    event_count: int
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    reviewed_at: datetime | None
    resolved_at: datetime | None
    incident_ref: str | None
    muted_at: datetime | None
    flapping_at: datetime | None

    @property
    def severity_word(self) -> str:
        """The service's word, or the common one where it sent none."""
        return self.severity_label or severity.name_level(self.level)

    @property
    def tone(self) -> Tone:
        """The colour of its level."""
        return severity.alert_tone(self.level)

    @property
    def is_open(self) -> bool:
        """Whether it still fires."""
        return self.status != _RESOLVED


_FIELDS = (
    "pk",
    "service__team_id",
    "service_id",
    "service__name",
    "service__slug",
    "summary",
    "status",
    "level",
    "severity_label",
    "metric",
    "value",
    "threshold",
    "starts_at",
    "last_seen_at",
    "event_count",
    "acknowledged_at",
    display_name("acknowledged_by"),
    "reviewed_at",
    "resolved_at",
    "incident__ref",
    "muted_at",
    "series__flapping_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """What a list of alerts is narrowed to; empty is no limit.

    ``level`` keeps alerts at least as severe, ``text`` looks into summaries and
    metrics. ``by`` is the label whose values make groups, empty for services.
    """

    tab: Tab = "active"
    service: str = ""
    level: int = severity.MILDEST
    text: str = ""
    by: str = ""


def active_alerts(team_ids: Collection[int]) -> list[AlertRow]:
    """Return the open alerts of the teams, worst first, then newest."""
    return as_alert_rows(find_alerts(team_ids, AlertFilter()))


def count_active_alerts(team_ids: Collection[int]) -> int:
    """Return how many alerts of the teams are open."""
    alerts = Alert.objects.filter(service__team_id__in=team_ids)
    return alerts.exclude(status=_RESOLVED).count()


def find_alerts(team_ids: Collection[int], wanted: AlertFilter) -> QuerySet[Alert]:
    """Return the alerts to page through: open ones by level, others newest first."""
    found = Alert.objects.filter(service__team_id__in=team_ids, level__lte=wanted.level)
    if wanted.service:
        found = found.filter(service__slug=wanted.service)
    if wanted.text:
        found = found.filter(
            Q(summary__icontains=wanted.text) | Q(metric__icontains=wanted.text)
        )
    if wanted.tab == "active":
        return found.exclude(status=_RESOLVED).order_by(
            "service__position", "service__name", "level", "-starts_at", "-pk"
        )
    over = {"reviewed_at": None} if wanted.tab == "review" else {"status": _RESOLVED}
    return found.filter(**over).order_by("-starts_at", "-pk")


def as_alert_rows(alerts: QuerySet[Alert]) -> list[AlertRow]:
    """Read the alerts as rows, in one query."""
    return [AlertRow._make(row) for row in alerts.values_list(*_FIELDS)]


def alert_rows_of(pks: Collection[int]) -> list[AlertRow]:
    """Return the rows of these alerts, in the order asked."""
    rows = {row.pk: row for row in as_alert_rows(Alert.objects.filter(pk__in=pks))}
    return [rows[pk] for pk in pks]


def alerts_to_review(service_pk: int, since: datetime) -> list[AlertRow]:
    """Return the alerts of a service since then that nobody marked as reviewed."""
    return as_alert_rows(
        Alert.objects.filter(
            service_id=service_pk, starts_at__gte=since, reviewed_at=None
        ).order_by("-starts_at", "-pk")
    )


def count_alerts(team_ids: Collection[int]) -> tuple[int, int]:
    """Return how many alerts of the teams are open, and how many to review.

    Neither counts beyond ``MOST_COUNTED``. Two counts, because each reads its own
    partial index: history costs nothing.
    """
    alerts = Alert.objects.filter(service__team_id__in=team_ids).order_by()
    active = alerts.exclude(status=_RESOLVED)[:MOST_COUNTED].count()
    return active, alerts.filter(reviewed_at=None)[:MOST_COUNTED].count()


def get_alert(team_ids: Collection[int], pk: int) -> Alert | None:
    """Return one alert with what its page shows, None when it is not theirs."""
    return (
        Alert.objects.filter(service__team_id__in=team_ids)
        .select_related(
            "service__team",
            "series__integration",
            "incident",
            "group",
            "acknowledged_by",
            "reviewed_by",
            "resolved_by",
        )
        .filter(pk=pk)
        .first()
    )


def list_alert_events(alert_pk: int) -> QuerySet[AlertEvent]:
    """Return what became of an alert, newest first."""
    return (
        AlertEvent.objects.filter(alert_id=alert_pk)
        .select_related("actor")
        .order_by("-at", "-pk")
    )


def list_similar_alerts(alert: Alert, most: int = 5) -> list[AlertRow]:
    """Return past alerts of the same series, then recent ones of the same metric.

    Two queries that each walk an index, however long the history is.
    """
    past = Alert.objects.filter(status=_RESOLVED).order_by("-starts_at", "-pk")
    same = as_alert_rows(
        past.filter(series=alert.series_id).exclude(pk=alert.pk)[:most]
    )
    if not alert.metric:
        return same
    recent = past.filter(service=alert.service_id).exclude(series=alert.series_id)
    alike = [
        row for row in as_alert_rows(recent[:_RECENT]) if row.metric == alert.metric
    ]
    return [*same, *alike][:most]


def list_linkable_alerts(team_id: int) -> list[AlertRow]:
    """Return the team's open alerts that belong to no incident."""
    return as_alert_rows(
        Alert.objects.filter(service__team_id=team_id, incident=None)
        .exclude(status=_RESOLVED)
        .order_by("level", "-starts_at", "-pk")
    )


def teams_of_alerts(
    team_ids: Collection[int], alert_pks: Collection[int]
) -> dict[int, int]:
    """Return the team of each of those alerts that belong to the teams."""
    return dict(
        Alert.objects.filter(
            pk__in=alert_pks, service__team_id__in=team_ids
        ).values_list("pk", "service__team_id")
    )
