"""Calendars that people subscribe to."""

from django.conf import settings
from django.db import models

from oncall.models.schedule import Schedule


class CalendarFeed(models.Model):
    """The right of a calendar program to read shifts, by a secret address.

    Only a hash of the address's token is kept; without a schedule it holds the
    owner's own shifts of all schedules.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="calendar_feeds",
    )
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=16, editable=False)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user", "-created_at"]

    def __str__(self) -> str:
        return self.name
