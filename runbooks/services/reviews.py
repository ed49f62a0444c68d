"""Reviewing runbooks again and again: when it is due, and who is reminded of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.errors import PortalError, Refused
from runbooks.domain.review_cycle import (
    find_due_on,
    plan_next_reminder,
    plan_reminder,
    read_review_interval,
)
from runbooks.models import Runbook
from runbooks.services.news import tell_managers

_BATCH = 100
_FIELDS = ("reviewed_on", "reviewed_by", "review_interval", "next_reminder_at")


def note_review(
    runbook: Runbook, text: str, *, is_first: bool, by: User, now: datetime
) -> None:
    """Count an applied text as reviewed; the first one may say how often it is."""
    if is_first and not runbook.review_interval:
        runbook.review_interval = read_review_interval(text)
    runbook.reviewed_on = now.astimezone(_zone_of(runbook)).date()
    runbook.reviewed_by = by
    _plan(runbook)


def mark_reviewed(runbook: Runbook, *, by: User, now: datetime) -> None:
    """Say that a person has read the runbook today and that it still holds.

    Raises Refused for one that was undone.
    """
    if runbook.archived_at is not None:
        raise Refused("What this runbook made was undone.", code="archived")
    with transaction.atomic():
        touch_team(runbook.team_id)
        runbook.reviewed_on = now.astimezone(_zone_of(runbook)).date()
        runbook.reviewed_by = by
        _plan(runbook)
        record_change(
            "runbook.reviewed", runbook, by=by, now=now, team_id=runbook.team_id
        )


def set_review_interval(
    runbook: Runbook, interval: str, *, by: User, now: datetime
) -> None:
    """Say how often it is reviewed; "" for never. Raises PortalError."""
    if interval and interval not in Runbook.ReviewInterval.values:
        known = ", ".join(Runbook.ReviewInterval.values)
        raise PortalError(f"Use one of {known}.", field="review_interval")
    with transaction.atomic():
        touch_team(runbook.team_id)
        before, runbook.review_interval = runbook.review_interval, interval
        _plan(runbook)
        record_change(
            "runbook.review_interval", runbook, by=by, now=now,
            team_id=runbook.team_id, before={"every": before}, after={"every": interval},
        )  # fmt: skip


def remind_reviews(*, now: datetime) -> int:
    """Remind managers of reviews that are due, then every week; return messages."""
    due = Runbook.objects.filter(archived_at=None, next_reminder_at__lte=now)
    keys = due.order_by("next_reminder_at").values_list("pk", flat=True)
    return sweep_each(
        list(keys[:_BATCH]), lambda key: _remind(key, now), what="runbook"
    )


def _remind(key: int, now: datetime) -> int:
    with transaction.atomic():
        runbook = Runbook.objects.select_related("team").get(pk=key)
        at, reviewed_on = runbook.next_reminder_at, runbook.reviewed_on
        if at is None or reviewed_on is None or at > now:
            return 0  # somebody reviewed it meanwhile
        following = plan_next_reminder(at, _zone_of(runbook), now=now)
        mine = Runbook.objects.filter(pk=key, next_reminder_at=at)
        if not mine.update(next_reminder_at=following):
            return 0  # another sweep reminds
        due_on = find_due_on(reviewed_on, runbook.review_interval)
        return tell_managers(
            runbook,
            what=f"review:{at:%Y%m%dT%H%M}",
            subject=f"Review due: {runbook.title}",
            text=f"“{runbook.title}” was last reviewed on {reviewed_on:%d %b %Y}; the "
            f"next review was due on {due_on:%d %b %Y}. Read it, and mark it as "
            "reviewed or bring a newer text.",
            now=now,
        )


def _plan(runbook: Runbook) -> None:
    """Save what was set, with the reminder that follows from it."""
    runbook.next_reminder_at = None
    if runbook.review_interval and runbook.reviewed_on is not None:
        due_on = find_due_on(runbook.reviewed_on, runbook.review_interval)
        runbook.next_reminder_at = plan_reminder(due_on, _zone_of(runbook))
    runbook.save(update_fields=_FIELDS)


def _zone_of(runbook: Runbook) -> ZoneInfo:
    return ZoneInfo(runbook.team.time_zone)
