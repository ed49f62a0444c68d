"""API tokens and secrets: shown once, or never."""

from django.conf import settings
from django.db import models

from oncall.models.team import Team
from opsportal.kit.vault import EncryptedTextField


class Scope(models.TextChoices):
    """What a token may do, within what its owner may."""

    READ = "read", "Read"
    RESPOND = "respond", "Respond"
    MANAGE = "manage", "Manage"
    INGEST = "ingest", "Ingest"
    METRICS = "metrics", "Metrics"


class ApiToken(models.Model):
    """A bearer token of a person, limited to one team when it names one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=32, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class Secret(models.Model):
    """A named secret that checks use as {{secret:name}}, on its hosts only."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="secrets")
    name = models.SlugField()
    value = EncryptedTextField()
    # Without this an editor could point a check at a host of their own.
    hosts = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["team", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"], name="oncall_secret_name_a_team"
            )
        ]

    def __str__(self) -> str:
        return self.name
