"""What the pages that edit a schedule show of it."""

from datetime import datetime

from django.db.models import QuerySet

from oncall.models import Override, Rotation, Schedule


def overrides_ahead(schedule: Schedule, now: datetime) -> QuerySet[Override]:
    """Return exceptions that hold or will, the next first."""
    return (
        Override.objects.filter(
            schedule=schedule, ends_at__gt=now, cancelled_at__isnull=True
        )
        .select_related("add_user", "remove_user", "created_by")
        .order_by("starts_at", "pk")
    )


def roles_of(schedule: Schedule) -> list[str]:
    """Return every role of the schedule, the required ones first."""
    found = dict.fromkeys(schedule.required_roles)
    for roles in Rotation.objects.filter(schedule=schedule).values_list(
        "roles", flat=True
    ):
        found |= dict.fromkeys(roles)
    return list(found)
