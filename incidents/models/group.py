"""Alerts that are told together, because they share what a service says they do."""

from django.db import models
from django.db.models import Q

from oncall.models import Service


class AlertGrouping(models.Model):
    """How the alerts of a service are grouped: by the values of some labels."""

    service = models.OneToOneField(
        Service, on_delete=models.CASCADE, related_name="grouping"
    )
    # Names of labels; none: all alerts of the service are one group.
    labels = models.JSONField(default=list, blank=True)
    # How long a new group gathers alerts before it tells.
    wait = models.DurationField()
    # How long its channels wait to hear what joined.
    interval = models.DurationField()
    # After so long they hear again of what still fires.
    repeat = models.DurationField()

    class Meta:
        ordering = ["service"]

    def __str__(self) -> str:
        return ", ".join(self.labels)


class AlertGroup(models.Model):
    """Alerts of one service that share a value of each label, while any is open.

    The grouping as it was when the group began goes with it.
    """

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="alert_groups"
    )
    key = models.CharField(max_length=32)
    # Pairs of a name and a value.
    shared = models.JSONField(default=list, blank=True)
    interval = models.DurationField()
    repeat = models.DurationField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Until then it gathers.
    tells_at = models.DateTimeField()
    # When channels last heard of it, and how many alerts it had.
    told_at = models.DateTimeField(null=True, blank=True)
    told_count = models.PositiveIntegerField(default=0)
    # The worst level that told by itself.
    told_level = models.PositiveSmallIntegerField(null=True, blank=True)
    alert_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "key"],
                condition=Q(closed_at=None),
                name="incidents_one_group_a_key",
            )
        ]
        indexes = [
            models.Index(
                fields=["service", "-opened_at"], name="incidents_group_newest"
            ),  # read by the list of groups
        ]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.shared)
