"""What a team runs, and whom to call about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models.team import Team


class Service(models.Model):
    """A thing that customers use and a team answers for."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="services")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    schedule = models.ForeignKey(
        "oncall.Schedule",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="services",
    )
    policy = models.ForeignKey(
        "oncall.EscalationPolicy",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="services",
    )
    dashboard_url = models.URLField(blank=True)
    chat_channel = models.CharField(max_length=80, blank=True)
    war_room_url = models.URLField(blank=True)
    status_page_url = models.URLField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class EscalationContact(models.Model):
    """One line of the contact table of a service or of a team, in the order to try."""

    class Kind(models.TextChoices):
        EMAIL = "email", "Email"
        PHONE = "phone", "Phone"
        CHAT = "chat", "Chat"
        URL = "url", "Link"
        PAGER = "pager", "Pager"

    service = models.ForeignKey(
        Service,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="contacts",
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField("who", max_length=120)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    schedule = models.ForeignKey(
        "oncall.Schedule", on_delete=models.SET_NULL, null=True, blank=True
    )
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=250)
    note = models.CharField(max_length=250, blank=True)
    is_placeholder = models.BooleanField(
        default=False, help_text="The runbook names no real value yet."
    )

    class Meta:
        ordering = ["service", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(service__isnull=True) ^ Q(team__isnull=True),
                name="oncall_contact_of_service_or_team",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.value}"
