"""Escalation policies: who is told next, and after how long."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

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
    # After the last step it starts again at a step, so many times.
    repeats = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(20)]
    )
    repeat_after = models.DurationField(null=True, blank=True)
    repeat_from = models.PositiveSmallIntegerField(default=0)
    # An acknowledgement that is not followed by a resolution ends after this long.
    ack_expires_after = models.DurationField(null=True, blank=True)
    note = models.CharField(max_length=250, blank=True)
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

    class Strategy(models.TextChoices):
        ALL = "all", "everybody at once"
        ROUND_ROBIN = "round_robin", "one target in turn"

    class AckMode(models.TextChoices):
        ANY = "any", "one acknowledgement is enough"
        EACH = "each", "everybody told must acknowledge"

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
    # The gravest level that it serves: 3 leaves levels 1 and 2 to other steps.
    max_level = models.PositiveSmallIntegerField(default=1)
    # A label that the alert must carry as true: "customer_impact".
    requires = models.CharField(max_length=64, blank=True)
    strategy = models.CharField(max_length=12, choices=Strategy, default=Strategy.ALL)
    ack_mode = models.CharField(max_length=4, choices=AckMode, default=AckMode.ANY)
    # When nobody would be told, go on at once instead of waiting.
    skip_if_empty = models.BooleanField(default=True)
    # Weekdays (0 is Monday) and hours in which it serves; empty: always.
    window_days = models.JSONField(default=list, blank=True)
    window_starts = models.TimeField(null=True, blank=True)
    window_ends = models.TimeField(null=True, blank=True)
    # An IANA name; empty stands for the zone of the team.
    window_zone = models.CharField(max_length=64, blank=True)
    instructions = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position"], name="oncall_step_position"
            ),
            models.CheckConstraint(
                condition=Q(max_level__lte=F("min_level")),
                name="oncall_step_levels_in_order",
            ),
            models.CheckConstraint(
                condition=Q(window_starts__isnull=True, window_ends__isnull=True)
                | Q(window_starts__isnull=False, window_ends__isnull=False),
                name="oncall_step_window_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationTarget(models.Model):
    """Who is told at a step: one of the five kinds."""

    class Offset(models.TextChoices):
        NOW = "now", "on call now"
        NEXT = "next", "on call next"

    class Scope(models.TextChoices):
        MEMBERS = "members", "every member"
        MANAGERS = "managers", "its managers"
        ON_CALL = "on_call", "everybody on call"

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
    offset = models.CharField(max_length=4, choices=Offset, default=Offset.NOW)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    scope = models.CharField(max_length=8, choices=Scope, blank=True)
    channel = models.ForeignKey(
        Channel, on_delete=models.PROTECT, null=True, blank=True
    )
    # A person who has no account: "VP Engineering".
    title = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["step", "pk"]

    def __str__(self) -> str:
        return str(
            self.user or self.schedule or self.team or self.channel or self.title
        )
