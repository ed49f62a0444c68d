"""People who sign in."""

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models

from opsportal.kit.zones import zone_names


def validate_time_zone(name: str) -> None:
    """Accept IANA names only; offsets such as "UTC+2" know no summer."""
    if name not in zone_names():
        raise ValidationError(
            f"“{name}” is not an IANA time zone. Use one like Europe/Berlin."
        )


class User(AbstractUser):
    """A person. What they may do follows from their memberships."""

    email = models.EmailField(unique=True)
    name = models.CharField("full name", max_length=120, blank=True)
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[validate_time_zone]
    )
    # Where the person lives: which holidays count in plans and stipends.
    calendar = models.ForeignKey(
        "oncall.HolidayCalendar", on_delete=models.SET_NULL, null=True, blank=True
    )

    class Meta:
        ordering = ["name", "username"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name that pages show."""
        return self.name or self.username

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        words = self.display_name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
