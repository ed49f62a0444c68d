"""When a team's weekly review of its operations is sent, and to whom."""

from datetime import time

from django.db import models
from django.db.models import Q

from oncall.models import Channel, Team


class WeeklyReview(models.Model):
    """One a team. Times are on the team's clock; Monday is 0."""

    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, related_name="weekly_review"
    )
    weekday = models.PositiveSmallIntegerField(default=0)
    send_time = models.TimeField(default=time(8))
    to_managers = models.BooleanField(default=True)
    channel = models.ForeignKey(
        Channel, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Empty while nothing is sent by itself.
    next_send_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6), name="checklists_review_weekday"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_send_at"],
                name="checklists_review_due",
                condition=Q(next_send_at__isnull=False),
            )
        ]  # read by sweep send_weekly_reviews

    def __str__(self) -> str:
        return f"weekly review of {self.team}"
