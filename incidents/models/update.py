"""What people outside of the response are told of an incident."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.models.incident import Incident
from incidents.models.status_page import Component
from oncall.models import Channel


class IncidentUpdate(models.Model):
    """One message about an incident to one audience; corrected by another one.

    Everything but ``remind_at`` is what was said then and never changes.
    """

    class Audience(models.TextChoices):
        INTERNAL = "internal", "Internal"
        STAKEHOLDER = "stakeholder", "Stakeholders"
        PUBLIC = "public", "Public"

    class Status(models.TextChoices):
        INVESTIGATING = "investigating", "Investigating"
        IDENTIFIED = "identified", "Identified"
        MONITORING = "monitoring", "Monitoring"
        RESOLVED = "resolved", "Resolved"

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="updates"
    )
    audience = models.CharField(max_length=12, choices=Audience)
    status = models.CharField(max_length=16, choices=Status)
    # What its readers know the incident by; the portal's own title is internal.
    title = models.CharField(max_length=250)
    service = models.CharField(max_length=250)
    severity = models.CharField(max_length=32)
    affected = models.CharField(max_length=500, blank=True)
    customers_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    started_at = models.DateTimeField()
    eta_at = models.DateTimeField(null=True, blank=True)
    # The public hears no estimate unless somebody wanted it in this very update.
    shows_eta = models.BooleanField(default=False)
    text = models.TextField()
    follow_url = models.CharField(max_length=500, blank=True)
    questions = models.CharField(max_length=120, blank=True)
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
    )
    channels = models.ManyToManyField(Channel, blank=True, related_name="+")
    next_update_at = models.DateTimeField(null=True, blank=True)
    # When its author and the commander are reminded; empty once nothing is owed.
    remind_at = models.DateTimeField(null=True, blank=True)
    corrects = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
    )

    class Meta:
        ordering = ["incident", "-posted_at", "-pk"]
        indexes = [
            models.Index(
                fields=["remind_at"],
                name="incidents_update_promise",
                condition=Q(remind_at__isnull=False),
            ),  # read by sweep remind_of_updates
            models.Index(
                fields=["posted_at"],
                name="incidents_update_public",
                condition=Q(audience="public"),
            ),  # read by sweep write_status_pages
        ]

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.title}"


class UpdateImpact(models.Model):
    """What a public update says of one component."""

    update = models.ForeignKey(
        IncidentUpdate, on_delete=models.CASCADE, related_name="impacts"
    )
    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, related_name="impacts"
    )
    state = models.CharField(max_length=12, choices=Component.State)

    class Meta:
        ordering = ["update", "component"]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "component"], name="incidents_one_state_an_update"
            )
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_state_display()}"
