"""Who is on call, as versioned configuration: nothing here is computed.

The one function that computes is oncall.domain.rotation; a version is never
changed once written, so the past is never rewritten.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from oncall.models.team import HolidayCalendar, Team
from oncall.models.user import validate_time_zone


class Schedule(models.Model):
    """A named answer to "who is on call?" for a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="schedules")
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    calendar = models.ForeignKey(
        HolidayCalendar, on_delete=models.SET_NULL, null=True, blank=True
    )
    # Roles that must never be empty, such as ["primary", "secondary"].
    required_roles = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    # What held before, oldest first and only added to: [{"until": moment,
    # "time_zone": name, "calendar": key of the own one or the team's, or None}].
    former_settings = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Rotation(models.Model):
    """One layer of a schedule. Its shape lies in its versions."""

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="rotations"
    )
    name = models.CharField(max_length=120)
    # Position j of the people on duty takes roles[j]: with two roles the
    # secondary comes from the same list and is never the primary.
    roles = models.JSONField(default=list)
    priority = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["schedule", "-priority", "pk"]

    def __str__(self) -> str:
        return self.name


class RotationVersion(models.Model):
    """What a rotation is from a moment on. Append-only."""

    class Unit(models.TextChoices):
        HOUR = "hour", "hours"
        DAY = "day", "days"
        WEEK = "week", "weeks"
        MONTH = "month", "months"

    class Count(models.TextChoices):
        CALENDAR = "calendar", "every calendar period"
        ACTIVE = "active", "only active shifts"

    class HolidayPolicy(models.TextChoices):
        IGNORE = "ignore", "on duty on holidays too"
        SKIP = "skip", "not on holidays"
        ONLY = "only", "only on holidays"

    class AbsencePolicy(models.TextChoices):
        WARN = "warn", "stays on duty, with a warning"
        SKIP = "skip", "leaves the place empty"
        NEXT = "next", "the next person in the order stands in"

    rotation = models.ForeignKey(
        Rotation, on_delete=models.CASCADE, related_name="versions"
    )
    effective_from = models.DateTimeField()
    # Wall-clock moment of the first handoff in the schedule's zone, without
    # a zone: it keeps meaning 09:00 when the clocks change.
    anchor = models.CharField(
        max_length=16, help_text="Local time of the first handoff: 2026-11-02T09:00"
    )
    unit = models.CharField(max_length=8, choices=Unit, default=Unit.WEEK)
    every = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    # How many of the rotation's roles it fills at once; empty: all of them.
    concurrency = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    count = models.CharField(max_length=8, choices=Count, default=Count.CALENDAR)
    holiday_policy = models.CharField(
        max_length=8, choices=HolidayPolicy, default=HolidayPolicy.IGNORE
    )
    absence_policy = models.CharField(
        max_length=8, choices=AbsencePolicy, default=AbsencePolicy.WARN
    )
    # The version that this one takes back: undo appends, as every edit does.
    undoes = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="undo"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["rotation", "effective_from", "pk"]

    def __str__(self) -> str:
        return f"{self.rotation} from {self.effective_from:%Y-%m-%d %H:%M}"


class RotationMember(models.Model):
    """A place in the order. Without a user the place is an empty slot."""

    version = models.ForeignKey(
        RotationVersion, on_delete=models.CASCADE, related_name="members"
    )
    position = models.PositiveSmallIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        ordering = ["version", "position", "pk"]
        # Two users at one position are a group that serves together.
        constraints = [
            models.UniqueConstraint(
                fields=["version", "position", "user"],
                name="oncall_member_once_a_position",
            )
        ]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.user or 'nobody'}"


class ActiveWindow(models.Model):
    """Minutes of a weekday in which a version serves; may pass midnight."""

    version = models.ForeignKey(
        RotationVersion, on_delete=models.CASCADE, related_name="windows"
    )
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    start_minute = models.PositiveSmallIntegerField(
        validators=[MaxValueValidator(1439)]
    )
    end_minute = models.PositiveSmallIntegerField(validators=[MaxValueValidator(2880)])

    class Meta:
        ordering = ["version", "weekday", "start_minute"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_minute__gt=F("start_minute")),
                name="oncall_window_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"weekday {self.weekday}, minutes {self.start_minute}-{self.end_minute}"


class Override(models.Model):
    """An exception for a while: replace, add or remove. Never deleted."""

    class Source(models.TextChoices):
        MANUAL = "manual", "by hand"
        SWAP = "swap", "swap"
        ABSENCE = "absence", "absence"
        TAKE = "take", "took the pager"

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="overrides"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Empty means every role.
    role = models.CharField(max_length=32, blank=True)
    remove_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    add_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # The person added holds the role alone, whoever would have held it.
    takes_role = models.BooleanField(default=False)
    reason = models.CharField(max_length=250, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.MANUAL)
    swap = models.ForeignKey(
        "oncall.SwapRequest",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="overrides",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["schedule", "created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="oncall_override_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(add_user__isnull=False) | Q(remove_user__isnull=False),
                name="oncall_override_changes_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"


class ShiftRecord(models.Model):
    """Who really was on call: written by the sweep, for "who was it then?"."""

    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, related_name="shift_records"
    )
    role = models.CharField(max_length=32)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="shift_records",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=32)

    class Meta:
        ordering = ["schedule", "starts_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "role", "user"],
                condition=Q(ends_at__isnull=True),
                name="oncall_one_open_shift_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.role}"
