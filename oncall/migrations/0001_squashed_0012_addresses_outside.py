import datetime
from decimal import Decimal

import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import oncall.models.user
from opsportal.kit.append_only import guard
from opsportal.kit.create_tables import CreateTables
from opsportal.kit.vault import EncryptedTextField


class Migration(migrations.Migration):
    replaces = [
        ("oncall", "0001_people_and_schedules"),
        ("oncall", "0002_guard_audit_log"),
        ("oncall", "0003_verify_contacts_and_take_roles"),
        ("oncall", "0004_keep_concurrency_a_version"),
        ("oncall", "0005_add_calm_version"),
        ("oncall", "0006_swaps_absences_handoffs_and_ladders"),
        ("oncall", "0007_limits_and_contact_lines"),
        ("oncall", "0008_handoff_asked_at"),
        ("oncall", "0009_slack_app_messages"),
        ("oncall", "0010_former_settings"),
        ("oncall", "0011_keep_the_order_of_a_group"),
        ("oncall", "0012_addresses_outside"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="AbsenceFeed",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="absence_feeds",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("url", EncryptedTextField()),
                        ("is_enabled", models.BooleanField(default=True)),
                        ("next_read_at", models.DateTimeField(blank=True, null=True)),
                        ("last_read_at", models.DateTimeField(blank=True, null=True)),
                        ("last_error", models.CharField(blank=True, max_length=250)),
                        ("failures", models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["user", "name"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("is_enabled", True)),
                                fields=["next_read_at"],
                                name="oncall_absence_feed_due",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Absence",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="absences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("vacation", "Vacation"),
                                    ("sick", "Sick leave"),
                                    ("training", "Training"),
                                    ("other", "Away"),
                                ],
                                default="vacation",
                                max_length=8,
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=250)),
                        (
                            "feed",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="absences",
                                to="oncall.absencefeed",
                            ),
                        ),
                        ("uid", models.CharField(blank=True, max_length=250)),
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
                        ("created_at", models.DateTimeField()),
                        ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["starts_at", "pk"],
                        "indexes": [
                            models.Index(
                                fields=["user", "ends_at"], name="oncall_absence_user"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gt", models.F("starts_at"))
                                ),
                                name="oncall_absence_ends_after_start",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("cancelled_at__isnull", True),
                                    ("feed__isnull", False),
                                ),
                                fields=("feed", "uid"),
                                name="oncall_absence_once_a_feed",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="User",
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
                            "password",
                            models.CharField(max_length=128, verbose_name="password"),
                        ),
                        (
                            "last_login",
                            models.DateTimeField(
                                blank=True, null=True, verbose_name="last login"
                            ),
                        ),
                        (
                            "is_superuser",
                            models.BooleanField(
                                default=False,
                                help_text="Designates that this user has all permissions without explicitly assigning them.",
                                verbose_name="superuser status",
                            ),
                        ),
                        (
                            "username",
                            models.CharField(
                                error_messages={
                                    "unique": "A user with that username already exists."
                                },
                                help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                                max_length=150,
                                unique=True,
                                validators=[
                                    django.contrib.auth.validators.UnicodeUsernameValidator()
                                ],
                                verbose_name="username",
                            ),
                        ),
                        (
                            "first_name",
                            models.CharField(
                                blank=True, max_length=150, verbose_name="first name"
                            ),
                        ),
                        (
                            "last_name",
                            models.CharField(
                                blank=True, max_length=150, verbose_name="last name"
                            ),
                        ),
                        (
                            "is_staff",
                            models.BooleanField(
                                default=False,
                                help_text="Designates whether the user can log into this admin site.",
                                verbose_name="staff status",
                            ),
                        ),
                        (
                            "is_active",
                            models.BooleanField(
                                default=True,
                                help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                                verbose_name="active",
                            ),
                        ),
                        (
                            "date_joined",
                            models.DateTimeField(
                                default=django.utils.timezone.now,
                                verbose_name="date joined",
                            ),
                        ),
                        ("email", models.EmailField(max_length=254, unique=True)),
                        (
                            "name",
                            models.CharField(
                                blank=True, max_length=120, verbose_name="full name"
                            ),
                        ),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
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
                            "groups",
                            models.ManyToManyField(
                                blank=True,
                                help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.group",
                                verbose_name="groups",
                            ),
                        ),
                        (
                            "user_permissions",
                            models.ManyToManyField(
                                blank=True,
                                help_text="Specific permissions for this user.",
                                related_name="user_set",
                                related_query_name="user",
                                to="auth.permission",
                                verbose_name="user permissions",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["name", "username"],
                    },
                    managers=[
                        ("objects", django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name="HolidayCalendar",
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
                        ("name", models.CharField(max_length=120, unique=True)),
                        ("country", models.CharField(blank=True, max_length=2)),
                        ("subdivision", models.CharField(blank=True, max_length=8)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Holiday",
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
                            "calendar",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="holidays",
                                to="oncall.holidaycalendar",
                            ),
                        ),
                        ("on", models.DateField()),
                        ("name", models.CharField(max_length=120)),
                    ],
                    options={
                        "ordering": ["on"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("calendar", "on"),
                                name="oncall_one_holiday_a_date",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Team",
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
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                        (
                            "time_zone",
                            models.CharField(
                                default="UTC",
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
                        ("version", models.BigIntegerField(default=0, editable=False)),
                        (
                            "calm_version",
                            models.BigIntegerField(default=0, editable=False),
                        ),
                        ("is_demo", models.BooleanField(default=False, editable=False)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Membership",
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
                                related_name="memberships",
                                to="oncall.team",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "role",
                            models.CharField(
                                choices=[
                                    ("viewer", "Viewer"),
                                    ("responder", "Responder"),
                                    ("manager", "Manager"),
                                ],
                                default="responder",
                                max_length=16,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["team", "user"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("team", "user"),
                                name="oncall_one_membership_a_team",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditEntry",
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
                        ("actor_label", models.CharField(max_length=120)),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="oncall.team",
                            ),
                        ),
                        ("action", models.CharField(max_length=80)),
                        ("target", models.CharField(max_length=120)),
                        ("target_label", models.CharField(blank=True, max_length=250)),
                        ("before", models.JSONField(blank=True, null=True)),
                        ("after", models.JSONField(blank=True, null=True)),
                        ("prev_hash", models.CharField(max_length=64)),
                        ("hash", models.CharField(max_length=64, unique=True)),
                    ],
                    options={
                        "verbose_name_plural": "audit entries",
                        "ordering": ["-pk"],
                        "indexes": [
                            models.Index(
                                fields=["team", "-at"], name="oncall_audit_team"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AuditHead",
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
                        ("hash", models.CharField(default="", max_length=64)),
                    ],
                ),
                migrations.CreateModel(
                    name="ContactMethod",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contact_methods",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("email", "Email"),
                                    ("slack", "Slack"),
                                    ("slack_app", "Slack app"),
                                    ("webhook", "Webhook"),
                                    ("sms", "SMS"),
                                    ("pagerduty", "PagerDuty"),
                                    ("teams", "Microsoft Teams"),
                                    ("apprise", "Apprise"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("address", EncryptedTextField()),
                        ("label", models.CharField(blank=True, max_length=80)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("verified_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "code_digest",
                            models.CharField(blank=True, editable=False, max_length=64),
                        ),
                        (
                            "code_sent_at",
                            models.DateTimeField(blank=True, editable=False, null=True),
                        ),
                        (
                            "code_tries",
                            models.PositiveSmallIntegerField(default=0, editable=False),
                        ),
                    ],
                    options={
                        "ordering": ["user", "position", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="NotificationRule",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notification_rules",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "urgency",
                            models.CharField(
                                choices=[
                                    ("high", "Pages"),
                                    ("low", "Reminders and news"),
                                ],
                                default="high",
                                max_length=4,
                            ),
                        ),
                        ("delay", models.DurationField(default=datetime.timedelta)),
                        (
                            "contact_method",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rules",
                                to="oncall.contactmethod",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["user", "urgency", "delay", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("user", "urgency", "contact_method", "delay"),
                                name="oncall_notification_rule_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("delay__gte", datetime.timedelta(0))
                                ),
                                name="oncall_notification_rule_not_before",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="QuietHours",
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
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="quiet_hours",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts", models.TimeField()),
                        ("ends", models.TimeField()),
                    ],
                    options={
                        "verbose_name_plural": "quiet hours",
                    },
                ),
                migrations.CreateModel(
                    name="Channel",
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
                                related_name="channels",
                                to="oncall.team",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("email", "Email"),
                                    ("slack", "Slack"),
                                    ("slack_app", "Slack app"),
                                    ("webhook", "Webhook"),
                                    ("sms", "SMS"),
                                    ("pagerduty", "PagerDuty"),
                                    ("teams", "Microsoft Teams"),
                                    ("apprise", "Apprise"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("address", EncryptedTextField()),
                        ("takes_reminders", models.BooleanField(default=True)),
                        ("takes_alerts", models.BooleanField(default=True)),
                        ("is_enabled", models.BooleanField(default=True)),
                    ],
                    options={
                        "ordering": ["team", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("team", "name"),
                                name="oncall_channel_name_a_team",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Schedule",
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
                                related_name="schedules",
                                to="oncall.team",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
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
                        ("required_roles", models.JSONField(blank=True, default=list)),
                        ("is_active", models.BooleanField(default=True)),
                        (
                            "former_settings",
                            models.JSONField(blank=True, default=list, editable=False),
                        ),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="Rotation",
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
                            "schedule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="rotations",
                                to="oncall.schedule",
                            ),
                        ),
                        ("name", models.CharField(max_length=120)),
                        ("roles", models.JSONField(default=list)),
                        ("priority", models.SmallIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["schedule", "-priority", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="RotationVersion",
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
                            "rotation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="oncall.rotation",
                            ),
                        ),
                        ("effective_from", models.DateTimeField()),
                        (
                            "anchor",
                            models.CharField(
                                help_text="Local time of the first handoff: 2026-11-02T09:00",
                                max_length=16,
                            ),
                        ),
                        (
                            "unit",
                            models.CharField(
                                choices=[
                                    ("hour", "hours"),
                                    ("day", "days"),
                                    ("week", "weeks"),
                                    ("month", "months"),
                                ],
                                default="week",
                                max_length=8,
                            ),
                        ),
                        (
                            "every",
                            models.PositiveSmallIntegerField(
                                default=1,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(366),
                                ],
                            ),
                        ),
                        (
                            "concurrency",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1)
                                ],
                            ),
                        ),
                        (
                            "count",
                            models.CharField(
                                choices=[
                                    ("calendar", "every calendar period"),
                                    ("active", "only active shifts"),
                                ],
                                default="calendar",
                                max_length=8,
                            ),
                        ),
                        (
                            "holiday_policy",
                            models.CharField(
                                choices=[
                                    ("ignore", "on duty on holidays too"),
                                    ("skip", "not on holidays"),
                                    ("only", "only on holidays"),
                                ],
                                default="ignore",
                                max_length=8,
                            ),
                        ),
                        (
                            "absence_policy",
                            models.CharField(
                                choices=[
                                    ("warn", "stays on duty, with a warning"),
                                    ("skip", "leaves the place empty"),
                                    ("next", "the next person in the order stands in"),
                                ],
                                default="warn",
                                max_length=8,
                            ),
                        ),
                        (
                            "undoes",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="undo",
                                to="oncall.rotationversion",
                            ),
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
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["rotation", "effective_from", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="RotationMember",
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
                                related_name="members",
                                to="oncall.rotationversion",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "position", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "position", "user"),
                                name="oncall_member_once_a_position",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ActiveWindow",
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
                                related_name="windows",
                                to="oncall.rotationversion",
                            ),
                        ),
                        (
                            "weekday",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(6)]
                            ),
                        ),
                        (
                            "start_minute",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MaxValueValidator(1439)
                                ]
                            ),
                        ),
                        (
                            "end_minute",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MaxValueValidator(2880)
                                ]
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["version", "weekday", "start_minute"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("end_minute__gt", models.F("start_minute"))
                                ),
                                name="oncall_window_ends_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Override",
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
                            "schedule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="overrides",
                                to="oncall.schedule",
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("role", models.CharField(blank=True, max_length=32)),
                        (
                            "remove_user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "add_user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("takes_role", models.BooleanField(default=False)),
                        ("reason", models.CharField(blank=True, max_length=250)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("manual", "by hand"),
                                    ("swap", "swap"),
                                    ("absence", "absence"),
                                    ("take", "took the pager"),
                                ],
                                default="manual",
                                max_length=8,
                            ),
                        ),
                        (
                            "swap",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="overrides",
                                to="oncall.swaprequest",
                            ),
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
                        ("created_at", models.DateTimeField()),
                        ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["schedule", "created_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gt", models.F("starts_at"))
                                ),
                                name="oncall_override_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("add_user__isnull", False),
                                    ("remove_user__isnull", False),
                                    _connector="OR",
                                ),
                                name="oncall_override_changes_somebody",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ShiftRecord",
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
                            "schedule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shift_records",
                                to="oncall.schedule",
                            ),
                        ),
                        ("role", models.CharField(max_length=32)),
                        (
                            "user",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shift_records",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField(blank=True, null=True)),
                        ("cause", models.CharField(max_length=32)),
                    ],
                    options={
                        "ordering": ["schedule", "starts_at"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("ends_at__isnull", True)),
                                fields=("schedule", "role", "user"),
                                name="oncall_one_open_shift_a_person",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarFeed",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="calendar_feeds",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "schedule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="feeds",
                                to="oncall.schedule",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        (
                            "digest",
                            models.CharField(
                                editable=False, max_length=64, unique=True
                            ),
                        ),
                        ("prefix", models.CharField(editable=False, max_length=16)),
                        ("created_at", models.DateTimeField()),
                        ("last_read_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["user", "-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Handoff",
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
                            "schedule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="handoffs",
                                to="oncall.schedule",
                            ),
                        ),
                        (
                            "rotation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="handoffs",
                                to="oncall.rotation",
                            ),
                        ),
                        ("at", models.DateTimeField()),
                        (
                            "outgoing",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "incoming",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("notes", models.TextField(blank=True)),
                        (
                            "notes_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("notes_at", models.DateTimeField(blank=True, null=True)),
                        ("revision", models.PositiveIntegerField(default=0)),
                        ("brief", models.JSONField(blank=True, null=True)),
                        ("accepted_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "accepted_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                        ("next_step_at", models.DateTimeField(blank=True, null=True)),
                        ("reminded_at", models.DateTimeField(blank=True, null=True)),
                        ("asked_at", models.DateTimeField(blank=True, null=True)),
                        ("escalated_at", models.DateTimeField(blank=True, null=True)),
                        ("created_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_step_at__isnull", False)),
                                fields=["next_step_at"],
                                name="oncall_handoff_due",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("rotation", "at"),
                                name="oncall_one_handoff_a_moment",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_at__isnull", True),
                                    ("brief__isnull", False),
                                    _connector="OR",
                                ),
                                name="oncall_handoff_accepted_with_brief",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Service",
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
                                related_name="services",
                                to="oncall.team",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                        ("description", models.TextField(blank=True)),
                        (
                            "schedule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="services",
                                to="oncall.schedule",
                            ),
                        ),
                        (
                            "policy",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="services",
                                to="oncall.escalationpolicy",
                            ),
                        ),
                        ("dashboard_url", models.URLField(blank=True)),
                        ("chat_channel", models.CharField(blank=True, max_length=80)),
                        ("war_room_url", models.URLField(blank=True)),
                        ("status_page_url", models.URLField(blank=True)),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                    ],
                    options={
                        "ordering": ["position", "name"],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationContact",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contacts",
                                to="oncall.service",
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="contacts",
                                to="oncall.team",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField(default=0)),
                        ("title", models.CharField(max_length=120, verbose_name="who")),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "schedule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.schedule",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("email", "Email"),
                                    ("phone", "Phone"),
                                    ("chat", "Chat"),
                                    ("url", "Link"),
                                    ("pager", "Pager"),
                                ],
                                max_length=8,
                            ),
                        ),
                        ("value", models.CharField(max_length=250)),
                        ("note", models.CharField(blank=True, max_length=250)),
                        (
                            "is_placeholder",
                            models.BooleanField(
                                default=False,
                                help_text="The runbook names no real value yet.",
                            ),
                        ),
                    ],
                    options={
                        "ordering": ["service", "position", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("service__isnull", True),
                                    ("team__isnull", True),
                                    _connector="XOR",
                                ),
                                name="oncall_contact_of_service_or_team",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Notification",
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
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="notifications",
                                to="oncall.team",
                            ),
                        ),
                        ("topic", models.CharField(max_length=80)),
                        ("dedupe_key", models.CharField(max_length=200, unique=True)),
                        (
                            "urgency",
                            models.CharField(
                                choices=[("high", "High"), ("low", "Low")],
                                default="low",
                                max_length=4,
                            ),
                        ),
                        (
                            "recipient",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="notifications",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "contact_method",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.contactmethod",
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.channel",
                            ),
                        ),
                        (
                            "contact",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                to="oncall.escalationcontact",
                            ),
                        ),
                        ("address", EncryptedTextField(blank=True)),
                        ("address_key", models.CharField(blank=True, max_length=40)),
                        ("unsubscribe_url", EncryptedTextField(blank=True)),
                        ("subject", models.CharField(max_length=250)),
                        ("text", models.TextField()),
                        ("blocks", models.JSONField(blank=True, null=True)),
                        ("url", models.CharField(blank=True, max_length=500)),
                        ("created_at", models.DateTimeField()),
                        ("next_try_at", models.DateTimeField(blank=True, null=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("pending", "Waiting"),
                                    ("leased", "Being sent"),
                                    ("sent", "Sent"),
                                    ("bundled", "Sent with others"),
                                    ("cancelled", "Cancelled"),
                                    ("failed", "Failed"),
                                ],
                                default="pending",
                                max_length=10,
                            ),
                        ),
                        ("attempts", models.PositiveIntegerField(default=0)),
                        ("lease_until", models.DateTimeField(blank=True, null=True)),
                        ("lease_token", models.UUIDField(blank=True, null=True)),
                        (
                            "first_attempt_at",
                            models.DateTimeField(blank=True, null=True),
                        ),
                        ("sent_at", models.DateTimeField(blank=True, null=True)),
                        ("provider_id", models.CharField(blank=True, max_length=200)),
                        (
                            "bundled_into",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="bundle",
                                to="oncall.notification",
                            ),
                        ),
                        (
                            "replaces",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="revisions",
                                to="oncall.notification",
                            ),
                        ),
                        ("last_error", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(
                                    ("state__in", ["pending", "leased"])
                                ),
                                fields=["urgency", "next_try_at"],
                                name="oncall_notification_due",
                            ),
                            models.Index(
                                fields=["topic"], name="oncall_notification_topic"
                            ),
                            models.Index(
                                condition=models.Q(("address_key", ""), _negated=True),
                                fields=["address_key"],
                                name="oncall_notification_outside",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("lease_token__isnull", False),
                                        ("lease_until__isnull", False),
                                        ("state", "leased"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "leased"), _negated=True),
                                        ("lease_token__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="oncall_notification_lease_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "sent"), _negated=True),
                                    ("sent_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="oncall_notification_sent_has_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="NotificationAttempt",
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
                            "notification",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="tries",
                                to="oncall.notification",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        ("started_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(blank=True, null=True)),
                        ("outcome", models.CharField(blank=True, max_length=16)),
                        ("detail", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ["notification", "number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("notification", "number"),
                                name="oncall_attempt_number",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Endpoint",
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
                        ("digest", models.CharField(max_length=64, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("email", "Email"),
                                    ("slack", "Slack"),
                                    ("slack_app", "Slack app"),
                                    ("webhook", "Webhook"),
                                    ("sms", "SMS"),
                                    ("pagerduty", "PagerDuty"),
                                    ("teams", "Microsoft Teams"),
                                    ("apprise", "Apprise"),
                                ],
                                max_length=16,
                            ),
                        ),
                        ("label", models.CharField(max_length=120)),
                        ("sends", models.JSONField(blank=True, default=list)),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("retry_at", models.DateTimeField(blank=True, null=True)),
                        ("revision", models.PositiveBigIntegerField(default=0)),
                        ("used_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["-used_at"],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationPolicy",
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
                                related_name="policies",
                                to="oncall.team",
                            ),
                        ),
                        ("slug", models.SlugField(unique=True)),
                        ("name", models.CharField(max_length=120)),
                    ],
                    options={
                        "verbose_name_plural": "escalation policies",
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationPolicyVersion",
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
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="versions",
                                to="oncall.escalationpolicy",
                            ),
                        ),
                        ("number", models.PositiveIntegerField()),
                        (
                            "repeats",
                            models.PositiveSmallIntegerField(
                                default=0,
                                validators=[
                                    django.core.validators.MaxValueValidator(20)
                                ],
                            ),
                        ),
                        ("repeat_after", models.DurationField(blank=True, null=True)),
                        ("repeat_from", models.PositiveSmallIntegerField(default=0)),
                        (
                            "ack_expires_after",
                            models.DurationField(blank=True, null=True),
                        ),
                        ("note", models.CharField(blank=True, max_length=250)),
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
                    ],
                    options={
                        "ordering": ["policy", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("policy", "number"),
                                name="oncall_policy_version_number",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationStep",
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
                                related_name="steps",
                                to="oncall.escalationpolicyversion",
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("name", models.CharField(max_length=120)),
                        ("delay", models.DurationField(blank=True, null=True)),
                        (
                            "condition",
                            models.CharField(
                                choices=[
                                    ("unacknowledged", "if nobody acknowledged"),
                                    ("unresolved", "if not resolved"),
                                ],
                                default="unacknowledged",
                                max_length=16,
                            ),
                        ),
                        ("min_level", models.PositiveSmallIntegerField(default=5)),
                        ("max_level", models.PositiveSmallIntegerField(default=1)),
                        ("requires", models.CharField(blank=True, max_length=64)),
                        (
                            "strategy",
                            models.CharField(
                                choices=[
                                    ("all", "everybody at once"),
                                    ("round_robin", "one target in turn"),
                                ],
                                default="all",
                                max_length=12,
                            ),
                        ),
                        (
                            "ack_mode",
                            models.CharField(
                                choices=[
                                    ("any", "one acknowledgement is enough"),
                                    ("each", "everybody told must acknowledge"),
                                ],
                                default="any",
                                max_length=4,
                            ),
                        ),
                        ("skip_if_empty", models.BooleanField(default=True)),
                        ("window_days", models.JSONField(blank=True, default=list)),
                        ("window_starts", models.TimeField(blank=True, null=True)),
                        ("window_ends", models.TimeField(blank=True, null=True)),
                        ("window_zone", models.CharField(blank=True, max_length=64)),
                        ("instructions", models.TextField(blank=True)),
                    ],
                    options={
                        "ordering": ["version", "position"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "position"),
                                name="oncall_step_position",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("max_level__lte", models.F("min_level"))
                                ),
                                name="oncall_step_levels_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("window_ends__isnull", True),
                                        ("window_starts__isnull", True),
                                    ),
                                    models.Q(
                                        ("window_ends__isnull", False),
                                        ("window_starts__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="oncall_step_window_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="EscalationTarget",
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
                            "step",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="targets",
                                to="oncall.escalationstep",
                            ),
                        ),
                        (
                            "user",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "schedule",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="oncall.schedule",
                            ),
                        ),
                        ("role", models.CharField(blank=True, max_length=32)),
                        (
                            "offset",
                            models.CharField(
                                choices=[
                                    ("now", "on call now"),
                                    ("next", "on call next"),
                                ],
                                default="now",
                                max_length=4,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="oncall.team",
                            ),
                        ),
                        (
                            "scope",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("members", "every member"),
                                    ("managers", "its managers"),
                                    ("on_call", "everybody on call"),
                                ],
                                max_length=8,
                            ),
                        ),
                        (
                            "channel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                to="oncall.channel",
                            ),
                        ),
                        ("title", models.CharField(blank=True, max_length=120)),
                    ],
                    options={
                        "ordering": ["step", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="StipendRates",
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
                                related_name="stipend_rates",
                                to="oncall.team",
                            ),
                        ),
                        ("currency", models.CharField(default="EUR", max_length=3)),
                        (
                            "weekday_hour",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal(0),
                                max_digits=8,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal(0))
                                ],
                            ),
                        ),
                        (
                            "night_hour",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal(0),
                                max_digits=8,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal(0))
                                ],
                            ),
                        ),
                        (
                            "weekend_hour",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal(0),
                                max_digits=8,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal(0))
                                ],
                            ),
                        ),
                        (
                            "holiday_hour",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal(0),
                                max_digits=8,
                                validators=[
                                    django.core.validators.MinValueValidator(Decimal(0))
                                ],
                            ),
                        ),
                        (
                            "night_starts",
                            models.TimeField(default=datetime.time(22, 0)),
                        ),
                        ("night_ends", models.TimeField(default=datetime.time(6, 0))),
                        ("lieu_percent", models.PositiveSmallIntegerField(default=0)),
                        ("roles", models.JSONField(blank=True, default=list)),
                    ],
                    options={
                        "verbose_name_plural": "stipend rates",
                    },
                ),
                migrations.CreateModel(
                    name="SwapRequest",
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
                            "schedule",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="swaps",
                                to="oncall.schedule",
                            ),
                        ),
                        (
                            "requester",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "asked",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "taker",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Open"),
                                    ("taken", "Taken"),
                                    ("declined", "Declined"),
                                    ("expired", "Expired"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="open",
                                max_length=9,
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=250)),
                        ("answer", models.CharField(blank=True, max_length=250)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField()),
                        ("decided_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(
                                condition=models.Q(("state", "open")),
                                fields=["expires_at"],
                                name="oncall_swap_open",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "taken"), _negated=True),
                                    ("taker__isnull", False),
                                    _connector="OR",
                                ),
                                name="oncall_swap_taken_by_somebody",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SwapLeg",
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
                            "request",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="legs",
                                to="oncall.swaprequest",
                            ),
                        ),
                        ("role", models.CharField(max_length=32)),
                        ("starts_at", models.DateTimeField()),
                        ("ends_at", models.DateTimeField()),
                        ("is_return", models.BooleanField(default=False)),
                    ],
                    options={
                        "ordering": ["request", "is_return", "starts_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends_at__gt", models.F("starts_at"))
                                ),
                                name="oncall_swap_leg_ends_after_start",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SweepRecord",
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
                        ("name", models.CharField(max_length=64, unique=True)),
                        ("started_at", models.DateTimeField(blank=True, null=True)),
                        ("finished_at", models.DateTimeField(blank=True, null=True)),
                        ("driver", models.CharField(blank=True, max_length=16)),
                        ("duration", models.DurationField(blank=True, null=True)),
                        ("handled", models.PositiveIntegerField(default=0)),
                        ("failures", models.PositiveIntegerField(default=0)),
                        ("last_error", models.CharField(blank=True, max_length=500)),
                    ],
                    options={
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="ApiToken",
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
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="api_tokens",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "team",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                to="oncall.team",
                            ),
                        ),
                        ("name", models.CharField(max_length=80)),
                        ("prefix", models.CharField(max_length=32, unique=True)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("scopes", models.JSONField(default=list)),
                        ("created_at", models.DateTimeField()),
                        ("expires_at", models.DateTimeField(blank=True, null=True)),
                        ("last_used_at", models.DateTimeField(blank=True, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        "ordering": ["-created_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Secret",
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
                                related_name="secrets",
                                to="oncall.team",
                            ),
                        ),
                        ("name", models.SlugField()),
                        ("value", EncryptedTextField()),
                        ("hosts", models.JSONField(default=list)),
                        ("updated_at", models.DateTimeField()),
                    ],
                    options={
                        "ordering": ["team", "name"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("team", "name"),
                                name="oncall_secret_name_a_team",
                            )
                        ],
                    },
                ),
            ],
        ),
        guard("oncall_auditentry"),
    ]
