"""Why alerts tell nobody for a while: silences, and what muted which alert."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from incidents.models.alert import Alert
from oncall.models import Service, Team


class Silence(models.Model):
    """What people asked not to hear of; it always ends, and says why.

    ``matchers`` are Alertmanager's: name, value, isRegex, isEqual. Without a service
    it holds for all services of the team.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="silences")
    service = models.ForeignKey(
        Service,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="silences",
    )
    matchers = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    comment = models.CharField(max_length=500)
    # Who, as shown; a sender names its own people.
    author = models.CharField(max_length=120)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    updated_at = models.DateTimeField()
    # Open alerts have felt its start.
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-ends_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")),
                name="incidents_silence_ends_after_start",
            )
        ]
        indexes = [
            models.Index(fields=["team", "ends_at"], name="incidents_silence_end"),
            models.Index(
                fields=["starts_at"],
                name="incidents_silence_coming",
                condition=Q(applied_at=None),
            ),  # read by settle_mutes
        ]

    def __str__(self) -> str:
        return self.comment


class AlertMute(models.Model):
    """One ground on which an alert told nobody, from when to when."""

    class Kind(models.TextChoices):
        SILENCE = "silence", "Silenced"
        MAINTENANCE = "maintenance", "In maintenance"
        LADDER = "ladder", "A worse one fires"
        STORM = "storm", "In a storm"
        COOLDOWN = "cooldown", "Told a moment ago"
        FLAPPING = "flapping", "Flapping"
        HOLD = "hold", "Not for long yet"
        GROUP = "group", "Told with its group"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="mutes")
    kind = models.CharField(max_length=12, choices=Kind)
    # What muted it, such as "silence:4", "window:2", "alert:17".
    ref = models.CharField(max_length=48)
    text = models.CharField(max_length=500, blank=True)
    began_at = models.DateTimeField()
    # When it is expected to end; empty: when another alert changes.
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["alert", "began_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["alert", "ref"],
                condition=Q(ended_at=None),
                name="incidents_one_mute_a_ground",
            )
        ]
        indexes = [
            models.Index(
                fields=["ref"],
                name="incidents_mute_window",
                condition=Q(kind="maintenance"),
            ),  # read by the list of windows
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text}"
