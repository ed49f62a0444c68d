"""Checklists, their published versions, and when they are due."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from checklists.models.check import Check
from oncall.models import HolidayCalendar, Rotation, Schedule, Service, Team
from oncall.models.user import validate_time_zone


class Checklist(models.Model):
    """A recurring piece of work of a team, perhaps about one service."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="checklists")
    service = models.ForeignKey(
        Service,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="checklists",
    )
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    is_archived = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChecklistVersion(models.Model):
    """The items at one time. Immutable once published."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ARCHIVED = "archived", "Archived"

    checklist = models.ForeignKey(
        Checklist, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    body_hash = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["checklist", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["checklist", "number"], name="checklists_version_number"
            ),
            models.UniqueConstraint(
                fields=["checklist"],
                condition=Q(status="published"),
                name="checklists_one_published_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checklist} v{self.number}"


class ChecklistItem(models.Model):
    """One thing to do, in one version."""

    class Kind(models.TextChoices):
        CHECK = "check", "Checkbox"
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        CHOICE = "choice", "Choice"
        FILE = "file", "File"
        PHOTO = "photo", "Photo"
        LINK = "link", "Link"

    class Mode(models.TextChoices):
        MANUAL = "manual", "A person does it"
        ASSISTED = "assisted", "A check gathers evidence, a person confirms"
        AUTO = "auto", "A check ticks it"

    version = models.ForeignKey(
        ChecklistVersion, on_delete=models.CASCADE, related_name="items"
    )
    # Stable across versions: history follows the item, not its row.
    key = models.UUIDField(default=uuid.uuid4)
    # The requirement or runbook line it answers, such as "A03".
    reference = models.CharField(max_length=16, blank=True)
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=120, blank=True)
    text = models.CharField(max_length=250)
    instructions = models.TextField(blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CHECK)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.MANUAL)
    is_required = models.BooleanField(default=True)
    is_critical = models.BooleanField(default=False)
    allows_na = models.BooleanField(default=True)
    needs_note = models.BooleanField(default=False)
    # Keys hard_min, hard_max, warn_min, warn_max (numbers or null) and unit.
    bounds = models.JSONField(default=dict, blank=True)
    # What a choice is between, in order; empty for other kinds.
    options = models.JSONField(default=list, blank=True)
    # When it is asked for, as checklists.domain.show_if writes it; empty is always.
    show_if = models.JSONField(default=dict, blank=True)
    # The check whose state ``show_if`` names; without it the item is asked for.
    show_if_check = models.ForeignKey(
        Check,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="conditional_items",
    )
    # All of them must pass, fresh, for the item to tick itself.
    checks = models.ManyToManyField(Check, blank=True, related_name="items")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"], name="checklists_item_key"
            )
        ]

    def __str__(self) -> str:
        return self.text


class Cadence(models.Model):
    """When a checklist is due, for whom, and what happens if it is not done.

    ``rule`` and ``timing`` are the JSON of checklists.domain.cadence; the sweep
    reads ``next_open_at`` and moves ``generated_through``.
    """

    class Holidays(models.TextChoices):
        RUN = "run", "run on holidays too"
        SKIP = "skip", "skip holidays"
        NEXT = "next", "move to the next working day"
        PREVIOUS = "previous", "move to the previous working day"

    class CatchUp(models.TextChoices):
        ALL = "all", "every lost period"
        LATEST = "latest", "only the latest"
        NONE = "none", "none"

    class CarryOver(models.TextChoices):
        NONE = "none", "leave it there"
        LINK = "link", "link to it"
        COPY = "copy", "take its open items along"

    class Assignee(models.TextChoices):
        TEAM = "team", "the whole team"
        USER = "user", "one person"
        ONCALL = "oncall", "whoever is on call"

    class SignOff(models.TextChoices):
        NONE = "none", "no sign-off"
        ONE = "one", "one person signs"
        TWO = "two", "a second person signs"

    checklist = models.ForeignKey(
        Checklist, on_delete=models.CASCADE, related_name="cadences"
    )
    rule = models.JSONField()
    timing = models.JSONField()
    # Whose handoffs are the moments of a rule of kind "handoff".
    rotation = models.ForeignKey(
        Rotation,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cadences",
    )
    # The calm version of the rotation's team when its handoffs were last looked
    # at: what changed since may move the next opening. See open_due_runs.
    roster_version = models.BigIntegerField(default=0, editable=False)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    calendar = models.ForeignKey(
        HolidayCalendar, on_delete=models.SET_NULL, null=True, blank=True
    )
    holidays = models.CharField(max_length=8, choices=Holidays, default=Holidays.RUN)
    catch_up = models.CharField(max_length=8, choices=CatchUp, default=CatchUp.ALL)
    # What a new run does about the one before it when that was not finished.
    carry_over = models.CharField(
        max_length=4, choices=CarryOver, default=CarryOver.NONE
    )
    assignee = models.CharField(max_length=8, choices=Assignee, default=Assignee.TEAM)
    assignee_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    assignee_schedule = models.ForeignKey(
        Schedule, on_delete=models.SET_NULL, null=True, blank=True
    )
    assignee_role = models.CharField(max_length=32, blank=True, default="primary")
    sign_off = models.CharField(max_length=4, choices=SignOff, default=SignOff.NONE)
    # JSON of checklists.domain.reminders: rungs before, at and after due.
    reminders = models.JSONField(default=list, blank=True)
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    generated_through = models.DateTimeField()
    next_open_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["checklist", "pk"]
        indexes = [
            models.Index(
                fields=["next_open_at"],
                name="checklists_cadence_due",
                condition=Q(is_enabled=True),
            )  # read by sweep open_due_runs
        ]

    def __str__(self) -> str:
        return f"cadence of {self.checklist}"
