"""Incidents: what is broken, who has it, and what happened."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from incidents.models.severity import SeverityLevel
from oncall.models import Service, Team


class IncidentDay(models.Model):
    """The counter behind INC-YYYY-MM-DD-NNN: gap-free within a UTC day."""

    on = models.DateField(unique=True)
    last_number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.on}: {self.last_number}"


class Incident(models.Model):
    """One incident of a team."""

    class Kind(models.TextChoices):
        REAL = "real", "Real"
        DRILL = "drill", "Drill"
        TEST = "test", "Test"

    class Status(models.TextChoices):
        TRIAGE = "triage", "Triage"
        INVESTIGATING = "investigating", "Investigating"
        IDENTIFIED = "identified", "Identified"
        MONITORING = "monitoring", "Monitoring"
        RESOLVED = "resolved", "Resolved"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"
        MERGED = "merged", "Merged"

    class Detection(models.TextChoices):
        ALERT = "alert", "An alert"
        STAFF = "staff", "One of us"
        CUSTOMER = "customer", "A customer"
        OTHER = "other", "Somebody else"

    OVER = (Status.RESOLVED, Status.CLOSED, Status.CANCELLED, Status.MERGED)

    ref = models.CharField(max_length=24, unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="incidents")
    services = models.ManyToManyField(Service, related_name="incidents")
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.REAL)
    status = models.CharField(
        max_length=16, choices=Status, default=Status.INVESTIGATING
    )
    severity = models.ForeignKey(
        SeverityLevel, on_delete=models.PROTECT, related_name="+"
    )
    summary = models.TextField(blank=True)
    # One point a line: symptoms, resolution (its steps), prevention, affected.
    symptoms = models.TextField(blank=True)
    root_cause = models.TextField(blank=True)
    resolution = models.TextField(blank=True)
    prevention = models.TextField(blank=True)
    impact = models.TextField(blank=True)
    affected = models.TextField(blank=True)
    # Empty: nobody counted.
    impact_users = models.PositiveIntegerField(null=True, blank=True)
    impact_requests = models.PositiveBigIntegerField(null=True, blank=True)
    customers_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )
    is_customer_impacting = models.BooleanField(default=False)
    is_external_impact = models.BooleanField(default=False)
    is_complete_outage = models.BooleanField(default=False)
    is_data_at_risk = models.BooleanField(default=False)
    # Led by executives: an update is due every five minutes.
    is_executive = models.BooleanField(default=False)
    eta_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    chat_channel = models.CharField(max_length=80, blank=True)
    war_room_url = models.URLField(blank=True)
    started_at = models.DateTimeField()
    # When anybody or anything noticed; empty for those from before this was kept.
    detected_at = models.DateTimeField(null=True, blank=True)
    detection = models.CharField(
        max_length=10, choices=Detection, default=Detection.STAFF
    )
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    identified_at = models.DateTimeField(null=True, blank=True)
    mitigated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-declared_at"]
        indexes = [
            models.Index(
                fields=["team", "-declared_at"],
                name="incidents_incident_open",
                condition=~Q(status__in=["resolved", "closed", "cancelled"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class IncidentRole(models.Model):
    """Who does what in one incident."""

    class Name(models.TextChoices):
        COMMANDER = "commander", "Commander"
        DEPUTY = "deputy", "Deputy"
        SCRIBE = "scribe", "Scribe"
        COMMS = "comms", "Communication"
        LIAISON = "liaison", "Liaison"
        REPORTER = "reporter", "Reporter"

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="roles"
    )
    name = models.CharField(max_length=12, choices=Name)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "name"], name="incidents_one_person_a_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.user}"


class IncidentWord(models.Model):
    """One word of an incident's title or summary: how similar ones are found."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="words"
    )
    word = models.CharField(max_length=32)

    class Meta:
        ordering = ["incident", "word"]
        constraints = [
            models.UniqueConstraint(
                fields=["word", "incident"], name="incidents_word_once"
            )
        ]  # read by queries.similar, by word first

    def __str__(self) -> str:
        return self.word


class TimelineEntry(models.Model):
    """What happened, in order. Append-only: a correction is a new entry."""

    incident = models.ForeignKey(
        Incident, on_delete=models.CASCADE, related_name="timeline"
    )
    # When it happened (may be given later) and when it was written down.
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)
    # "alert:12", so that a replay adds nothing.
    source_ref = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001 -- NULLs are distinct in the unique constraint
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
    )

    class Meta:
        ordering = ["incident", "occurred_at", "pk"]
        verbose_name_plural = "timeline entries"
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "source_ref"], name="incidents_timeline_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at:%Y-%m-%d %H:%M}"
