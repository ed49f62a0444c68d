import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from opsportal.kit.create_tables import CreateTables
from opsportal.kit.vault import EncryptedTextField


class Migration(migrations.Migration):
    replaces = [
        ("runbooks", "0001_runbooks_and_applied_keys"),
        ("runbooks", "0002_sources_and_reviews"),
    ]

    initial = True

    dependencies = [
        ("oncall", "0001_squashed_0012_addresses_outside"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="Runbook",
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
                                related_name="runbooks",
                                to="oncall.team",
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="runbooks",
                                to="oncall.service",
                            ),
                        ),
                        ("slug", models.SlugField(max_length=80, unique=True)),
                        ("title", models.CharField(max_length=200)),
                        ("path", models.CharField(blank=True, max_length=500)),
                        ("reviewed_on", models.DateField(blank=True, null=True)),
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
                        (
                            "review_interval",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("monthly", "every month"),
                                    ("quarterly", "every three months"),
                                    ("semiannual", "every six months"),
                                    ("yearly", "every year"),
                                ],
                                max_length=12,
                            ),
                        ),
                        (
                            "next_reminder_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("archived_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["title", "pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_reminder_at__isnull", False)),
                                fields=["next_reminder_at"],
                                name="runbooks_review_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunbookVersion",
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
                            "runbook",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="runbooks.runbook",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("raw", models.BinaryField()),
                        ("text", models.TextField()),
                        (
                            "digest",
                            models.CharField(
                                max_length=64, verbose_name="SHA-256 of the raw bytes"
                            ),
                        ),
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
                        ("undone_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["runbook", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("runbook", "number"),
                                name="runbooks_version_number",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Procedure",
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
                                related_name="procedures",
                                to="runbooks.runbookversion",
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("position", models.PositiveSmallIntegerField()),
                        ("title", models.CharField(max_length=200)),
                        ("line", models.PositiveIntegerField()),
                        ("symptoms", models.TextField(blank=True)),
                        ("diagnosis", models.TextField(blank=True)),
                        ("resolution", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["version", "position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "key"), name="runbooks_procedure_key"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AppliedKey",
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
                            "runbook",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="keys",
                                to="runbooks.runbook",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="keys",
                                to="runbooks.runbookversion",
                            ),
                        ),
                        ("key", models.CharField(max_length=80)),
                        ("kind", models.CharField(max_length=16)),
                        ("parent", models.CharField(blank=True, max_length=80)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("applied", "Applied"),
                                    ("rejected", "Rejected"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="applied",
                                max_length=12,
                            ),
                        ),
                        ("source", models.JSONField(default=dict)),
                        ("value", models.JSONField(default=dict)),
                        ("is_corrected", models.BooleanField(default=False)),
                        ("target_model", models.CharField(blank=True, max_length=60)),
                        ("target_pk", models.CharField(blank=True, max_length=40)),
                        ("before", models.JSONField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["runbook", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("runbook", "key"), name="runbooks_key_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RunbookSource",
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
                            "runbook",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="source",
                                to="runbooks.runbook",
                            ),
                        ),
                        ("url", EncryptedTextField()),
                        (
                            "header_name",
                            models.CharField(default="Authorization", max_length=64),
                        ),
                        ("credentials", EncryptedTextField(blank=True)),
                        (
                            "interval",
                            models.CharField(
                                choices=[
                                    ("off", "only when somebody asks"),
                                    ("hourly", "every hour"),
                                    ("daily", "every day"),
                                    ("weekly", "every week"),
                                ],
                                default="daily",
                                max_length=8,
                            ),
                        ),
                        ("next_read_at", models.DateTimeField(blank=True, null=True)),
                        ("last_read_at", models.DateTimeField(blank=True, null=True)),
                        ("etag", models.CharField(blank=True, max_length=250)),
                        ("last_modified", models.CharField(blank=True, max_length=80)),
                        (
                            "digest",
                            models.CharField(
                                blank=True,
                                max_length=64,
                                verbose_name="SHA-256 of the raw bytes",
                            ),
                        ),
                        ("last_error", models.CharField(blank=True, max_length=250)),
                        ("failures", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_read_at__isnull", False)),
                                fields=["next_read_at"],
                                name="runbooks_source_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Draft",
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
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "service",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="oncall.service",
                            ),
                        ),
                        (
                            "runbook",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="drafts",
                                to="runbooks.runbook",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="runbooks.runbooksource",
                            ),
                        ),
                        ("path", models.CharField(blank=True, max_length=500)),
                        ("raw", models.BinaryField()),
                        (
                            "digest",
                            models.CharField(
                                blank=True,
                                max_length=64,
                                verbose_name="SHA-256 of the raw bytes",
                            ),
                        ),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-created_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("runbook__isnull", False), ("user__isnull", True)
                                ),
                                fields=("runbook",),
                                name="runbooks_one_text_waits",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("runbook__isnull", True), ("user__isnull", True)
                                ),
                                fields=("service", "path"),
                                name="runbooks_one_new_text_waits",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
