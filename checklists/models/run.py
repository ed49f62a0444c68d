"""Runs: one checklist in one period, and everything that was done in it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from checklists.domain.period_words import say_key
from checklists.models.check import CheckResult
from checklists.models.checklist import (
    Cadence,
    Checklist,
    ChecklistItem,
    ChecklistVersion,
)
from incidents.models import Incident
from oncall.models import Channel, Team


class Run(models.Model):
    """One period of a cadence, or one ad hoc run.

    Late, overdue and in progress are derived, never stored; ``missed_at`` is
    stamped once when the grace passes and is never erased.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        AWAITING = "awaiting_signoff", "Awaiting sign-off"
        CLOSED = "closed", "Closed"

    class Outcome(models.TextChoices):
        COMPLETED = "completed", "Completed"
        MISSED = "missed", "Missed"
        SKIPPED = "skipped", "Skipped"
        VOID = "void", "Void"

    class Cause(models.TextChoices):
        PEOPLE = "people", "not done in time"
        SYSTEM = "system", "the portal was down"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="runs")
    checklist = models.ForeignKey(
        Checklist, on_delete=models.PROTECT, related_name="runs"
    )
    version = models.ForeignKey(
        ChecklistVersion, on_delete=models.PROTECT, related_name="runs"
    )
    cadence = models.ForeignKey(
        Cadence, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    # What it responds to, for the steps of a procedure.
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="runs"
    )
    # The unfinished run before it, where the cadence carries over.
    carried_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="carried_into",
    )
    # Whom this run alone was given to, whatever its cadence says.
    assignee_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Local, such as 2025-11-02 or 2025-W45-1: no clock change creates or loses one.
    period_key = models.CharField(max_length=32)
    period_start_on = models.DateField()
    period_end_on = models.DateField()
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    grace_until = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    cause = models.CharField(max_length=8, choices=Cause, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    # Who handed it in, and when all was answered for the first time.
    first_completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    # The sweep settle_runs reads it: due, grace passes, or the run closes.
    next_event_at = models.DateTimeField(null=True, blank=True)
    # The sweep remind_late_runs reads it.
    next_reminder_at = models.DateTimeField(null=True, blank=True)
    reminders_sent = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cadence", "period_key"], name="checklists_one_run_a_period"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="closed") & ~Q(outcome="") & Q(closed_at__isnull=False)
                )
                | (~Q(state="closed") & Q(outcome="") & Q(closed_at__isnull=True)),
                name="checklists_closed_run_has_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["team", "due_at"],
                name="checklists_run_open",
                condition=~Q(state="closed"),
            ),  # read by Today
            models.Index(
                fields=["next_event_at"],
                name="checklists_run_event_due",
                condition=~Q(state="closed"),
            ),  # read by sweep settle_runs
            models.Index(
                fields=["next_reminder_at"],
                name="checklists_run_reminder_due",
                condition=~Q(state="closed"),
            ),  # read by sweep remind_late_runs
            models.Index(
                fields=["checklist", "-period_start_on"],
                name="checklists_run_history",
            ),  # read by the heatmap
            models.Index(fields=["team", "-closed_at"], name="checklists_run_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.checklist} {self.period_key}"

    @property
    def period_name(self) -> str:
        """What people read of its key."""
        return say_key(self.period_key)


class RunItem(models.Model):
    """One item in one run. ``version`` grows with every edit."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        NA = "na", "Not applicable"

    class Source(models.TextChoices):
        AUTO = "auto", "ticked itself"
        HUMAN = "human", "ticked by a person"

    class Attention(models.TextChoices):
        NONE = "none", "None"
        FAILING = "failing", "Failing"
        STALE = "stale", "Stale"
        CONTRADICTED = "contradicted", "Contradicted"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    item = models.ForeignKey(
        ChecklistItem, on_delete=models.PROTECT, related_name="run_items"
    )
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    source = models.CharField(max_length=5, choices=Source, blank=True)
    attention = models.CharField(
        max_length=12, choices=Attention, default=Attention.NONE
    )
    # Its condition does not hold: it is not asked for, and keeps its answer.
    is_hidden = models.BooleanField(default=False)
    # A person un-ticked it: checks leave it alone until released.
    is_held = models.BooleanField(default=False)
    value = models.TextField(blank=True)
    note = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)
    # The failure that the item shows, and the one that ``reason`` answers for.
    failing_episode = models.PositiveIntegerField(null=True, blank=True)
    episode = models.PositiveIntegerField(null=True, blank=True)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # What the check said when it ticked: kept as text after results are purged.
    evidence = models.CharField(max_length=250, blank=True)
    evidence_at = models.DateTimeField(null=True, blank=True)
    evidence_result = models.ForeignKey(
        CheckResult,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # The run in which it was first left open, where the cadence takes items along.
    carried_from = models.ForeignKey(
        Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["run", "item__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "item"], name="checklists_item_once_a_run"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} ({self.state})"


class RunEvent(models.Model):
    """What happened in a run. Append-only and chained within the run."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="events")
    run_item = models.ForeignKey(
        RunItem, on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    verb = models.CharField(max_length=32)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "number"], name="checklists_event_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.verb} at {self.at:%Y-%m-%d %H:%M}"


class Attachment(models.Model):
    """A file or photo of a run item, stored by its content hash."""

    run_item = models.ForeignKey(
        RunItem, on_delete=models.PROTECT, related_name="attachments"
    )
    name = models.CharField(max_length=250)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    file = models.FileField(upload_to="attachments/%Y/%m/")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["run_item", "pk"]

    def __str__(self) -> str:
        return self.name


class RunWebhook(models.Model):
    """Which moments of its team's runs a webhook channel hears of."""

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, related_name="run_webhook"
    )
    takes_opened = models.BooleanField(default=True)
    takes_late = models.BooleanField(default=True)
    takes_completed = models.BooleanField(default=True)
    takes_missed = models.BooleanField(default=True)

    class Meta:
        ordering = ["channel"]

    def __str__(self) -> str:
        return f"runs to {self.channel}"
