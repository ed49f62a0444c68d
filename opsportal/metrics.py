"""Figures for Prometheus, counted in the database when they are asked for."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from checklists.models import Check, Run
from incidents.models import Alert, Incident
from oncall.domain.endpoint import FAILURES_TO_PAUSE
from oncall.models import Endpoint, Notification, SweepRecord

_WAITING = (Notification.State.PENDING, Notification.State.LEASED)


class PortalCollector(Collector):
    """Everything at one moment; one query a family."""

    def __init__(self, now: datetime) -> None:
        """Remember the moment; nothing is read yet."""
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the families in a fixed order."""
        yield from self._sweeps()
        yield from self._notifications()
        yield from self._runs()
        yield from self._checks()
        yield from self._troubles()

    def _sweeps(self) -> Iterator[GaugeMetricFamily]:
        age = GaugeMetricFamily(
            "opsportal_sweep_age_seconds",
            "Since the sweep last finished.",
            labels=["sweep"],
        )
        length = GaugeMetricFamily(
            "opsportal_sweep_duration_seconds",
            "How long its last run took.",
            labels=["sweep"],
        )
        failures = GaugeMetricFamily(
            "opsportal_sweep_failures",
            "Runs of the sweep that failed so far.",
            labels=["sweep"],
        )
        for record in SweepRecord.objects.all():
            if record.finished_at is not None:
                age.add_metric([record.name], self._age(record.finished_at))
            if record.duration is not None:
                length.add_metric([record.name], record.duration.total_seconds())
            failures.add_metric([record.name], record.failures)
        yield from (age, length, failures)

    def _notifications(self) -> Iterator[GaugeMetricFamily]:
        by_state = _tally(
            "opsportal_notifications",
            "Rows of the outbox by state.",
            "state",
            Notification.objects.values_list("state").annotate(count=Count("pk")),
        )
        waiting = Notification.objects.filter(
            state__in=_WAITING, next_try_at__lte=self._now
        )
        oldest = waiting.aggregate(at=Min("next_try_at"))["at"]
        yield by_state
        yield GaugeMetricFamily(
            "opsportal_endpoints_down",
            "Receivers that have failed so often that they rest.",
            value=Endpoint.objects.filter(failures__gte=FAILURES_TO_PAUSE).count(),
        )
        yield GaugeMetricFamily(
            "opsportal_notification_queue_age_seconds",
            "How long the longest waiting message is overdue.",
            value=self._age(oldest) if oldest else 0.0,
        )

    def _runs(self) -> Iterator[GaugeMetricFamily]:
        active = Run.objects.exclude(state=Run.State.CLOSED)
        late = Q(due_at__lt=self._now)
        counts = active.aggregate(all=Count("pk"), late=Count("pk", filter=late))
        yield GaugeMetricFamily("opsportal_runs_open", "Open runs.", counts["all"])
        yield GaugeMetricFamily(
            "opsportal_runs_overdue", "Open runs past due.", counts["late"]
        )

    def _checks(self) -> Iterator[GaugeMetricFamily]:
        enabled = Check.objects.filter(is_enabled=True)
        yield _tally(
            "opsportal_checks",
            "Enabled checks by status.",
            "status",
            enabled.values_list("status").annotate(count=Count("pk")),
        )
        due = enabled.filter(next_due_at__lte=self._now)
        oldest = due.aggregate(at=Min("next_due_at"))["at"]
        yield GaugeMetricFamily(
            "opsportal_check_queue_age_seconds",
            "How long the longest waiting check is overdue.",
            value=self._age(oldest) if oldest else 0.0,
        )

    def _troubles(self) -> Iterator[GaugeMetricFamily]:
        alerts = Alert.objects.exclude(status=Alert.Status.RESOLVED)
        yield _tally(
            "opsportal_alerts",
            "Open alerts by level, 1 the gravest.",
            "level",
            alerts.order_by().values_list("level").annotate(count=Count("pk")),
        )
        incidents = Incident.objects.exclude(status__in=Incident.OVER)
        yield _tally(
            "opsportal_incidents",
            "Open incidents by level, 1 the gravest.",
            "level",
            incidents.order_by()
            .values_list("severity__level")
            .annotate(count=Count("pk")),
        )

    def _age(self, at: datetime) -> float:
        return max((self._now - at).total_seconds(), 0.0)


def write_metrics(now: datetime) -> bytes:
    """Return the text exposition of everything at ``now``."""
    registry = CollectorRegistry()
    registry.register(PortalCollector(now))
    return generate_latest(registry)


def _tally(
    name: str, help_text: str, label: str, rows: Iterable[tuple[Any, int]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, count in rows:
        family.add_metric([str(value)], count)
    return family
