"""Shifts that two people exchange, with the consent of both."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from oncall.models.schedule import Schedule


class SwapRequest(models.Model):
    """A wish to give shifts away, for others in return or for nothing.

    Taking it turns every leg into an override, all in one transaction.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        TAKEN = "taken", "Taken"
        DECLINED = "declined", "Declined"
        EXPIRED = "expired", "Expired"
        CANCELLED = "cancelled", "Cancelled"

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="swaps"
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # Who is asked; empty asks the whole team.
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    taker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=250, blank=True)
    answer = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField()
    # An open request ends here: the first of its shifts begins.
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="oncall_swap_open",
                condition=Q(state="open"),
            ),  # read by sweep expire_swaps
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(taker__isnull=False),
                name="oncall_swap_taken_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"{self.requester} asks to swap"


class SwapLeg(models.Model):
    """One stretch that changes hands."""

    request = models.ForeignKey(
        SwapRequest, on_delete=models.CASCADE, related_name="legs"
    )
    role = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # The requester's own shift goes to the taker; in return comes one of the taker's.
    is_return = models.BooleanField(default=False)

    class Meta:
        ordering = ["request", "is_return", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="oncall_swap_leg_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} from {self.starts_at:%Y-%m-%d %H:%M}"
