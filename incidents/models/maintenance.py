"""Planned work: results are kept, but nothing ticks, alerts or counts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from oncall.models import Service


class MaintenanceWindow(models.Model):
    """One stretch of planned work on one service."""

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="maintenance_windows"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=250)
    # Announced, with its reason, on the team's status page.
    is_public = models.BooleanField(default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Open alerts have felt its start.
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="incidents_maintenance_ends_after_start",
            )
        ]
        indexes = [
            models.Index(
                fields=["service", "ends_at"], name="incidents_maintenance_end"
            ),
            models.Index(
                fields=["starts_at"],
                name="incidents_window_coming",
                condition=Q(applied_at=None),
            ),  # read by settle_mutes
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.reason}"
