"""When people are away."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from opsportal.kit.vault import EncryptedTextField


class AbsenceFeed(models.Model):
    """A person's calendar of absences, read from an iCal address."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absence_feeds"
    )
    name = models.CharField(max_length=80)
    # A private calendar address is a secret: whoever has it can read.
    url = EncryptedTextField()
    is_enabled = models.BooleanField(default=True)
    next_read_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=250, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["user", "name"]
        indexes = [
            models.Index(
                fields=["next_read_at"],
                name="oncall_absence_feed_due",
                condition=Q(is_enabled=True),
            ),  # read by sweep read_absence_feeds
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class Absence(models.Model):
    """A time in which a person cannot be on call. Never deleted."""

    class Kind(models.TextChoices):
        VACATION = "vacation", "Vacation"
        SICK = "sick", "Sick leave"
        TRAINING = "training", "Training"
        OTHER = "other", "Away"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.VACATION)
    note = models.CharField(max_length=250, blank=True)
    feed = models.ForeignKey(
        AbsenceFeed,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="absences",
    )
    # The event's own name in its feed, with the start of the repetition.
    uid = models.CharField(max_length=250, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["user", "ends_at"], name="oncall_absence_user")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="oncall_absence_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["feed", "uid"],
                condition=Q(feed__isnull=False, cancelled_at__isnull=True),
                name="oncall_absence_once_a_feed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} from {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
