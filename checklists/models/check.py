"""Automated checks and what they saw."""

import json

from django.db import models
from django.db.models import Q

from oncall.models import Service, Team
from opsportal.kit.vault import EncryptedTextField


class DataSource(models.Model):
    """A database that SQL checks may read, named so that its DSN stays here."""

    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, related_name="data_sources"
    )
    name = models.SlugField()
    dsn = EncryptedTextField()

    class Meta:
        ordering = ["team", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"], name="checklists_data_source_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Check(models.Model):
    """Something that the portal looks at by itself."""

    class Status(models.TextChoices):
        PENDING = "pending", "Not checked yet"
        PASS = "pass", "Passing"
        FAIL = "fail", "Failing"
        UNKNOWN = "unknown", "Unknown"

    class NoData(models.TextChoices):
        UNKNOWN = "unknown", "is unknown"
        FAIL = "fail", "is a failure"
        PASS = "pass", "passes"

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="checks"
    )
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=16)
    spec = models.JSONField(default=dict, blank=True)
    # What must hold to pass, in the condition language; empty records only.
    condition = models.CharField(max_length=500, blank=True)
    unit = models.CharField(max_length=16, blank=True)
    # [{"severity": "Critical", "condition": "value > 1%"}], gravest first.
    ladder = models.JSONField(default=list, blank=True)
    data_source = models.ForeignKey(
        DataSource, on_delete=models.PROTECT, null=True, blank=True
    )
    interval = models.DurationField()
    timeout = models.DurationField()
    freshness = models.DurationField()
    fail_after = models.PositiveSmallIntegerField(default=2)
    # Failures count among so many of the last looks; None: in a row.
    fail_within = models.PositiveSmallIntegerField(null=True, blank=True)
    recover_after = models.PositiveSmallIntegerField(default=2)
    no_data = models.CharField(max_length=8, choices=NoData, default=NoData.UNKNOWN)
    depends_on = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="dependents"
    )
    raises_alert = models.BooleanField(default=True)
    # Its failing time is the service's downtime: a health check is, the age of
    # a certificate is not.
    measures_uptime = models.BooleanField(default=False)
    is_enabled = models.BooleanField(default=True)

    # What the runner keeps; nobody else writes it.
    status = models.CharField(
        max_length=8, choices=Status, default=Status.PENDING, editable=False
    )
    status_since = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.JSONField(default=dict, blank=True, editable=False)
    last_value = models.FloatField(null=True, blank=True, editable=False)
    last_summary = models.CharField(max_length=250, blank=True, editable=False)
    last_observed_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_ok_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_flapping = models.BooleanField(default=False, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    # Up to here its results are summed up in days.
    rolled_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["service", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "slug"], name="checklists_check_slug"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_due_at"],
                name="checklists_check_due",
                condition=Q(is_enabled=True),
            )  # read by sweep run_due_checks
        ]

    def __str__(self) -> str:
        return self.name


class CheckResult(models.Model):
    """One observation, judged. Kept for 48 hours, then only summed up."""

    # No separate foreign key index: the unique constraint begins with it.
    check_ref = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="results", db_index=False
    )
    scheduled_for = models.DateTimeField()
    observed_at = models.DateTimeField()
    outcome = models.CharField(max_length=8)
    value = models.FloatField(null=True, blank=True)
    threshold = models.CharField(max_length=64, blank=True)
    latency_ms = models.FloatField(null=True, blank=True)
    error_code = models.CharField(max_length=32, blank=True)
    summary = models.CharField(max_length=250, blank=True)
    detail = models.TextField(blank=True)
    in_maintenance = models.BooleanField(default=False)
    spec_hash = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["check_ref", "-scheduled_for"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_ref", "scheduled_for"],
                name="checklists_one_result_a_slot",
            )
        ]
        indexes = [
            models.Index(fields=["observed_at"], name="checklists_result_time")
        ]  # read by sweep purge_results

    def __str__(self) -> str:
        return f"{self.outcome} at {self.observed_at:%Y-%m-%d %H:%M:%S}"


class CheckDay(models.Model):
    """What a check saw in one UTC day, summed up; see checklists.domain.packing."""

    check_ref = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="days", db_index=False
    )
    on = models.DateField()
    hours = models.BinaryField()
    # Empty once they are past their time.
    fives = models.BinaryField(null=True)

    class Meta:
        ordering = ["check_ref", "on"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_ref", "on"], name="checklists_one_day_a_check"
            )
        ]
        # Both read by sweep purge_results.
        indexes = [
            models.Index(fields=["on"], name="checklists_day_on"),
            models.Index(
                fields=["on"],
                name="checklists_day_fives",
                condition=Q(fives__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"


class CheckFlip(models.Model):
    """A confirmed change of status: uptime is computed from these."""

    check_ref = models.ForeignKey(
        Check, on_delete=models.CASCADE, related_name="flips", db_index=False
    )
    at = models.DateTimeField()
    old_status = models.CharField(max_length=8)
    new_status = models.CharField(max_length=8)
    in_maintenance = models.BooleanField(default=False)

    class Meta:
        ordering = ["check_ref", "at", "pk"]
        indexes = [
            models.Index(fields=["check_ref", "at"], name="checklists_flip_time")
        ]

    def __str__(self) -> str:
        return f"{self.old_status} to {self.new_status} at {self.at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """The inbox of a job that reports to us: one secret address a check."""

    check_ref = models.OneToOneField(
        Check, on_delete=models.CASCADE, related_name="heartbeat"
    )
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=32)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.prefix


class HeartbeatPing(models.Model):
    """One call of a job: start, success, fail or log."""

    class Kind(models.TextChoices):
        START = "start", "Start"
        SUCCESS = "success", "Success"
        FAIL = "fail", "Failure"
        LOG = "log", "Log"

    heartbeat = models.ForeignKey(
        Heartbeat, on_delete=models.CASCADE, related_name="pings"
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind)
    exit_code = models.SmallIntegerField(null=True, blank=True)
    run_id = models.UUIDField(null=True, blank=True, default=None)
    body = models.TextField(blank=True)

    class Meta:
        ordering = ["heartbeat", "-at"]
        indexes = [
            models.Index(
                fields=["heartbeat", "kind", "-at"], name="checklists_ping_latest"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"

    def report(self) -> object:
        """Return the body when it is JSON, for conditions; else None."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None
