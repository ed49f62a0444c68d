"""What a manager is writing of a checklist before it is published."""

from django.conf import settings
from django.db import models

from checklists.models.checklist import Checklist


class ChecklistDraft(models.Model):
    """One a checklist; the row stays when its draft was published or discarded.

    ``body`` is the JSON of checklists.domain.checklist_draft, empty while nothing is
    drafted; ``before`` is what the last change replaced, so that it can be undone.
    """

    checklist = models.OneToOneField(
        Checklist, on_delete=models.CASCADE, related_name="draft"
    )
    body = models.JSONField(default=dict, blank=True)
    before = models.JSONField(default=dict, blank=True)
    # How often it was changed, ever; it never falls.
    changes = models.PositiveIntegerField(default=0)
    # The number of the version that it was begun from; 0 is none.
    based_on = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    def __str__(self) -> str:
        return f"draft of {self.checklist}"
