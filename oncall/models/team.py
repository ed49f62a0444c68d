"""Teams and who belongs to them."""

from django.conf import settings
from django.db import models

from oncall.models.user import validate_time_zone


class HolidayCalendar(models.Model):
    """A named set of dates on which a team does not work."""

    name = models.CharField(max_length=120, unique=True)
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """One date of a calendar."""

    calendar = models.ForeignKey(
        HolidayCalendar, on_delete=models.CASCADE, related_name="holidays"
    )
    on = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["on"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "on"], name="oncall_one_holiday_a_date"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class Team(models.Model):
    """The unit of isolation: who is not in it sees nothing of it."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[validate_time_zone]
    )
    calendar = models.ForeignKey(
        HolidayCalendar, on_delete=models.SET_NULL, null=True, blank=True
    )
    # Moves with every change that a page of the team could show; keys
    # fragments and ETags. See oncall.services.pulse.
    version = models.BigIntegerField(default=0, editable=False)
    # Moves with all of that but the progress of runs and fresh readings, which
    # come every few seconds: what shows neither is kept for longer.
    calm_version = models.BigIntegerField(default=0, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do in a team; admins are superusers, in every team."""

    VIEWER = "viewer", "Viewer"
    RESPONDER = "responder", "Responder"
    MANAGER = "manager", "Manager"


class Membership(models.Model):
    """One person's one role in one team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role, default=Role.RESPONDER)

    class Meta:
        ordering = ["team", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"], name="oncall_one_membership_a_team"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
