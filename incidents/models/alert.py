"""Alerts: a series is the problem, an alert is one time that it happened."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.models.integration import Integration
from oncall.models import Service


class AlertSeries(models.Model):
    """Everything that ever came with one dedup key."""

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="series"
    )
    dedup_key = models.CharField(max_length=255)
    # The newest episode that the sender said began, and that it said is over, by
    # the sender's own start times: what comes out of order changes nothing.
    fired_at_source = models.DateTimeField(null=True, blank=True)
    ended_at_source = models.DateTimeField(null=True, blank=True)
    # It tells at most once in so long; empty: as its sender, zero: no limit.
    cooldown = models.DurationField(null=True, blank=True)
    # When its last alerts opened and were resolved, as far as that decides.
    changes = models.JSONField(default=list, blank=True)
    flapping_at = models.DateTimeField(null=True, blank=True)
    # When to look whether it is stable, and when it is told how often it changed.
    flapping_look_at = models.DateTimeField(null=True, blank=True)
    digest_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "alert series"
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "dedup_key"], name="incidents_series_key"
            )
        ]
        indexes = [
            models.Index(
                fields=["flapping_look_at"],
                name="incidents_series_flapping",
                condition=Q(flapping_look_at__isnull=False),
            ),  # read by watch_flapping
        ]

    def __str__(self) -> str:
        return self.dedup_key


class Alert(models.Model):
    """One episode of a series, from firing to resolved."""

    class Status(models.TextChoices):
        FIRING = "firing", "Firing"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        RESOLVED = "resolved", "Resolved"

    series = models.ForeignKey(
        AlertSeries, on_delete=models.CASCADE, related_name="alerts"
    )
    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="alerts"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.FIRING)
    severity_label = models.CharField(max_length=32, blank=True)
    level = models.PositiveSmallIntegerField(default=3)
    peak_level = models.PositiveSmallIntegerField(default=3)
    summary = models.CharField(max_length=1024)
    description = models.TextField(blank=True)
    metric = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=64, blank=True)
    threshold = models.CharField(max_length=64, blank=True)
    labels = models.JSONField(default=dict, blank=True)
    source_url = models.CharField(max_length=500, blank=True)
    starts_at = models.DateTimeField()
    # When the portal heard of it first, whatever its sender says.
    opened_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Somebody looked at it afterwards: what "review overnight alerts" means.
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    resolved_how = models.CharField(max_length=16, blank=True)
    event_count = models.PositiveIntegerField(default=1)
    # A sender that repeats itself has not confirmed it since: then it is over.
    expires_at = models.DateTimeField(null=True, blank=True)
    # It has lasted long enough to tell; empty: it had when it opened.
    held_at = models.DateTimeField(null=True, blank=True)
    # Its sender said that it is over: then it is, unless it fires again before.
    clears_at = models.DateTimeField(null=True, blank=True)
    # Same on all rungs of one ladder of thresholds; empty without a metric.
    ladder_key = models.CharField(max_length=32, blank=True)
    # It tells nobody since then; the grounds are its mutes.
    muted_at = models.DateTimeField(null=True, blank=True)
    # When to look again at the grounds; empty: when another alert changes.
    muted_until = models.DateTimeField(null=True, blank=True)
    incident = models.ForeignKey(
        "incidents.Incident",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="alerts",
    )
    # It is told in the summaries of that storm.
    storm = models.ForeignKey(
        "incidents.Storm",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="alerts",
        db_index=False,
    )
    # It is told with that group, unless it speaks for it since then.
    group = models.ForeignKey(
        "incidents.AlertGroup",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="alerts",
        db_index=False,
    )
    speaks_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["level", "-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["series"],
                condition=~Q(status="resolved"),
                name="incidents_one_open_alert_a_series",
            ),
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | (~Q(status="resolved") & Q(resolved_at__isnull=True)),
                name="incidents_alert_resolved_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["service", "level"],
                name="incidents_alert_open",
                condition=~Q(status="resolved"),
            ),  # read by every page that shows active alerts
            models.Index(fields=["service", "-starts_at"], name="incidents_alert_time"),
            models.Index(
                fields=["-starts_at", "-id"], name="incidents_alert_newest"
            ),  # read by the history of all services together
            models.Index(
                fields=["service", "-starts_at"],
                name="incidents_alert_review",
                condition=Q(reviewed_at__isnull=True),
            ),  # read by the list of alerts to review and the check of it
            models.Index(
                fields=["expires_at"],
                name="incidents_alert_expiry",
                condition=Q(expires_at__isnull=False) & ~Q(status="resolved"),
            ),  # read by end_overdue_alerts
            models.Index(
                fields=["clears_at"],
                name="incidents_alert_clearing",
                condition=Q(clears_at__isnull=False) & ~Q(status="resolved"),
            ),  # read by end_overdue_alerts
            models.Index(
                fields=["service", "ladder_key"],
                name="incidents_alert_ladder",
                condition=~Q(ladder_key="") & ~Q(status="resolved"),
            ),  # read whenever an alert with a metric opens, changes or ends
            models.Index(
                fields=["muted_until"],
                name="incidents_alert_muted",
                condition=Q(muted_until__isnull=False) & ~Q(status="resolved"),
            ),  # read by settle_mutes
            models.Index(
                fields=["service", "-opened_at"], name="incidents_alert_opened"
            ),  # read by gather_storm
            models.Index(
                fields=["storm"],
                name="incidents_alert_storm",
                condition=Q(storm__isnull=False),
            ),  # read by watch_storms
            models.Index(
                fields=["group"],
                name="incidents_alert_group",
                condition=Q(group__isnull=False),
            ),  # read by watch_groups
        ]

    def __str__(self) -> str:
        return self.summary


class AlertEvent(models.Model):
    """What became of an alert: fired, rose, acknowledged, noted, resolved."""

    # It was its turn to tell, whether or not the team has a channel for it.
    TELLING = ("told", "untold")
    # Nothing of it waits to be told: it was, or it is for the log alone.
    SETTLED = (*TELLING, "logged")

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["alert", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
