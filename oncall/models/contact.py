"""How to reach a person, and where a team wants to be told."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from oncall.models.team import Team
from opsportal.kit.vault import EncryptedTextField


class TransportKind(models.TextChoices):
    """The transports of oncall.transports."""

    EMAIL = "email", "Email"
    SLACK = "slack", "Slack"
    SLACK_APP = "slack_app", "Slack app"
    WEBHOOK = "webhook", "Webhook"
    SMS = "sms", "SMS"
    PAGERDUTY = "pagerduty", "PagerDuty"
    TEAMS = "teams", "Microsoft Teams"
    APPRISE = "apprise", "Apprise"


class ContactMethod(models.Model):
    """One way to reach one person. Only verified ones carry messages."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="contact_methods",
    )
    kind = models.CharField(max_length=16, choices=TransportKind)
    # A Slack webhook URL is a secret: whoever has it can post.
    address = EncryptedTextField()
    label = models.CharField(max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)
    # The code that was last sent there, as a keyed hash, and the guesses at it.
    code_digest = models.CharField(max_length=64, blank=True, editable=False)
    code_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    code_tries = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["user", "position", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.user}"


class NotificationRule(models.Model):
    """How long after a page or reminder a person is told by which method."""

    class Urgency(models.TextChoices):
        HIGH = "high", "Pages"
        LOW = "low", "Reminders and news"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notification_rules",
    )
    urgency = models.CharField(max_length=4, choices=Urgency, default=Urgency.HIGH)
    delay = models.DurationField(default=timedelta)
    contact_method = models.ForeignKey(
        ContactMethod, on_delete=models.CASCADE, related_name="rules"
    )

    class Meta:
        ordering = ["user", "urgency", "delay", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "urgency", "contact_method", "delay"],
                name="oncall_notification_rule_once",
            ),
            models.CheckConstraint(
                condition=Q(delay__gte=timedelta()),
                name="oncall_notification_rule_not_before",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_method} after {self.delay}"


class QuietHours(models.Model):
    """When a person does not want reminders; pages ignore it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="quiet_hours",
    )
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        verbose_name_plural = "quiet hours"

    def __str__(self) -> str:
        return f"{self.starts:%H:%M} to {self.ends:%H:%M}"


class Channel(models.Model):
    """A place where a whole team is told: a Slack channel, a mailing list."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=16, choices=TransportKind)
    name = models.CharField(max_length=80)
    address = EncryptedTextField()
    takes_reminders = models.BooleanField(default=True)
    takes_alerts = models.BooleanField(default=True)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["team", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"], name="oncall_channel_name_a_team"
            )
        ]

    def __str__(self) -> str:
        return self.name
