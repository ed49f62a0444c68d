"""Postmortems: what happened and why, written for those who were not there."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.domain.postmortem_formats import FORMATS
from incidents.models.incident import Incident
from oncall.models import Service


class PostmortemFormat(models.Model):
    """Which headings a service's runbook asks for."""

    service = models.OneToOneField(
        Service, on_delete=models.CASCADE, related_name="postmortem_format"
    )
    slug = models.CharField(
        "format",
        max_length=16,
        choices=[(slug, form.name) for slug, form in FORMATS.items()],
    )

    class Meta:
        ordering = ["service"]

    def __str__(self) -> str:
        return f"{self.service}: {self.slug}"


class Postmortem(models.Model):
    """The one postmortem of an incident, or the reason why there is none."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        REVIEWED = "reviewed", "Reviewed"
        CLOSED = "closed", "Closed"

    incident = models.OneToOneField(
        Incident, on_delete=models.PROTECT, related_name="postmortem"
    )
    # The slug of one of domain.postmortem_formats.
    format = models.CharField(max_length=16)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="postmortems",
    )
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField()
    # Empty where nobody asks for one.
    due_at = models.DateTimeField(null=True, blank=True)
    next_reminder_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    # Instead of a review: why this incident needs none.
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    waiver_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(waived_at__isnull=True) | ~Q(waiver_reason=""),
                name="incidents_postmortem_waiver_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["reviewed", "closed"])
                | Q(reviewed_at__isnull=False),
                name="incidents_postmortem_reviewed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_reminder_at"],
                name="incidents_postmortem_reminder",
                condition=Q(next_reminder_at__isnull=False),
            ),  # read by remind_of_postmortems
        ]

    def __str__(self) -> str:
        return f"Postmortem of {self.incident.ref}"


class PostmortemSection(models.Model):
    """One heading's text. Version 0 is what the portal drafted."""

    postmortem = models.ForeignKey(
        Postmortem, on_delete=models.CASCADE, related_name="sections"
    )
    key = models.CharField(max_length=24)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["postmortem", "key"], name="incidents_postmortem_section"
            )
        ]

    def __str__(self) -> str:
        return self.key


class PostmortemRevision(models.Model):
    """A text that a section had before; revisions are only added."""

    section = models.ForeignKey(
        PostmortemSection, on_delete=models.CASCADE, related_name="revisions"
    )
    version = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["section", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["section", "version"], name="incidents_postmortem_revision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} v{self.version}"


class PostmortemReviewer(models.Model):
    """Somebody who was asked to review."""

    postmortem = models.ForeignKey(
        Postmortem, on_delete=models.CASCADE, related_name="reviewers"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["postmortem", "user"], name="incidents_postmortem_reviewer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} reviews {self.postmortem}"
