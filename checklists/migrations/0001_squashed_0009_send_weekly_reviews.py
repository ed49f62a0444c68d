import datetime
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import oncall.models.user
from opsportal.kit.append_only import guard
from opsportal.kit.create_tables import CreateTables
from opsportal.kit.vault import EncryptedTextField


class Migration(migrations.Migration):
    replaces = [
        ("checklists", "0001_checklists_and_checks"),
        ("checklists", "0002_guard_run_events"),
        ("checklists", "0003_open_runs_at_handoffs"),
        ("checklists", "0004_runs_respond_to_incidents"),
        ("checklists", "0005_sum_up_results"),
        ("checklists", "0006_carry_runs_over"),
        ("checklists", "0007_make_checks_from_a_library"),
        ("checklists", "0008_ask_for_items_by_condition"),
        ("checklists", "0009_send_weekly_reviews"),
    ]

    initial = True

    dependencies = [
        ("incidents", "0001_squashed_0018_pause_refused_subscribers"),
        ("oncall", "0001_squashed_0012_addresses_outside"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="DataSource",
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
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="data_sources",
                                to="oncall.team",
                            ),
                        ),
                        ("name", models.SlugField()),
                        ("dsn", EncryptedTextField()),
                    ],
                    options={
                        "ordering": ["team", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("team", "name"),
                                name="checklists_data_source_name",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Check",
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
                                related_name="checks",
                                to="oncall.service",
                            ),
                        ),
                        ("slug", models.SlugField(max_length=80)),
                        ("name", models.CharField(max_length=160)),
                        ("description", models.TextField(blank=True)),
                        ("kind", models.CharField(max_length=16)),
                        ("spec", models.JSONField(blank=True, default=dict)),
                        ("condition", models.CharField(blank=True, max_length=500)),
                        ("unit", models.CharField(blank=True, max_length=16)),
                        ("ladder", models.JSONField(blank=True, default=list)),
                        (
                            "data_source",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="checklists.datasource",
                            ),
                        ),
                        ("interval", models.DurationField()),
                        ("timeout", models.DurationField()),
                        ("freshness", models.DurationField()),
                        ("fail_after", models.PositiveSmallIntegerField(default=2)),
                        ("recover_after", models.PositiveSmallIntegerField(default=2)),
                        (
                            "no_data",
                            models.CharField(
                                choices=[
                                    ("unknown", "is unknown"),
                                    ("fail", "is a failure"),
                                    ("pass", "passes"),
                                ],
                                default="unknown",
                                max_length=8,
                            ),
                        ),
                        ("raises_alert", models.BooleanField(default=True)),
                        ("measures_uptime", models.BooleanField(default=False)),
                        ("is_enabled", models.BooleanField(default=True)),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("pending", "Not checked yet"),
                                    ("pass", "Passing"),
                                    ("fail", "Failing"),
                                    ("unknown", "Unknown"),
                                ],
                                default="pending",
                                editable=False,
                                max_length=8,
                            ),
                        ),
                        (
                            "status_since",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "state",
                            models.JSONField(blank=True, default=dict, editable=False),
                        ),
                        (
                            "last_value",
                            models.FloatField(blank=True, editable=False, null=True),
                        ),
                        (
                            "last_summary",
                            models.CharField(
                                blank=True, editable=False, max_length=250
                            ),
                        ),
                        (
                            "last_observed_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "last_ok_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "is_flapping",
                            models.BooleanField(default=False, editable=False),
                        ),
                        (
                            "next_due_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "lease_until",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "lease_token",
                            models.UUIDField(blank=True, editable=False, null=True),
                        ),
                        (
                            "rolled_until",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "depends_on",
                            models.ManyToManyField(
                                blank=True,
                                related_name="dependents",
                                to="checklists.check",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["service", "name"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_enabled", True)),
                                fields=["next_due_at"],
                                name="checklists_check_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("service", "slug"), name="checklists_check_slug"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckResult",
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
                            "check_ref",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="results",
                                to="checklists.check",
                            ),
                        ),
                        ("scheduled_for", models.DateTimeField()),
                        ("observed_at", models.DateTimeField()),
                        ("outcome", models.CharField(max_length=8)),
                        ("value", models.FloatField(blank=True, null=True)),
                        ("threshold", models.CharField(blank=True, max_length=64)),
                        ("latency_ms", models.FloatField(blank=True, null=True)),
                        ("error_code", models.CharField(blank=True, max_length=32)),
                        ("summary", models.CharField(blank=True, max_length=250)),
                        ("detail", models.TextField(blank=True)),
                        ("in_maintenance", models.BooleanField(default=False)),
                        ("spec_hash", models.CharField(blank=True, max_length=16)),
                    ],
                    options={
                        "ordering": ["check_ref", "-scheduled_for"],
                        "indexes": [
                            models.Index(
                                fields=["observed_at"], name="checklists_result_time"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("check_ref", "scheduled_for"),
                                name="checklists_one_result_a_slot",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckDay",
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
                            "check_ref",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="days",
                                to="checklists.check",
                            ),
                        ),
                        ("on", models.DateField()),
                        ("hours", models.BinaryField()),
                        ("fives", models.BinaryField(null=True)),
                    ],
                    options={
                        "ordering": ["check_ref", "on"],
                        "indexes": [
                            models.Index(fields=["on"], name="checklists_day_on"),
                            models.Index(
                                condition=models.Q(("fives__isnull", False)),
                                fields=["on"],
                                name="checklists_day_fives",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("check_ref", "on"),
                                name="checklists_one_day_a_check",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CheckFlip",
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
                            "check_ref",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="flips",
                                to="checklists.check",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        ("old_status", models.CharField(max_length=8)),
                        ("new_status", models.CharField(max_length=8)),
                        ("in_maintenance", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["check_ref", "at", "pk"],
                        "indexes": [
                            models.Index(
                                fields=["check_ref", "at"], name="checklists_flip_time"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Heartbeat",
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
                            "check_ref",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="heartbeat",
                                to="checklists.check",
                            ),
                        ),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("prefix", models.CharField(max_length=32)),
                        ("created_at", models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name="HeartbeatPing",
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
                            "heartbeat",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="pings",
                                to="checklists.heartbeat",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("start", "Start"),
                                    ("success", "Success"),
                                    ("fail", "Failure"),
                                    ("log", "Log"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("exit_code", models.SmallIntegerField(blank=True, null=True)),
                        (
                            "run_id",
                            models.UUIDField(blank=True, default=None, null=True),
                        ),
                        ("body", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["heartbeat", "-at"],
                        "indexes": [
                            models.Index(
                                fields=["heartbeat", "kind", "-at"],
                                name="checklists_ping_latest",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Checklist",
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
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checklists",
                                to="oncall.team",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="checklists",
                                to="oncall.service",
                            ),
                        ),
                        ("slug", models.SlugField(max_length=80, unique=True)),
                        ("name", models.CharField(max_length=160)),
                        ("description", models.TextField(blank=True)),
                        ("is_archived", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="ChecklistVersion",
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
                            "checklist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="checklists.checklist",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "status",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("published", "Published"),
                                    ("archived", "Archived"),
                                ],
                                default="draft",
                                max_length=12,
                            ),
                        ),
                        ("body_hash", models.CharField(blank=True, max_length=64)),
                        ("published_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "published_by",
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
                        "ordering": ["checklist", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("checklist", "number"),
                                name="checklists_version_number",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("status", "published")),
                                fields=("checklist",),
                                name="checklists_one_published_version",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChecklistItem",
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
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="checklists.checklistversion",
                            ),
                        ),
                        ("key", models.UUIDField(default=uuid.uuid4)),
                        ("reference", models.CharField(blank=True, max_length=16)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("section", models.CharField(blank=True, max_length=120)),
                        ("text", models.CharField(max_length=250)),
                        ("instructions", models.TextField(blank=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("check", "Checkbox"),
                                    ("text", "Text"),
                                    ("number", "Number"),
                                    ("choice", "Choice"),
                                    ("file", "File"),
                                    ("photo", "Photo"),
                                    ("link", "Link"),
                                ],
                                default="check",
                                max_length=8,
                            ),
                        ),
                        (
                            "mode",
                            models.CharField(
                                choices=[
                                    ("manual", "A person does it"),
                                    (
                                        "assisted",
                                        "A check gathers evidence, a person confirms",
                                    ),
                                    ("auto", "A check ticks it"),
                                ],
                                default="manual",
                                max_length=8,
                            ),
                        ),
                        ("is_required", models.BooleanField(default=True)),
                        ("is_critical", models.BooleanField(default=False)),
                        ("allows_na", models.BooleanField(default=True)),
                        ("needs_note", models.BooleanField(default=False)),
                        ("bounds", models.JSONField(blank=True, default=dict)),
                        ("options", models.JSONField(blank=True, default=list)),
                        ("show_if", models.JSONField(blank=True, default=dict)),
                        (
                            "show_if_check",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="conditional_items",
                                to="checklists.check",
                            ),
                        ),
                        (
                            "checks",
                            models.ManyToManyField(
                                blank=True, related_name="items", to="checklists.check"
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "key"), name="checklists_item_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cadence",
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
                            "checklist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="cadences",
                                to="checklists.checklist",
                            ),
                        ),
                        ("rule", models.JSONField()),
                        ("timing", models.JSONField()),
                        (
                            "rotation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="cadences",
                                to="oncall.rotation",
                            ),
                        ),
                        (
                            "roster_version",
                            models.BigIntegerField(default=0, editable=False),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                max_length=64,
                                validators=[oncall.models.user.validate_time_zone],
                            ),
                        ),
                        (
                            "calendar",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.holidaycalendar",
                            ),
                        ),
                        (
                            "holidays",
                            models.CharField(
                                choices=[
                                    ("run", "run on holidays too"),
                                    ("skip", "skip holidays"),
                                    ("next", "move to the next working day"),
                                    ("previous", "move to the previous working day"),
                                ],
                                default="run",
                                max_length=8,
                            ),
                        ),
                        (
                            "catch_up",
                            models.CharField(
                                choices=[
                                    ("all", "every lost period"),
                                    ("latest", "only the latest"),
                                    ("none", "none"),
                                ],
                                default="all",
                                max_length=8,
                            ),
                        ),
                        (
                            "carry_over",
                            models.CharField(
                                choices=[
                                    ("none", "leave it there"),
                                    ("link", "link to it"),
                                    ("copy", "take its open items along"),
                                ],
                                default="none",
                                max_length=4,
                            ),
                        ),
                        (
                            "assignee",
                            models.CharField(
                                choices=[
                                    ("team", "the whole team"),
                                    ("user", "one person"),
                                    ("oncall", "whoever is on call"),
                                ],
                                default="team",
                                max_length=8,
                            ),
                        ),
                        (
                            "assignee_user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assignee_schedule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.schedule",
                            ),
                        ),
                        (
                            "assignee_role",
                            models.CharField(
                                blank=True, default="primary", max_length=32
                            ),
                        ),
                        (
                            "sign_off",
                            models.CharField(
                                choices=[
                                    ("none", "no sign-off"),
                                    ("one", "one person signs"),
                                    ("two", "a second person signs"),
                                ],
                                default="none",
                                max_length=4,
                            ),
                        ),
                        ("reminders", models.JSONField(blank=True, default=list)),
                        ("is_enabled", models.BooleanField(default=True)),
                        ("created_at", models.DateTimeField()),
                        ("generated_through", models.DateTimeField()),
                        ("next_open_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["checklist", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_enabled", True)),
                                fields=["next_open_at"],
                                name="checklists_cadence_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ServiceMapping",
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
                                related_name="check_mapping",
                                to="oncall.service",
                            ),
                        ),
                        ("places", models.JSONField(blank=True, default=dict)),
                    ],
                ),
                migrations.CreateModel(
                    name="LibraryCheck",
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
                            "check_ref",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="library_origin",
                                to="checklists.check",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="library_checks",
                                to="oncall.service",
                            ),
                        ),
                        ("template", models.SlugField(max_length=80)),
                        ("fingerprint", models.CharField(max_length=64)),
                    ],
                    options={
                        "ordering": ["service", "template"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("service", "template"),
                                name="checklists_one_check_a_template",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="WeeklyReview",
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
                                related_name="weekly_review",
                                to="oncall.team",
                            ),
                        ),
                        ("weekday", models.PositiveSmallIntegerField(default=0)),
                        ("send_time", models.TimeField(default=datetime.time(8, 0))),
                        ("to_managers", models.BooleanField(default=True)),
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
                        ("next_send_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_send_at__isnull", False)),
                                fields=["next_send_at"],
                                name="checklists_review_due",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("weekday__lte", 6)),
                                name="checklists_review_weekday",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
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
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="oncall.team",
                            ),
                        ),
                        (
                            "checklist",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="checklists.checklist",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="checklists.checklistversion",
                            ),
                        ),
                        (
                            "cadence",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="checklists.cadence",
                            ),
                        ),
                        (
                            "incident",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runs",
                                to="incidents.incident",
                            ),
                        ),
                        (
                            "carried_from",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="carried_into",
                                to="checklists.run",
                            ),
                        ),
                        (
                            "assignee_user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("period_key", models.CharField(max_length=32)),
                        ("period_start_on", models.DateField()),
                        ("period_end_on", models.DateField()),
                        ("opens_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("grace_until", models.DateTimeField()),
                        ("closes_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("awaiting_signoff", "Awaiting sign-off"),
                                    ("closed", "Closed"),
                                ],
                                default="open",
                                max_length=16,
                            ),
                        ),
                        (
                            "outcome",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("completed", "Completed"),
                                    ("missed", "Missed"),
                                    ("skipped", "Skipped"),
                                    ("void", "Void"),
                                ],
                                max_length=10,
                            ),
                        ),
                        (
                            "cause",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("people", "not done in time"),
                                    ("system", "the portal was down"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        ("missed_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "first_completed_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        (
                            "completed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "signed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("closed_at", models.DateTimeField(blank=True, null=True)),
                        ("next_event_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "next_reminder_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("reminders_sent", models.JSONField(blank=True, default=list)),
                    ],
                    options={
                        "ordering": ["-due_at", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "closed"), _negated=True),
                                fields=["team", "due_at"],
                                name="checklists_run_open",
                            ),
                            models.Index(
                                condition=models.Q(("state", "closed"), _negated=True),
                                fields=["next_event_at"],
                                name="checklists_run_event_due",
                            ),
                            models.Index(
                                condition=models.Q(("state", "closed"), _negated=True),
                                fields=["next_reminder_at"],
                                name="checklists_run_reminder_due",
                            ),
                            models.Index(
                                fields=["checklist", "-period_start_on"],
                                name="checklists_run_history",
                            ),
                            models.Index(
                                fields=["team", "-closed_at"],
                                name="checklists_run_closed",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("cadence", "period_key"),
                                name="checklists_one_run_a_period",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("state", "closed"),
                                        models.Q(("outcome", ""), _negated=True),
                                        ("closed_at__isnull", False),
                                    ),
                                    models.Q(
                                        models.Q(("state", "closed"), _negated=True),
                                        ("outcome", ""),
                                        ("closed_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="checklists_closed_run_has_outcome",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunItem",
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
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="items",
                                to="checklists.run",
                            ),
                        ),
                        (
                            "item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="run_items",
                                to="checklists.checklistitem",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("done", "Done"),
                                    ("na", "Not applicable"),
                                ],
                                default="open",
                                max_length=4,
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("auto", "ticked itself"),
                                    ("human", "ticked by a person"),
                                ],
                                max_length=5,
                            ),
                        ),
                        (
                            "attention",
                            models.CharField(
                                choices=[
                                    ("none", "None"),
                                    ("failing", "Failing"),
                                    ("stale", "Stale"),
                                    ("contradicted", "Contradicted"),
                                ],
                                default="none",
                                max_length=12,
                            ),
                        ),
                        ("is_hidden", models.BooleanField(default=False)),
                        ("is_held", models.BooleanField(default=False)),
                        ("value", models.TextField(blank=True)),
                        ("note", models.TextField(blank=True)),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        (
                            "failing_episode",
                            models.PositiveIntegerField(blank=True, null=True),
                        ),
                        ("episode", models.PositiveIntegerField(blank=True, null=True)),
                        (
                            "overridden_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("done_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "done_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("evidence", models.CharField(blank=True, max_length=250)),
                        ("evidence_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "evidence_result",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="checklists.checkresult",
                            ),
                        ),
                        (
                            "carried_from",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="checklists.run",
                            ),
                        ),
                        ("version", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["run", "item__position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "item"),
                                name="checklists_item_once_a_run",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunEvent",
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
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="checklists.run",
                            ),
                        ),
                        (
                            "run_item",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="checklists.runitem",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("at", models.DateTimeField()),
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
                        ("verb", models.CharField(max_length=32)),
                        ("before", models.JSONField(blank=True, default=dict)),
                        ("after", models.JSONField(blank=True, default=dict)),
                        ("reason", models.CharField(blank=True, max_length=500)),
                        ("prev_hash", models.CharField(blank=True, max_length=64)),
                        ("hash", models.CharField(max_length=64)),
                    ],
                    options={
                        "ordering": ["run", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("run", "number"), name="checklists_event_number"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
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
                            "run_item",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="checklists.runitem",
                            ),
                        ),
                        ("name", models.CharField(max_length=250)),
                        ("content_type", models.CharField(max_length=80)),
                        ("size", models.PositiveIntegerField()),
                        ("digest", models.CharField(max_length=64)),
                        ("file", models.FileField(upload_to="attachments/%Y/%m/")),
                        ("uploaded_at", models.DateTimeField()),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["run_item", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="RunWebhook",
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
                            "channel",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="run_webhook",
                                to="oncall.channel",
                            ),
                        ),
                        ("takes_opened", models.BooleanField(default=True)),
                        ("takes_late", models.BooleanField(default=True)),
                        ("takes_completed", models.BooleanField(default=True)),
                        ("takes_missed", models.BooleanField(default=True)),
                    ],
                    options={
                        "ordering": ["channel"],
                    },
                ),
            ],
        ),
        guard("checklists_runevent"),
    ]
