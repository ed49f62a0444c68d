"""Severities in each service's own words, on one common scale of levels."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from incidents.domain import severity
from oncall.models import Service


class SeverityLevel(models.Model):
    """One word of a service's scheme.

    ``level`` is the common scale: 1 critical, 2 high, 3 medium, 4 low, 5 info.
    Two schemes may use one word for different levels ("P1").
    """

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="severities"
    )
    label = models.CharField(max_length=32)
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    # Empty where the runbook names no time: shown "no target", never invented.
    response = models.DurationField(null=True, blank=True)
    # How often people hear of an incident; empty: only when there is news.
    update_every = models.DurationField(null=True, blank=True)
    is_next_business_day = models.BooleanField(default=False)
    description = models.TextField(blank=True)
    pages = models.BooleanField(default=False)
    postmortem_required = models.BooleanField(default=False)

    class Meta:
        ordering = ["service", "level", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "label"], name="incidents_severity_label"
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def level_name(self) -> str:
        """The common word of its level."""
        return severity.name_level(self.level)
