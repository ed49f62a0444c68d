"""The moment at which one person passes the pager on to the next."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models.schedule import Rotation, Schedule


class Handoff(models.Model):
    """One handoff of a rotation: the brief, the notes, and who accepted it.

    The sweep drafts it before its moment, reminds both people, and tells the
    managers when nobody accepted it in time.
    """

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="handoffs"
    )
    rotation = models.ForeignKey(
        Rotation, on_delete=models.CASCADE, related_name="handoffs"
    )
    at = models.DateTimeField()
    # The holders of the first role before and after; empty where nobody is.
    outgoing = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    incoming = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    notes = models.TextField(blank=True)
    notes_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    notes_at = models.DateTimeField(null=True, blank=True)
    # Counts the edits of the notes, so that two people never overwrite each other.
    revision = models.PositiveIntegerField(default=0)
    # What the brief said when it was accepted; until then it is read live.
    brief = models.JSONField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # The roster changed and this handoff does not happen.
    cancelled_at = models.DateTimeField(null=True, blank=True)
    next_step_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["next_step_at"],
                name="oncall_handoff_due",
                condition=Q(next_step_at__isnull=False),
            ),  # read by sweep advance_handoffs
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["rotation", "at"], name="oncall_one_handoff_a_moment"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(brief__isnull=False),
                name="oncall_handoff_accepted_with_brief",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rotation} at {self.at:%Y-%m-%d %H:%M}"
