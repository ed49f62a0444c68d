"""Who outside wants to hear of a public page."""

from django.db import models
from django.db.models import Q

from incidents.models.status_page import Component, StatusPage
from opsportal.kit.vault import EncryptedTextField


class Subscriber(models.Model):
    """What one mail address asked to hear of one page.

    It hears nothing before it was confirmed from there; see docs/communication.md.
    """

    page = models.ForeignKey(
        StatusPage, on_delete=models.CASCADE, related_name="subscribers"
    )
    address = EncryptedTextField()
    # A keyed hash: finds an address that cannot be read.
    address_digest = models.CharField(max_length=64, editable=False)
    # Said, not inferred: a chosen component that goes must not become all of them.
    hears_all = models.BooleanField(default=True)
    components = models.ManyToManyField(
        Component, blank=True, related_name="subscribers"
    )
    hears_incidents = models.BooleanField(default=True)
    hears_maintenance = models.BooleanField(default=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    # Mails in a row that the reader's mail server refused for good, and what it said;
    # after so many of them nothing more is sent until somebody resumes it.
    refusals = models.PositiveSmallIntegerField(default=0)
    refusal = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    # Of the link that confirms; empty afterwards.
    token_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["page", "-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "address_digest"],
                condition=Q(confirmed_at__isnull=False),
                name="incidents_one_subscription_an_address",
            ),
            models.UniqueConstraint(
                fields=["page", "address_digest"],
                condition=Q(confirmed_at=None),
                name="incidents_one_request_an_address",
            ),
            models.UniqueConstraint(
                fields=["token_digest"],
                condition=~Q(token_digest=""),
                name="incidents_subscriber_token",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="incidents_subscriber_asked",
                condition=Q(confirmed_at=None),
            ),  # read by sweep forget_unconfirmed
        ]

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"
