import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0005_ingest"),
        ("oncall", "0008_handoff_asked_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("silence", "Silenced"),
                            ("maintenance", "In maintenance"),
                            ("ladder", "A worse one fires"),
                        ],
                        max_length=12,
                    ),
                ),
                ("ref", models.CharField(max_length=48)),
                ("text", models.CharField(blank=True, max_length=500)),
                ("began_at", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mutes",
                        to="incidents.alert",
                    ),
                ),
            ],
            options={
                "ordering": ["alert", "began_at", "pk"],
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
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                ("matchers", models.JSONField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("comment", models.CharField(max_length=500)),
                ("author", models.CharField(max_length=120)),
                ("updated_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
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
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="silences",
                        to="oncall.team",
                    ),
                ),
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
                        condition=models.Q(("ends_at__gte", models.F("starts_at"))),
                        name="incidents_silence_ends_after_start",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="alert",
            name="ladder_key",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="alert",
            name="muted_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="alert",
            name="muted_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="maintenancewindow",
            name="applied_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(
                    models.Q(("ladder_key", ""), _negated=True),
                    models.Q(("status", "resolved"), _negated=True),
                ),
                fields=["service", "ladder_key"],
                name="incidents_alert_ladder",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(
                    ("muted_until__isnull", False),
                    models.Q(("status", "resolved"), _negated=True),
                ),
                fields=["muted_until"],
                name="incidents_alert_muted",
            ),
        ),
        migrations.AddIndex(
            model_name="maintenancewindow",
            index=models.Index(
                condition=models.Q(("applied_at", None)),
                fields=["starts_at"],
                name="incidents_window_coming",
            ),
        ),
    ]
