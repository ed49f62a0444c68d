"""Where alerts come from, and what came."""

from django.db import models
from django.db.models import Q

from oncall.models import Service
from opsportal.kit.vault import EncryptedTextField


class Integration(models.Model):
    """One sender of a service. Dedup keys mean something only inside it.

    ``key_hash`` is the SHA-256 of the key that the sender shows; of the key
    before it ``old_key_hash``, good until ``old_key_until``.
    """

    class Kind(models.TextChoices):
        CHECKS = "checks", "The portal's own checks"
        API = "api", "API"
        PAGERDUTY = "pagerduty", "PagerDuty Events API"
        PROMETHEUS = "prometheus", "Prometheus or vmalert"
        ALERTMANAGER = "alertmanager", "Alertmanager webhook"
        GRAFANA = "grafana", "Grafana"
        SNS = "sns", "Amazon SNS and CloudWatch"
        SENTRY = "sentry", "Sentry"
        WEBHOOK = "webhook", "Any JSON webhook"
        EMAIL = "email", "Email"
        HEARTBEAT = "heartbeat", "Heartbeat"

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="integrations"
    )
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=80)
    is_enabled = models.BooleanField(default=True)
    key_hash = models.CharField(max_length=64, blank=True)
    key_made_at = models.DateTimeField(null=True, blank=True)
    old_key_hash = models.CharField(max_length=64, blank=True)
    old_key_until = models.DateTimeField(null=True, blank=True)
    # What the sender signs with (Grafana, Sentry); empty where it signs nothing.
    secret = EncryptedTextField(blank=True)
    # Our field -> where it is in the sender's JSON, such as {"summary": "data.title"}.
    field_mapping = models.JSONField(default=dict, blank=True)
    # The sender's word -> the service's word for severity.
    severity_mapping = models.JSONField(default=dict, blank=True)
    # A heartbeat that stays away so long is an alert; empty: nobody waits for it.
    silence_after = models.DurationField(null=True, blank=True)
    silent_at = models.DateTimeField(null=True, blank=True)
    # An alert tells when it lasts so long, and is over when its end does.
    hold_for = models.DurationField(null=True, blank=True)
    clear_for = models.DurationField(null=True, blank=True)
    # Each of its series tells at most once in so long; empty: no limit.
    cooldown = models.DurationField(null=True, blank=True)

    class Meta:
        ordering = ["service", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "kind", "name"], name="incidents_integration_name"
            ),
            models.UniqueConstraint(
                fields=["key_hash"],
                condition=~Q(key_hash=""),
                name="incidents_integration_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["old_key_hash"],
                name="incidents_integration_old_key",
                condition=~Q(old_key_hash=""),
            ),  # read at the door
            models.Index(
                fields=["silent_at"],
                name="incidents_integration_silent",
                condition=Q(silent_at__isnull=False),
            ),  # read by end_overdue_alerts
        ]

    def __str__(self) -> str:
        return self.name


class IngestEvent(models.Model):
    """One message of a sender, as it came, and what became of it.

    It is stored before its sender is answered, and applied at once after that.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        DUPLICATE = "duplicate", "Duplicate"
        REJECTED = "rejected", "Rejected"
        FAILED = "failed", "Failed"

    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="ingest_events"
    )
    received_at = models.DateTimeField()
    # The door it came to, such as "pagerduty" or "change".
    kind = models.CharField(max_length=24)
    # The sender's own id of the message, where it has one: replays share it.
    external_id = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=12, choices=Status)
    reason = models.CharField(max_length=250, blank=True)
    body = models.BinaryField()
    # Its signals, until they are applied: see domain.payloads.signal.
    signals = models.TextField(blank=True)
    alert = models.ForeignKey(
        "incidents.Alert",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="ingest_events",
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "external_id"],
                condition=~Q(external_id="") & Q(status__in=["waiting", "accepted"]),
                name="incidents_ingest_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["integration", "-received_at"], name="incidents_ingest_recent"
            ),  # read by the page of last payloads
            models.Index(
                fields=["received_at"], name="incidents_ingest_age"
            ),  # read by purge_ingest_events
            models.Index(
                fields=["id"],
                name="incidents_ingest_waiting",
                condition=Q(status="waiting"),
            ),  # read by apply_inbox
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.received_at:%Y-%m-%d %H:%M}"
