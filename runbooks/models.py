"""Runbooks, what was applied from them, and texts that wait for a review."""

from django.conf import settings
from django.db import models

from oncall.models import Service, Team


class Runbook(models.Model):
    """A team's text about one service."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="runbooks")
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="runbooks"
    )
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    reviewed_on = models.DateField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class RunbookVersion(models.Model):
    """The text as it came, at one apply. Immutable but for being undone."""

    runbook = models.ForeignKey(
        Runbook, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    raw = models.BinaryField()
    # What the bytes say, repaired: for pages and for the search.
    text = models.TextField()
    digest = models.CharField("SHA-256 of the raw bytes", max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["runbook", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["runbook", "number"], name="runbooks_version_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.runbook} v{self.number}"


class Procedure(models.Model):
    """What to do when something is wrong: Markdown in three parts."""

    version = models.ForeignKey(
        RunbookVersion, on_delete=models.CASCADE, related_name="procedures"
    )
    key = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    line = models.PositiveIntegerField()
    symptoms = models.TextField(blank=True)
    diagnosis = models.TextField(blank=True)
    resolution = models.TextField(blank=True)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "key"], name="runbooks_procedure_key"
            )
        ]

    def __str__(self) -> str:
        return self.title


class AppliedKey(models.Model):
    """What one finding of a runbook became.

    ``source`` is what the runbook said, ``value`` what the portal held right after,
    both plain JSON. ``before`` is this row as it was before ``version``, with what
    the portal held (``there``), for undo; null when that apply made it.
    """

    class State(models.TextChoices):
        APPLIED = "applied", "Applied"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    runbook = models.ForeignKey(Runbook, on_delete=models.CASCADE, related_name="keys")
    version = models.ForeignKey(
        RunbookVersion, on_delete=models.CASCADE, related_name="keys"
    )
    key = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    parent = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.APPLIED)
    source = models.JSONField(default=dict)
    value = models.JSONField(default=dict)
    is_corrected = models.BooleanField(default=False)
    target_model = models.CharField(max_length=60, blank=True)
    # A number, or the UUID of an item, which is the same in every version.
    target_pk = models.CharField(max_length=40, blank=True)
    before = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["runbook", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["runbook", "key"], name="runbooks_key_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Draft(models.Model):
    """A text that its person is reviewing. Nothing of it is live; a day is its life."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    runbook = models.ForeignKey(
        Runbook, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    raw = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "pk"]

    def __str__(self) -> str:
        return f"draft for {self.service}"
