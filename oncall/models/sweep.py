"""The pulse of the engine: when each sweep last ran."""

from django.db import models


class SweepRecord(models.Model):
    """One row a sweep. /health/engine reads how old it is."""

    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    driver = models.CharField(max_length=16, blank=True)
    duration = models.DurationField(null=True, blank=True)
    handled = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
