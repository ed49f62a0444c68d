"""Runbooks, what was applied from them, and texts that wait for a review."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models import Service, Team
from opsportal.kit.vault import EncryptedTextField


class Runbook(models.Model):
    """A team's text about one service.

    ``path`` is where it lies in its folder or checkout, if it came from one. Somebody
    reads it again every ``review_interval``; nobody has to without one.
    """

    class ReviewInterval(models.TextChoices):
        MONTHLY = "monthly", "every month"
        QUARTERLY = "quarterly", "every three months"
        SEMIANNUAL = "semiannual", "every six months"
        YEARLY = "yearly", "every year"

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="runbooks")
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="runbooks"
    )
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    path = models.CharField(max_length=500, blank=True)
    reviewed_on = models.DateField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    review_interval = models.CharField(
        max_length=12, choices=ReviewInterval, blank=True
    )
    # When the team is asked to review it; moved on by a week each time.
    next_reminder_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "pk"]
        indexes = [
            models.Index(
                fields=["next_reminder_at"],
                name="runbooks_review_due",
                condition=Q(next_reminder_at__isnull=False),
            ),  # read by sweep remind_reviews
        ]

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


class RunbookSource(models.Model):
    """An address that a runbook is read from again and again.

    Without a ``runbook`` its first text is still under review. ``digest`` is that of
    the last text which was read.
    """

    class Interval(models.TextChoices):
        OFF = "off", "only when somebody asks"
        HOURLY = "hourly", "every hour"
        DAILY = "daily", "every day"
        WEEKLY = "weekly", "every week"

    runbook = models.OneToOneField(
        Runbook, on_delete=models.CASCADE, null=True, blank=True, related_name="source"
    )
    # An address may hold a token in its query.
    url = EncryptedTextField()
    header_name = models.CharField(max_length=64, default="Authorization")
    credentials = EncryptedTextField(blank=True)
    interval = models.CharField(max_length=8, choices=Interval, default=Interval.DAILY)
    next_read_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    etag = models.CharField(max_length=250, blank=True)
    last_modified = models.CharField(max_length=80, blank=True)
    digest = models.CharField("SHA-256 of the raw bytes", max_length=64, blank=True)
    last_error = models.CharField(max_length=250, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["next_read_at"],
                name="runbooks_source_due",
                condition=Q(next_read_at__isnull=False),
            ),  # read by sweep read_runbook_sources
        ]

    def __str__(self) -> str:
        return f"address of {self.runbook or 'a new runbook'}"


class Draft(models.Model):
    """A text under review. Nothing of it is live.

    One of a ``user`` is theirs alone, for a day. One without waits for whoever of the
    team reviews it first: a folder or an address brought it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
    )
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    runbook = models.ForeignKey(
        Runbook, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts"
    )
    # Becomes the runbook's when it is applied.
    source = models.ForeignKey(
        RunbookSource, on_delete=models.SET_NULL, null=True, blank=True
    )
    path = models.CharField(max_length=500, blank=True)
    raw = models.BinaryField()
    digest = models.CharField("SHA-256 of the raw bytes", max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["runbook"],
                condition=Q(user__isnull=True, runbook__isnull=False),
                name="runbooks_one_text_waits",
            ),
            models.UniqueConstraint(
                fields=["service", "path"],
                condition=Q(user__isnull=True, runbook__isnull=True),
                name="runbooks_one_new_text_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"draft for {self.service}"
