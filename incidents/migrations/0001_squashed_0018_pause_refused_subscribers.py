import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from opsportal.kit.append_only import guard
from opsportal.kit.create_tables import CreateTables
from opsportal.kit.vault import EncryptedTextField

# PostgreSQL keeps it itself; SQLite looks into the texts.
ADD = """
ALTER TABLE incidents_incident ADD COLUMN search tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('english', summary || ' ' || symptoms), 'B')
    || setweight(to_tsvector('english', root_cause || ' ' || resolution), 'C')
    || setweight(
        to_tsvector('english', prevention || ' ' || impact || ' ' || affected), 'D'
    )
) STORED
"""
INDEX = "CREATE INDEX incidents_incident_search ON incidents_incident USING gin(search)"
REMOVE = "ALTER TABLE incidents_incident DROP COLUMN search"


def add_search(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ADD)
        schema_editor.execute(INDEX)


def remove_search(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REMOVE)


class Migration(migrations.Migration):
    replaces = [
        ("incidents", "0001_alerts_and_incidents"),
        ("incidents", "0002_guard_timeline"),
        ("incidents", "0003_index_alerts_to_review"),
        ("incidents", "0004_escalations"),
        ("incidents", "0005_ingest"),
        ("incidents", "0006_silences_and_mutes"),
        ("incidents", "0007_whole_incidents"),
        ("incidents", "0008_updates_and_status_pages"),
        ("incidents", "0009_postmortems_and_actions"),
        ("incidents", "0010_noise_and_recurring_windows"),
        ("incidents", "0011_inbox"),
        ("incidents", "0012_objectives"),
        ("incidents", "0013_find_mutes_of_windows"),
        ("incidents", "0014_subscribers"),
        ("incidents", "0015_search_incidents"),
        ("incidents", "0016_alerts_that_last"),
        ("incidents", "0017_alerts_newest_first"),
        ("incidents", "0018_pause_refused_subscribers"),
    ]

    initial = True

    dependencies = [
        ("oncall", "0001_squashed_0012_addresses_outside"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="SeverityLevel",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="severities",
                                to="oncall.service",
                            ),
                        ),
                        ("label", models.CharField(max_length=32)),
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ]
                            ),
                        ),
                        ("response", models.DurationField(blank=True, null=True)),
                        ("update_every", models.DurationField(blank=True, null=True)),
                        ("is_next_business_day", models.BooleanField(default=False)),
                        ("description", models.TextField(blank=True)),
                        ("pages", models.BooleanField(default=False)),
                        ("postmortem_required", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["service", "level", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("service", "label"),
                                name="incidents_severity_label",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentDay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("on", models.DateField(unique=True)),
                        ("last_number", models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("ref", models.CharField(max_length=24, unique=True)),
                        (
                            "team",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents",
                                to="oncall.team",
                            ),
                        ),
                        ("title", models.CharField(max_length=250)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("real", "Real"),
                                    ("drill", "Drill"),
                                    ("test", "Test"),
                                ],
                                default="real",
                                max_length=8,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("triage", "Triage"),
                                    ("investigating", "Investigating"),
                                    ("identified", "Identified"),
                                    ("monitoring", "Monitoring"),
                                    ("resolved", "Resolved"),
                                    ("closed", "Closed"),
                                    ("cancelled", "Cancelled"),
                                    ("merged", "Merged"),
                                ],
                                default="investigating",
                                max_length=16,
                            ),
                        ),
                        (
                            "severity",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="incidents.severitylevel",
                            ),
                        ),
                        ("summary", models.TextField(blank=True)),
                        ("symptoms", models.TextField(blank=True)),
                        ("root_cause", models.TextField(blank=True)),
                        ("resolution", models.TextField(blank=True)),
                        ("prevention", models.TextField(blank=True)),
                        ("impact", models.TextField(blank=True)),
                        ("affected", models.TextField(blank=True)),
                        (
                            "impact_users",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        (
                            "impact_requests",
                            models.PositiveBigIntegerField(blank=True, null=True),
                        ),
                        (
                            "customers_percent",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True
                            ),
                        ),
                        ("is_customer_impacting", models.BooleanField(default=False)),
                        ("is_external_impact", models.BooleanField(default=False)),
                        ("is_complete_outage", models.BooleanField(default=False)),
                        ("is_data_at_risk", models.BooleanField(default=False)),
                        ("is_executive", models.BooleanField(default=False)),
                        ("eta_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "merged_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="merged",
                                to="incidents.incident",
                            ),
                        ),
                        ("chat_channel", models.CharField(blank=True, max_length=80)),
                        ("war_room_url", models.URLField(blank=True)),
                        ("started_at", models.DateTimeField()),
                        ("detected_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "detection",
                            models.CharField(
                                choices=[
                                    ("alert", "An alert"),
                                    ("staff", "One of us"),
                                    ("customer", "A customer"),
                                    ("other", "Somebody else"),
                                ],
                                default="staff",
                                max_length=10,
                            ),
                        ),
                        ("declared_at", models.DateTimeField()),
                        (
                            "declared_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "acknowledged_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("identified_at", models.DateTimeField(blank=True, null=True)),
                        ("mitigated_at", models.DateTimeField(blank=True, null=True)),
                        ("resolved_at", models.DateTimeField(blank=True, null=True)),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("version", models.PositiveIntegerField(default=0)),
                        (
                            "services",
                            models.ManyToManyField(
                                related_name="incidents", to="oncall.service"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-declared_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("status__in", ["resolved", "closed", "cancelled"]),
                                    _negated=True,
                                ),
                                fields=["team", "-declared_at"],
                                name="incidents_incident_open",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentRole",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="roles",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "name",
                            models.CharField(
                                choices=[
                                    ("commander", "Commander"),
                                    ("deputy", "Deputy"),
                                    ("scribe", "Scribe"),
                                    ("comms", "Communication"),
                                    ("liaison", "Liaison"),
                                    ("reporter", "Reporter"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["incident", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("incident", "name"),
                                name="incidents_one_person_a_role",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentWord",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="words",
                                to="incidents.incident",
                            ),
                        ),
                        ("word", models.CharField(max_length=32)),
                    ],
                    options={
                        "ordering": ["incident", "word"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("word", "incident"), name="incidents_word_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TimelineEntry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="timeline",
                                to="incidents.incident",
                            ),
                        ),
                        ("occurred_at", models.DateTimeField()),
                        ("recorded_at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=24)),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                        ("data", models.JSONField(blank=True, default=dict)),
                        (
                            "source_ref",
                            models.CharField(blank=True, max_length=80, null=True),
                        ),
                        (
                            "supersedes",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="superseded_by",
                                to="incidents.timelineentry",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name_plural": "timeline entries",
                        "ordering": ["incident", "occurred_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("incident", "source_ref"),
                                name="incidents_timeline_source",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActionItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="actions",
                                to="incidents.incident",
                            ),
                        ),
                        ("title", models.CharField(max_length=250)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("prevent", "Prevent"),
                                    ("detect", "Detect sooner"),
                                    ("mitigate", "Mitigate faster"),
                                    ("process", "Process"),
                                ],
                                default="prevent",
                                max_length=8,
                            ),
                        ),
                        (
                            "priority",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "High"), (2, "Medium"), (3, "Low")],
                                default=2,
                            ),
                        ),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="actions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("due_on", models.DateField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("in_progress", "In progress"),
                                    ("done", "Done"),
                                    ("wont_do", "Won't do"),
                                ],
                                default="open",
                                max_length=12,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        ("created_at", models.DateTimeField()),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("completed_at", models.DateTimeField(blank=True, null=True)),
                        ("version", models.PositiveIntegerField(default=0)),
                        (
                            "next_reminder_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("reminding_on", models.DateField(blank=True, null=True)),
                        ("reminder_try", models.PositiveSmallIntegerField(default=0)),
                        ("reminders_sent", models.PositiveIntegerField(default=0)),
                        ("exported_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["due_on", "priority", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False)),
                                fields=["next_reminder_at"],
                                name="incidents_action_reminder",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["open", "in_progress"])
                                ),
                                fields=["owner", "due_on"],
                                name="incidents_action_open",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("completed_at__isnull", False),
                                        ("state", "done"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "done"), _negated=True),
                                        ("completed_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="incidents_action_done_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "wont_do"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="incidents_action_refused_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["open", "in_progress"]),
                                    ("next_reminder_at__isnull", True),
                                    _connector="OR",
                                ),
                                name="incidents_action_over_reminds_nobody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Integration",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="integrations",
                                to="oncall.service",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("checks", "The portal's own checks"),
                                    ("api", "API"),
                                    ("pagerduty", "PagerDuty Events API"),
                                    ("prometheus", "Prometheus or vmalert"),
                                    ("alertmanager", "Alertmanager webhook"),
                                    ("grafana", "Grafana"),
                                    ("sns", "Amazon SNS and CloudWatch"),
                                    ("sentry", "Sentry"),
                                    ("webhook", "Any JSON webhook"),
                                    ("heartbeat", "Heartbeat"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("is_enabled", models.BooleanField(default=True)),
                        ("key_hash", models.CharField(blank=True, max_length=64)),
                        ("key_made_at", models.DateTimeField(blank=True, null=True)),
                        ("old_key_hash", models.CharField(blank=True, max_length=64)),
                        ("old_key_until", models.DateTimeField(blank=True, null=True)),
                        ("secret", EncryptedTextField(blank=True)),
                        ("field_mapping", models.JSONField(blank=True, default=dict)),
                        (
                            "severity_mapping",
                            models.JSONField(blank=True, default=dict),
                        ),
                        ("silence_after", models.DurationField(blank=True, null=True)),
                        ("silent_at", models.DateTimeField(blank=True, null=True)),
                        ("hold_for", models.DurationField(blank=True, null=True)),
                        ("clear_for", models.DurationField(blank=True, null=True)),
                        ("cooldown", models.DurationField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["service", "name"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("old_key_hash", ""), _negated=True),
                                fields=["old_key_hash"],
                                name="incidents_integration_old_key",
                            ),
                            models.Index(
                                condition=models.Q(("silent_at__isnull", False)),
                                fields=["silent_at"],
                                name="incidents_integration_silent",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("service", "kind", "name"),
                                name="incidents_integration_name",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("key_hash", ""), _negated=True),
                                fields=("key_hash",),
                                name="incidents_integration_key",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IngestEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "integration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ingest_events",
                                to="incidents.integration",
                            ),
                        ),
                        ("received_at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=24)),
                        ("external_id", models.CharField(blank=True, max_length=255)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waiting"),
                                    ("accepted", "Accepted"),
                                    ("duplicate", "Duplicate"),
                                    ("rejected", "Rejected"),
                                    ("failed", "Failed"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=250)),
                        ("body", models.BinaryField()),
                        ("signals", models.TextField(blank=True)),
                        (
                            "alert",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="ingest_events",
                                to="incidents.alert",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-received_at", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["integration", "-received_at"],
                                name="incidents_ingest_recent",
                            ),
                            models.Index(
                                fields=["received_at"], name="incidents_ingest_age"
                            ),
                            models.Index(
                                condition=models.Q(("status", "waiting")),
                                fields=["id"],
                                name="incidents_ingest_waiting",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    models.Q(("external_id", ""), _negated=True),
                                    ("status__in", ["waiting", "accepted"]),
                                ),
                                fields=("integration", "external_id"),
                                name="incidents_ingest_once",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AlertSeries",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "integration",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="series",
                                to="incidents.integration",
                            ),
                        ),
                        ("dedup_key", models.CharField(max_length=255)),
                        (
                            "fired_at_source",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        (
                            "ended_at_source",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("cooldown", models.DurationField(blank=True, null=True)),
                        ("changes", models.JSONField(blank=True, default=list)),
                        ("flapping_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "flapping_look_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("digest_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "verbose_name_plural": "alert series",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("flapping_look_at__isnull", False)),
                                fields=["flapping_look_at"],
                                name="incidents_series_flapping",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("integration", "dedup_key"),
                                name="incidents_series_key",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Alert",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "series",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="alerts",
                                to="incidents.alertseries",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="alerts",
                                to="oncall.service",
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("firing", "Firing"),
                                    ("acknowledged", "Acknowledged"),
                                    ("resolved", "Resolved"),
                                ],
                                default="firing",
                                max_length=12,
                            ),
                        ),
                        ("severity_label", models.CharField(blank=True, max_length=32)),
                        ("level", models.PositiveSmallIntegerField(default=3)),
                        ("peak_level", models.PositiveSmallIntegerField(default=3)),
                        ("summary", models.CharField(max_length=1024)),
                        ("description", models.TextField(blank=True)),
                        ("metric", models.CharField(blank=True, max_length=120)),
                        ("value", models.CharField(blank=True, max_length=64)),
                        ("threshold", models.CharField(blank=True, max_length=64)),
                        ("labels", models.JSONField(blank=True, default=dict)),
                        ("source_url", models.CharField(blank=True, max_length=500)),
                        ("starts_at", models.DateTimeField()),
                        ("opened_at", models.DateTimeField(blank=True, null=True)),
                        ("last_seen_at", models.DateTimeField()),
                        (
                            "acknowledged_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        (
                            "acknowledged_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("resolved_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "resolved_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("resolved_how", models.CharField(blank=True, max_length=16)),
                        ("event_count", models.PositiveIntegerField(default=1)),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("held_at", models.DateTimeField(blank=True, null=True)),
                        ("clears_at", models.DateTimeField(blank=True, null=True)),
                        ("ladder_key", models.CharField(blank=True, max_length=32)),
                        ("muted_at", models.DateTimeField(blank=True, null=True)),
                        ("muted_until", models.DateTimeField(blank=True, null=True)),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="alerts",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "storm",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="alerts",
                                to="incidents.storm",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["level", "-starts_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("status", "resolved"), _negated=True
                                ),
                                fields=["service", "level"],
                                name="incidents_alert_open",
                            ),
                            models.Index(
                                fields=["service", "-starts_at"],
                                name="incidents_alert_time",
                            ),
                            models.Index(
                                fields=["-starts_at", "-id"],
                                name="incidents_alert_newest",
                            ),
                            models.Index(
                                condition=models.Q(("reviewed_at__isnull", True)),
                                fields=["service", "-starts_at"],
                                name="incidents_alert_review",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("expires_at__isnull", False),
                                    models.Q(("status", "resolved"), _negated=True),
                                ),
                                fields=["expires_at"],
                                name="incidents_alert_expiry",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("clears_at__isnull", False),
                                    models.Q(("status", "resolved"), _negated=True),
                                ),
                                fields=["clears_at"],
                                name="incidents_alert_clearing",
                            ),
                            models.Index(
                                condition=models.Q(
                                    models.Q(("ladder_key", ""), _negated=True),
                                    models.Q(("status", "resolved"), _negated=True),
                                ),
                                fields=["service", "ladder_key"],
                                name="incidents_alert_ladder",
                            ),
                            models.Index(
                                condition=models.Q(
                                    ("muted_until__isnull", False),
                                    models.Q(("status", "resolved"), _negated=True),
                                ),
                                fields=["muted_until"],
                                name="incidents_alert_muted",
                            ),
                            models.Index(
                                fields=["service", "-opened_at"],
                                name="incidents_alert_opened",
                            ),
                            models.Index(
                                condition=models.Q(("storm__isnull", False)),
                                fields=["storm"],
                                name="incidents_alert_storm",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("status", "resolved"), _negated=True
                                ),
                                fields=("series",),
                                name="incidents_one_open_alert_a_series",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("resolved_at__isnull", False),
                                        ("status", "resolved"),
                                    ),
                                    models.Q(
                                        models.Q(("status", "resolved"), _negated=True),
                                        ("resolved_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="incidents_alert_resolved_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AlertEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="events",
                                to="incidents.alert",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=24)),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("text", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["alert", "at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="Escalation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "alert",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="escalation",
                                to="incidents.alert",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.escalationpolicyversion",
                            ),
                        ),
                        ("policy_name", models.CharField(max_length=120)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("running", "Running"),
                                    ("held", "Held"),
                                    ("ended", "Ended"),
                                ],
                                default="running",
                                max_length=8,
                            ),
                        ),
                        ("rev", models.PositiveIntegerField(default=0)),
                        ("loop", models.PositiveIntegerField(default=0)),
                        (
                            "step",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("progress", models.JSONField(default=dict)),
                        ("next_step_at", models.DateTimeField(blank=True, null=True)),
                        ("snoozed_until", models.DateTimeField(blank=True, null=True)),
                        ("ack_deadline", models.DateTimeField(blank=True, null=True)),
                        ("opened_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "running")),
                                fields=["next_step_at"],
                                name="incidents_escalation_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("ended_at__isnull", False), ("state", "ended")
                                    ),
                                    models.Q(
                                        models.Q(("state", "ended"), _negated=True),
                                        ("ended_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="incidents_escalation_ended_has_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state", "running"),
                                    ("next_step_at__isnull", True),
                                    _connector="OR",
                                ),
                                name="incidents_escalation_only_running_is_due",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="escalation_events",
                                to="incidents.alert",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("kind", models.CharField(max_length=16)),
                        ("loop", models.PositiveIntegerField(default=0)),
                        (
                            "step",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("step_name", models.CharField(blank=True, max_length=120)),
                        (
                            "actor",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="oncall.channel",
                            ),
                        ),
                        ("name", models.CharField(blank=True, max_length=120)),
                        ("reason", models.CharField(blank=True, max_length=16)),
                        ("text", models.CharField(blank=True, max_length=500)),
                        ("key", models.CharField(blank=True, max_length=120)),
                    ],
                    options={
                        "ordering": ["alert", "at", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("kind", "page")),
                                fields=["actor", "-at"],
                                name="incidents_page_by_hand",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PolicyTurn",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "policy",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                to="oncall.escalationpolicy",
                            ),
                        ),
                        ("count", models.PositiveIntegerField(default=0)),
                    ],
                ),
                migrations.CreateModel(
                    name="RecurringWindow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="recurring_windows",
                                to="oncall.service",
                            ),
                        ),
                        ("reason", models.CharField(max_length=250)),
                        (
                            "frequency",
                            models.CharField(
                                choices=[
                                    ("weekly", "By the week"),
                                    ("monthly", "By the month"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("every", models.PositiveSmallIntegerField(default=1)),
                        ("weekdays", models.JSONField(blank=True, default=list)),
                        (
                            "month_day",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("nth", models.SmallIntegerField(blank=True, null=True)),
                        ("starts", models.TimeField()),
                        ("length", models.DurationField()),
                        ("time_zone", models.CharField(max_length=64)),
                        ("first_on", models.DateField()),
                        ("last_on", models.DateField(blank=True, null=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("next_plan_at", models.DateTimeField(blank=True, null=True)),
                        ("planned_until", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["service", "starts", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_plan_at__isnull", False)),
                                fields=["next_plan_at"],
                                name="incidents_recurring_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MaintenanceWindow",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="maintenance_windows",
                                to="oncall.service",
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("reason", models.CharField(max_length=250)),
                        ("announced_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_tell_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("applied_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "recurring",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="windows",
                                to="incidents.recurringwindow",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-starts_at"],
                        "indexes": [
                            models.Index(
                                fields=["service", "ends_at"],
                                name="incidents_maintenance_end",
                            ),
                            models.Index(
                                condition=models.Q(("applied_at", None)),
                                fields=["starts_at"],
                                name="incidents_window_coming",
                            ),
                            models.Index(
                                condition=models.Q(("next_tell_at__isnull", False)),
                                fields=["next_tell_at"],
                                name="incidents_window_telling",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("recurring__isnull", False)),
                                fields=("recurring", "starts_at"),
                                name="incidents_one_window_an_occurrence",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gt", models.F("starts_at"))
                                ),
                                name="incidents_maintenance_ends_after_start",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Silence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "public_id",
                            models.UUIDField(
                                default=uuid.uuid4, editable=False, unique=True
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="silences",
                                to="oncall.team",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="silences",
                                to="oncall.service",
                            ),
                        ),
                        ("matchers", models.JSONField()),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("comment", models.CharField(max_length=500)),
                        ("author", models.CharField(max_length=120)),
                        (
                            "created_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("updated_at", models.DateTimeField()),
                        ("applied_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-ends_at", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["team", "ends_at"], name="incidents_silence_end"
                            ),
                            models.Index(
                                condition=models.Q(("applied_at", None)),
                                fields=["starts_at"],
                                name="incidents_silence_coming",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gte", models.F("starts_at"))
                                ),
                                name="incidents_silence_ends_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AlertMute",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "alert",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mutes",
                                to="incidents.alert",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("silence", "Silenced"),
                                    ("maintenance", "In maintenance"),
                                    ("ladder", "A worse one fires"),
                                    ("storm", "In a storm"),
                                    ("cooldown", "Told a moment ago"),
                                    ("flapping", "Flapping"),
                                    ("hold", "Not for long yet"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("ref", models.CharField(max_length=48)),
                        ("text", models.CharField(blank=True, max_length=500)),
                        ("began_at", models.DateTimeField()),
                        ("until", models.DateTimeField(blank=True, null=True)),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["alert", "began_at", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("kind", "maintenance")),
                                fields=["ref"],
                                name="incidents_mute_window",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("alert", "ref"),
                                name="incidents_one_mute_a_ground",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostmortemFormat",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="postmortem_format",
                                to="oncall.service",
                            ),
                        ),
                        (
                            "slug",
                            models.CharField(
                                choices=[
                                    ("common", "Common"),
                                    ("arq", "ARQ: eight headings"),
                                    ("amas", "AMAS: incident log"),
                                    ("qenergyz", "Qenergyz: post-incident review"),
                                    ("arca", "ARCA: five questions"),
                                ],
                                max_length=16,
                                verbose_name="format",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["service"],
                    },
                ),
                migrations.CreateModel(
                    name="Postmortem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "incident",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="postmortem",
                                to="incidents.incident",
                            ),
                        ),
                        ("format", models.CharField(max_length=16)),
                        (
                            "owner",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="postmortems",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("in_review", "In review"),
                                    ("reviewed", "Reviewed"),
                                    ("closed", "Closed"),
                                ],
                                default="draft",
                                max_length=12,
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_reminder_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("reviewed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "reviewed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("waived_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "waived_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("waiver_reason", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ["-created_at"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False)),
                                fields=["next_reminder_at"],
                                name="incidents_postmortem_reminder",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("waived_at__isnull", True),
                                    models.Q(("waiver_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="incidents_postmortem_waiver_has_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state__in", ["reviewed", "closed"]),
                                        _negated=True,
                                    ),
                                    ("reviewed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="incidents_postmortem_reviewed_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostmortemSection",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "postmortem",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sections",
                                to="incidents.postmortem",
                            ),
                        ),
                        ("key", models.CharField(max_length=24)),
                        ("text", models.TextField(blank=True)),
                        ("version", models.PositiveIntegerField(default=0)),
                        ("edited_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "edited_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["postmortem", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("postmortem", "key"),
                                name="incidents_postmortem_section",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostmortemRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "section",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="revisions",
                                to="incidents.postmortemsection",
                            ),
                        ),
                        ("version", models.PositiveIntegerField()),
                        ("text", models.TextField(blank=True)),
                        ("written_at", models.DateTimeField()),
                        (
                            "written_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["section", "-version"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("section", "version"),
                                name="incidents_postmortem_revision",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PostmortemReviewer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "postmortem",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reviewers",
                                to="incidents.postmortem",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("asked_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["postmortem", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("postmortem", "user"),
                                name="incidents_postmortem_reviewer",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Slo",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="slos",
                                to="oncall.service",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("availability", "Availability"),
                                    ("latency", "Latency"),
                                    ("errors", "Error rate"),
                                ],
                                default="availability",
                                max_length=12,
                            ),
                        ),
                        ("target", models.DecimalField(decimal_places=4, max_digits=7)),
                        ("window_days", models.PositiveSmallIntegerField(default=30)),
                        ("checks", models.JSONField(blank=True, default=list)),
                        ("includes_4xx", models.BooleanField(default=True)),
                        ("server_checks", models.JSONField(blank=True, default=list)),
                        ("counts_incidents", models.BooleanField(default=False)),
                        ("incident_level", models.PositiveSmallIntegerField(default=1)),
                        ("excludes_maintenance", models.BooleanField(default=False)),
                        ("recovery_time", models.DurationField(blank=True, null=True)),
                        ("recovery_point", models.DurationField(blank=True, null=True)),
                        ("backup_every", models.DurationField(blank=True, null=True)),
                        ("is_enabled", models.BooleanField(default=True)),
                        ("created_at", models.DateTimeField()),
                        (
                            "next_look_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "burning",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("", "Not burning"),
                                    ("ticket", "Slowly"),
                                    ("page", "Fast"),
                                ],
                                editable=False,
                                max_length=6,
                            ),
                        ),
                        (
                            "half_told_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ["service", "name"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_enabled", True)),
                                fields=["next_look_at"],
                                name="incidents_slo_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("service", "name"), name="incidents_slo_name"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("target__gt", 0), ("target__lt", 100)
                                ),
                                name="incidents_slo_leaves_a_budget",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("window_days__gte", 1)),
                                name="incidents_slo_has_a_window",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SloEvent",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "slo",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="events",
                                to="incidents.slo",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("page", "Burns fast"),
                                    ("ticket", "Burns slowly"),
                                    ("calm", "Burns no more"),
                                    ("half", "Half is gone"),
                                ],
                                max_length=6,
                            ),
                        ),
                        ("text", models.CharField(max_length=250)),
                    ],
                    options={
                        "ordering": ["slo", "-at", "-pk"],
                        "indexes": [
                            models.Index(
                                fields=["slo", "-at"], name="incidents_slo_event_new"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StatusPage",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "team",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="status_page",
                                to="oncall.team",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("title", models.CharField(max_length=120)),
                        ("about", models.CharField(blank=True, max_length=500)),
                        ("is_published", models.BooleanField(default=False)),
                        (
                            "next_write_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "written_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                    ],
                    options={
                        "ordering": ["title"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_write_at__isnull", False)),
                                fields=["next_write_at"],
                                name="incidents_status_page_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Component",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "page",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="components",
                                to="incidents.statuspage",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="components",
                                to="oncall.service",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.CharField(blank=True, max_length=250)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("is_shown", models.BooleanField(default=True)),
                        ("added_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["page", "position", "name", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("page", "name"), name="incidents_component_name"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ComponentMark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "component",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="marks",
                                to="incidents.component",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("operational", "Operational"),
                                    ("maintenance", "Under maintenance"),
                                    ("degraded", "Degraded"),
                                    ("partial", "Partial outage"),
                                    ("major", "Major outage"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=250)),
                        ("set_at", models.DateTimeField()),
                        (
                            "set_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["component", "set_at", "pk"],
                        "indexes": [
                            models.Index(
                                fields=["component", "-set_at"],
                                name="incidents_component_mark_last",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Storm",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="storms",
                                to="oncall.service",
                            ),
                        ),
                        ("began_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("calm_since", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_summary_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("summary_count", models.PositiveIntegerField(default=0)),
                        ("alert_count", models.PositiveIntegerField(default=0)),
                        ("most_a_minute", models.PositiveIntegerField(default=0)),
                        (
                            "exempt_level",
                            models.PositiveSmallIntegerField(blank=True, null=True),
                        ),
                        ("common", models.JSONField(blank=True, default=list)),
                        ("common_of", models.PositiveIntegerField(default=0)),
                        (
                            "culprit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="incidents.alertseries",
                            ),
                        ),
                        (
                            "sender",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="incidents.integration",
                            ),
                        ),
                        ("cooled_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "cooled_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="storms",
                                to="incidents.incident",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["-began_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ended_at", None)),
                                fields=("service",),
                                name="incidents_one_storm_a_service",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Subscriber",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "page",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="subscribers",
                                to="incidents.statuspage",
                            ),
                        ),
                        ("address", EncryptedTextField()),
                        (
                            "address_digest",
                            models.CharField(editable=False, max_length=64),
                        ),
                        ("hears_all", models.BooleanField(default=True)),
                        ("hears_incidents", models.BooleanField(default=True)),
                        ("hears_maintenance", models.BooleanField(default=True)),
                        ("asked_at", models.DateTimeField()),
                        ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                        ("refusals", models.PositiveSmallIntegerField(default=0)),
                        ("refusal", models.CharField(blank=True, max_length=200)),
                        ("paused_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "token_digest",
                            models.CharField(blank=True, editable=False, max_length=64),
                        ),
                        (
                            "components",
                            models.ManyToManyField(
                                blank=True,
                                related_name="subscribers",
                                to="incidents.component",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["page", "-asked_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("confirmed_at", None)),
                                fields=["asked_at"],
                                name="incidents_subscriber_asked",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("confirmed_at__isnull", False)),
                                fields=("page", "address_digest"),
                                name="incidents_one_subscription_an_address",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("confirmed_at", None)),
                                fields=("page", "address_digest"),
                                name="incidents_one_request_an_address",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("token_digest", ""), _negated=True),
                                fields=("token_digest",),
                                name="incidents_subscriber_token",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IncidentUpdate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="updates",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "audience",
                            models.CharField(
                                choices=[
                                    ("internal", "Internal"),
                                    ("stakeholder", "Stakeholders"),
                                    ("public", "Public"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("investigating", "Investigating"),
                                    ("identified", "Identified"),
                                    ("monitoring", "Monitoring"),
                                    ("resolved", "Resolved"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("title", models.CharField(max_length=250)),
                        ("service", models.CharField(max_length=250)),
                        ("severity", models.CharField(max_length=32)),
                        ("affected", models.CharField(blank=True, max_length=500)),
                        (
                            "customers_percent",
                            models.DecimalField(
                                blank=True, decimal_places=2, max_digits=5, null=True
                            ),
                        ),
                        ("started_at", models.DateTimeField()),
                        ("eta_at", models.DateTimeField(blank=True, null=True)),
                        ("shows_eta", models.BooleanField(default=False)),
                        ("text", models.TextField()),
                        ("follow_url", models.CharField(blank=True, max_length=500)),
                        ("questions", models.CharField(blank=True, max_length=120)),
                        ("posted_at", models.DateTimeField()),
                        (
                            "posted_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("next_update_at", models.DateTimeField(blank=True, null=True)),
                        ("remind_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "corrects",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="corrected_by",
                                to="incidents.incidentupdate",
                            ),
                        ),
                        (
                            "channels",
                            models.ManyToManyField(
                                blank=True, related_name="+", to="oncall.channel"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["incident", "-posted_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("remind_at__isnull", False)),
                                fields=["remind_at"],
                                name="incidents_update_promise",
                            ),
                            models.Index(
                                condition=models.Q(("audience", "public")),
                                fields=["posted_at"],
                                name="incidents_update_public",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="UpdateImpact",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "update",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="impacts",
                                to="incidents.incidentupdate",
                            ),
                        ),
                        (
                            "component",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="impacts",
                                to="incidents.component",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("operational", "Operational"),
                                    ("maintenance", "Under maintenance"),
                                    ("degraded", "Degraded"),
                                    ("partial", "Partial outage"),
                                    ("major", "Major outage"),
                                ],
                                max_length=12,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["update", "component"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("update", "component"),
                                name="incidents_one_state_an_update",
                            )
                        ],
                    },
                ),
            ],
        ),
        guard("incidents_timelineentry"),
        guard("incidents_postmortemrevision"),
        migrations.RunPython(add_search, remove_search),
    ]
