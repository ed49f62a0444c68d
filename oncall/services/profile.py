"""What a person says about themself."""

from datetime import datetime, time

from django.db import transaction

from oncall.domain import validation
from oncall.domain.schedule import ScheduleError
from oncall.models import QuietHours, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError


def update_profile(user: User, *, name: str, time_zone: str, now: datetime) -> None:
    """Change the name and the zone. Raises PortalError for an unknown zone."""
    try:
        validation.find_zone(time_zone)
    except ScheduleError as error:
        words = f"The zone {error.message}"
        raise PortalError(words, field="time_zone") from None
    before = {"name": user.name, "time_zone": user.time_zone}
    after = {"name": name, "time_zone": time_zone}
    if before == after:
        return
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(**after)
        # Pages of the person's teams show the name.
        for team_id in user.memberships.values_list("team_id", flat=True):
            touch_team(team_id)
        record_change(
            "profile.edit", user, by=user, now=now, before=before, after=after
        )


def set_quiet_hours(
    user: User, *, starts: time | None, ends: time | None, now: datetime
) -> None:
    """Hold reminders between two times of the person's wall clock; None for never.

    Raises PortalError when only one of them is given, or when they are equal.
    """
    if (starts is None) != (ends is None):
        raise PortalError(
            "Enter both times, or neither.", field="ends" if starts else "starts"
        )
    if starts is not None and starts == ends:
        raise PortalError(
            "Quiet hours cannot last a whole day. Choose another end.", field="ends"
        )
    with transaction.atomic():
        if starts is None or ends is None:
            QuietHours.objects.filter(user=user).delete()
        else:
            QuietHours.objects.update_or_create(
                user=user, defaults={"starts": starts, "ends": ends}
            )
        record_change(
            "quiet_hours.edit",
            user,
            by=user,
            now=now,
            after={
                "starts": starts.isoformat("minutes") if starts else None,
                "ends": ends.isoformat("minutes") if ends else None,
            },
        )
