"""Storms: when a service has so many new alerts that they are told as one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.models.integration import Integration
from oncall.models import Service


class Storm(models.Model):
    """One storm of one service; its alerts are those that were told in summaries.

    Its figures are of all that opened in it, also of what told by itself.
    """

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="storms"
    )
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # New alerts are few since then.
    calm_since = models.DateTimeField(null=True, blank=True)
    next_summary_at = models.DateTimeField(null=True, blank=True)
    summary_count = models.PositiveIntegerField(default=0)
    # As of the last summary.
    alert_count = models.PositiveIntegerField(default=0)
    most_a_minute = models.PositiveIntegerField(default=0)
    # The worst level of those that told by themselves.
    exempt_level = models.PositiveSmallIntegerField(null=True, blank=True)
    # [[name, value, count], ...]: what most of the newest have in common.
    common = models.JSONField(default=list, blank=True)
    # Of so many of the newest.
    common_of = models.PositiveIntegerField(default=0)
    # What made most of it, and may be told less often: one series, or one sender.
    culprit = models.ForeignKey(
        "incidents.AlertSeries",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    sender = models.ForeignKey(
        Integration, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cooled_at = models.DateTimeField(null=True, blank=True)
    cooled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    incident = models.ForeignKey(
        "incidents.Incident",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="storms",
    )

    class Meta:
        ordering = ["-began_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service"],
                condition=Q(ended_at=None),
                name="incidents_one_storm_a_service",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} at {self.began_at:%Y-%m-%d %H:%M}"
