"""Overrides as rows, for those who list and end them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from oncall.models import Override, Schedule


def find_schedule(slug: str, team_ids: Iterable[int]) -> Schedule | None:
    """Return a schedule of one of the teams."""
    rows = Schedule.objects.filter(slug=slug, team__in=list(team_ids))
    return rows.select_related("team").first()


def list_overrides(
    schedule_pk: int, start: datetime, end: datetime
) -> QuerySet[Override]:
    """Return the overrides that meet start <= t < end, cancelled ones too."""
    rows = Override.objects.filter(
        schedule=schedule_pk, starts_at__lt=end, ends_at__gt=start
    )
    people = ("add_user", "remove_user", "created_by")
    return rows.select_related(*people).order_by("starts_at", "pk")


def find_override(schedule_pk: int, override_pk: int) -> Override | None:
    """Return an override of the schedule."""
    rows = Override.objects.filter(schedule=schedule_pk, pk=override_pk)
    return rows.select_related("schedule").first()
