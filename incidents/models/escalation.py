"""Escalations: an alert on its way up a ladder, and who was told on the way."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.models.alert import Alert
from oncall.models import Channel, EscalationPolicy, EscalationPolicyVersion


class Escalation(models.Model):
    """One alert that climbs one version of a policy; at most one an alert.

    Whoever moves it does so by compare and swap on ``rev``, and writes what follows
    from the move in the same transaction.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        HELD = "held", "Held"
        ENDED = "ended", "Ended"

    alert = models.OneToOneField(
        Alert, on_delete=models.CASCADE, related_name="escalation"
    )
    # Editing the policy leaves it alone; without it only the last resort is left.
    version = models.ForeignKey(
        EscalationPolicyVersion, on_delete=models.SET_NULL, null=True, blank=True
    )
    policy_name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    rev = models.PositiveIntegerField(default=0)
    loop = models.PositiveIntegerField(default=0)
    # The place of the step that was reached last, from 0.
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    # The rest of oncall.domain.ladder.State.
    progress = models.JSONField(default=dict)
    next_step_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    ack_deadline = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_step_at"],
                name="incidents_escalation_due",
                condition=Q(state="running"),
            ),  # read by sweep advance_escalations
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="incidents_escalation_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="running") | Q(next_step_at__isnull=True),
                name="incidents_escalation_only_running_is_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_name}: {self.alert}"


class EscalationEvent(models.Model):
    """Who was told by which step, who was passed over and why. Append-only."""

    alert = models.ForeignKey(
        Alert, on_delete=models.CASCADE, related_name="escalation_events"
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    loop = models.PositiveIntegerField(default=0)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    step_name = models.CharField(max_length=120, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=120, blank=True)
    reason = models.CharField(max_length=16, blank=True)
    text = models.CharField(max_length=500, blank=True)
    # What its rows in the outbox have in common, before the way.
    key = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["alert", "at", "pk"]
        indexes = [
            models.Index(
                fields=["actor", "-at"],
                name="incidents_page_by_hand",
                condition=Q(kind="page"),
            ),  # read by the limit of pages by hand
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class PolicyTurn(models.Model):
    """Whose turn it is in a policy's round robin: counted over all alerts."""

    policy = models.OneToOneField(EscalationPolicy, on_delete=models.CASCADE)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.policy}: {self.count}"
