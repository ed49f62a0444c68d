"""Escalation policies: who is told next, and after how long."""

from django.conf import settings
from django.db import models

from oncall.models.contact import Channel
from oncall.models.schedule import Schedule
from oncall.models.team import Team


class EscalationPolicy(models.Model):
    """A named ladder of a team. Its steps lie in its versions."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="policies")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "escalation policies"

    def __str__(self) -> str:
        return self.name


class EscalationPolicyVersion(models.Model):
    """What the ladder is from its creation on. Append-only."""

    policy = models.ForeignKey(
        EscalationPolicy, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "number"], name="oncall_policy_version_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"


class EscalationStep(models.Model):
    """One rung: when it is reached, and under which condition."""

    class Condition(models.TextChoices):
        UNACKNOWLEDGED = "unacknowledged", "if nobody acknowledged"
        UNRESOLVED = "unresolved", "if not resolved"

    version = models.ForeignKey(
        EscalationPolicyVersion, on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    # Since the alert opened; empty where the runbook names no time.
    delay = models.DurationField(null=True, blank=True)
    condition = models.CharField(
        max_length=16, choices=Condition, default=Condition.UNACKNOWLEDGED
    )
    # 1 is the gravest level; the step serves alerts at or above it.
    min_level = models.PositiveSmallIntegerField(default=5)
    instructions = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"], name="oncall_step_position"
            )
        ]

    def __str__(self) -> str:
        return self.name


class EscalationTarget(models.Model):
    """Who is told at a step: one of the four kinds."""

    step = models.ForeignKey(
        EscalationStep, on_delete=models.CASCADE, related_name="targets"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.PROTECT, null=True, blank=True
    )
    role = models.CharField(max_length=32, blank=True)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True
    )
    # A person who has no account: "VP Engineering".
    title = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["step", "pk"]

    def __str__(self) -> str:
        return str(self.user or self.schedule or self.channel or self.title)
