"""Planned work: results are kept, but nothing ticks, alerts or counts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from oncall.models import Service


class RecurringWindow(models.Model):
    """Planned work that comes back, on the wall clock of one zone.

    What days it falls on is for incidents.domain.recurrence to say. The sweep makes a
    window of each occurrence a day before it begins.
    """

    class Frequency(models.TextChoices):
        WEEKLY = "weekly", "By the week"
        MONTHLY = "monthly", "By the month"

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="recurring_windows"
    )
    reason = models.CharField(max_length=250)
    frequency = models.CharField(max_length=8, choices=Frequency)
    every = models.PositiveSmallIntegerField(default=1)
    # Monday is 0.
    weekdays = models.JSONField(default=list, blank=True)
    month_day = models.PositiveSmallIntegerField(null=True, blank=True)
    nth = models.SmallIntegerField(null=True, blank=True)
    starts = models.TimeField()
    length = models.DurationField()
    time_zone = models.CharField(max_length=64)
    first_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # When the next window of it is made; empty: never again.
    next_plan_at = models.DateTimeField(null=True, blank=True)
    # Up to here its occurrences are windows.
    planned_until = models.DateTimeField()

    class Meta:
        ordering = ["service", "starts", "pk"]
        indexes = [
            models.Index(
                fields=["next_plan_at"],
                name="incidents_recurring_due",
                condition=Q(next_plan_at__isnull=False),
            ),  # read by plan_windows
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.reason}"


class MaintenanceWindow(models.Model):
    """One stretch of planned work on one service."""

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="maintenance_windows"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=250)
    # Announced, with its reason, on the team's status page.
    announced_at = models.DateTimeField(null=True, blank=True)
    # When subscribers hear of it next: that it begins, then that it is done.
    next_tell_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Open alerts have felt its start.
    applied_at = models.DateTimeField(null=True, blank=True)
    recurring = models.ForeignKey(
        RecurringWindow,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="windows",
    )

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["recurring", "starts_at"],
                condition=Q(recurring__isnull=False),
                name="incidents_one_window_an_occurrence",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="incidents_maintenance_ends_after_start",
            ),
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
            models.Index(
                fields=["next_tell_at"],
                name="incidents_window_telling",
                condition=Q(next_tell_at__isnull=False),
            ),  # read by sweep tell_of_work
        ]

    def __str__(self) -> str:
        return f"{self.service}: {self.reason}"
