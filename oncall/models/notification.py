"""The outbox: every reminder, page and update is a row before it is sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models.contact import Channel, ContactMethod, TransportKind
from oncall.models.service import EscalationContact
from oncall.models.team import Team
from opsportal.kit.vault import EncryptedTextField


class Notification(models.Model):
    """One message to one address.

    Exactly one row a ``dedupe_key``. A sender leases the row, sends outside any
    transaction, and settles with its token.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        LEASED = "leased", "Being sent"
        SENT = "sent", "Sent"
        BUNDLED = "bundled", "Sent with others"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    class Urgency(models.TextChoices):
        HIGH = "high", "High"
        LOW = "low", "Low"

    # Without a team it is between the portal and its recipient alone.
    team = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="notifications",
    )
    # What it is about, as "run:7"; plain text so that no app below knows one above.
    topic = models.CharField(max_length=80)
    dedupe_key = models.CharField(max_length=200, unique=True)
    urgency = models.CharField(max_length=4, choices=Urgency, default=Urgency.LOW)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="notifications",
    )
    contact_method = models.ForeignKey(
        ContactMethod, on_delete=models.SET_NULL, null=True, blank=True
    )
    channel = models.ForeignKey(
        Channel, on_delete=models.SET_NULL, null=True, blank=True
    )
    # A line of a contact table that nobody's account stands behind.
    contact = models.ForeignKey(
        EscalationContact, on_delete=models.SET_NULL, null=True, blank=True
    )
    # Somebody outside without an account: where they are, under which key their
    # messages are found again, and the link by which they hear no more.
    address = EncryptedTextField(blank=True)
    address_key = models.CharField(max_length=40, blank=True)
    unsubscribe_url = EncryptedTextField(blank=True)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    blocks = models.JSONField(null=True, blank=True)
    url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    first_attempt_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    bundled_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="bundle"
    )
    # A message that was sent and is changed where it stands, if its channel can.
    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="revisions",
    )
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["urgency", "next_try_at"],
                name="oncall_notification_due",
                condition=Q(state__in=["pending", "leased"]),
            ),  # read by sweep deliver_notifications
            models.Index(fields=["topic"], name="oncall_notification_topic"),
            models.Index(
                fields=["address_key"],
                name="oncall_notification_outside",
                condition=~Q(address_key=""),
            ),  # read by forget_address
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state="leased",
                    lease_until__isnull=False,
                    lease_token__isnull=False,
                )
                | (~Q(state="leased") & Q(lease_token__isnull=True)),
                name="oncall_notification_lease_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="oncall_notification_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class NotificationAttempt(models.Model):
    """One try to send. The row is committed before the network is touched."""

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="tries"
    )
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["notification", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "number"], name="oncall_attempt_number"
            )
        ]

    def __str__(self) -> str:
        return f"try {self.number}"


class Endpoint(models.Model):
    """Where messages arrive, as the limits see it: one webhook, one mail server.

    It is named by a keyed hash, because an address may be a secret. ``sends`` holds
    when the last messages had ended at the latest, as seconds since 1970; writers
    move ``revision`` and believe the row count.
    """

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=TransportKind)
    # Enough to recognise it: the host, or the kind again.
    label = models.CharField(max_length=120)
    sends = models.JSONField(default=list, blank=True)
    # Consecutive ones that say that nobody is there.
    failures = models.PositiveIntegerField(default=0)
    # Nothing is sent before; with enough failures, one message tries then.
    retry_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveBigIntegerField(default=0)
    used_at = models.DateTimeField()

    class Meta:
        ordering = ["-used_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.label}"
