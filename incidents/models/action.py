"""Action items: what has to change so that it does not happen again."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident


class ActionItem(models.Model):
    """One thing to do after an incident, whatever the incident's state."""

    class Kind(models.TextChoices):
        PREVENT = "prevent", "Prevent"
        DETECT = "detect", "Detect sooner"
        MITIGATE = "mitigate", "Mitigate faster"
        PROCESS = "process", "Process"

    class Priority(models.IntegerChoices):
        HIGH = 1, "High"
        MEDIUM = 2, "Medium"
        LOW = 3, "Low"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        IN_PROGRESS = "in_progress", "In progress"
        DONE = "done", "Done"
        WONT_DO = "wont_do", "Won't do"

    OVER = (State.DONE, State.WONT_DO)

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="actions"
    )
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PREVENT)
    priority = models.PositiveSmallIntegerField(
        choices=Priority, default=Priority.MEDIUM
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="actions",
    )
    # A day on the clock of the incident's team.
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    # Why it will not be done.
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    # Moves with every change; whoever edits says which one they saw.
    version = models.PositiveIntegerField(default=0)
    next_reminder_at = models.DateTimeField(null=True, blank=True)
    # The day whose reminder is in the outbox and has not arrived yet, and the try.
    reminding_on = models.DateField(null=True, blank=True)
    reminder_try = models.PositiveSmallIntegerField(default=0)
    # Reminders that arrived.
    reminders_sent = models.PositiveIntegerField(default=0)
    exported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "priority", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", completed_at__isnull=False)
                | (~Q(state="done") & Q(completed_at__isnull=True)),
                name="incidents_action_done_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="wont_do") | ~Q(reason=""),
                name="incidents_action_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "in_progress"])
                | Q(next_reminder_at__isnull=True),
                name="incidents_action_over_reminds_nobody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_reminder_at"],
                name="incidents_action_reminder",
                condition=Q(next_reminder_at__isnull=False),
            ),  # read by remind_of_actions
            models.Index(
                fields=["owner", "due_on"],
                name="incidents_action_open",
                condition=Q(state__in=["open", "in_progress"]),
            ),  # read by the lists of open action items
        ]

    def __str__(self) -> str:
        return self.title
