"""What the public is shown of a team's services."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models import Service, Team


class StatusPage(models.Model):
    """The one public page of a team, written as files; see docs/communication.md."""

    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, related_name="status_page"
    )
    # The address, which need not say the team's own name.
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    about = models.CharField(max_length=500, blank=True)
    is_published = models.BooleanField(default=False)
    # When its files are written next; empty while nobody may see them.
    next_write_at = models.DateTimeField(null=True, blank=True, editable=False)
    written_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["title"]
        indexes = [
            models.Index(
                fields=["next_write_at"],
                name="incidents_status_page_due",
                condition=Q(next_write_at__isnull=False),
            )
        ]  # read by sweep write_status_pages

    def __str__(self) -> str:
        return self.title


class Component(models.Model):
    """One thing that customers know by this name."""

    class State(models.TextChoices):
        OPERATIONAL = "operational", "Operational"
        MAINTENANCE = "maintenance", "Under maintenance"
        DEGRADED = "degraded", "Degraded"
        PARTIAL = "partial", "Partial outage"
        MAJOR = "major", "Major outage"

    page = models.ForeignKey(
        StatusPage, on_delete=models.CASCADE, related_name="components"
    )
    # Whose public planned work and incidents concern it.
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, related_name="components"
    )
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_shown = models.BooleanField(default=True)
    # Days before it say nothing.
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["page", "position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "name"], name="incidents_component_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ComponentMark(models.Model):
    """What somebody said by hand of a component; the last word holds."""

    component = models.ForeignKey(
        Component, on_delete=models.CASCADE, related_name="marks"
    )
    state = models.CharField(max_length=12, choices=Component.State)
    note = models.CharField(max_length=250, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["component", "set_at", "pk"]
        indexes = [
            models.Index(
                fields=["component", "-set_at"], name="incidents_component_mark_last"
            )
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_state_display()}"
