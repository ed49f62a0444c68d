"""What is promised of a service, and what became of the promise."""

from django.db import models
from django.db.models import Q

from oncall.models import Service


class Slo(models.Model):
    """One objective over a rolling window; its bad time comes from checks and incidents."""

    class Kind(models.TextChoices):
        AVAILABILITY = "availability", "Availability"
        LATENCY = "latency", "Latency"
        ERRORS = "errors", "Error rate"

    class Burning(models.TextChoices):
        NO = "", "Not burning"
        TICKET = "ticket", "Slowly"
        PAGE = "page", "Fast"

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="slos")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.AVAILABILITY)
    # In percent, as 99.95: what of the window has to be good.
    target = models.DecimalField(max_digits=7, decimal_places=4)
    # The window is part of the promise: a month and a year allow different minutes.
    window_days = models.PositiveSmallIntegerField(default=30)
    # Slugs of the service's checks; empty: all that measure uptime.
    checks = models.JSONField(default=list, blank=True)
    includes_4xx = models.BooleanField(default=True)
    # Slugs of checks that count 5xx alone: asked instead where 4xx do not count.
    server_checks = models.JSONField(default=list, blank=True)
    counts_incidents = models.BooleanField(default=False)
    # The mildest level (1 to 5) of incidents that count.
    incident_level = models.PositiveSmallIntegerField(default=1)
    excludes_maintenance = models.BooleanField(default=False)
    # What else the runbook promises, to be held against the budget.
    recovery_time = models.DurationField(null=True, blank=True)
    recovery_point = models.DurationField(null=True, blank=True)
    backup_every = models.DurationField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    next_look_at = models.DateTimeField(null=True, blank=True, editable=False)
    burning = models.CharField(
        max_length=6, choices=Burning, blank=True, editable=False
    )
    # Half of the budget was gone; told once a window.
    half_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["service", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"], name="incidents_slo_name"
            ),
            models.CheckConstraint(
                condition=Q(target__gt=0, target__lt=100),
                name="incidents_slo_leaves_a_budget",
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1), name="incidents_slo_has_a_window"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_look_at"],
                name="incidents_slo_due",
                condition=Q(is_enabled=True),
            )
        ]  # read by sweep watch_budgets

    def __str__(self) -> str:
        return self.name


class SloEvent(models.Model):
    """What became of a budget: it burns, half of it is gone, it recovered."""

    class Kind(models.TextChoices):
        PAGE = "page", "Burns fast"
        TICKET = "ticket", "Burns slowly"
        CALM = "calm", "Burns no more"
        HALF = "half", "Half is gone"

    slo = models.ForeignKey(Slo, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=6, choices=Kind)
    text = models.CharField(max_length=250)

    class Meta:
        ordering = ["slo", "-at", "-pk"]
        indexes = [models.Index(fields=["slo", "-at"], name="incidents_slo_event_new")]

    def __str__(self) -> str:
        return self.text
