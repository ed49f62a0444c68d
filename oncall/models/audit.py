"""The audit log: every change, chained so that a gap shows."""

from django.conf import settings
from django.db import models

from oncall.models.team import Team


class AuditEntry(models.Model):
    """One change by one actor. The database refuses to alter it."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # Who it was when no person was: "sweep:close_runs", "token:opp_api_1a2b3c4d".
    actor_label = models.CharField(max_length=120)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    action = models.CharField(max_length=80)
    target = models.CharField(max_length=120)
    target_label = models.CharField(max_length=250, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["team", "-at"], name="oncall_audit_team")]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class AuditHead(models.Model):
    """The end of the chain: one row whose update orders the writers."""

    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return self.hash
