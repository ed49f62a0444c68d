"""Whom the open alerts of the demo paged on the way to now, and that it arrived."""

from datetime import datetime, timedelta

from incidents.models import Alert, Escalation
from incidents.services.alerts import acknowledge_alert
from incidents.services.escalating import advance_escalations
from oncall.models import Notification, NotificationAttempt
from opsportal.demo.past_people import Roster
from opsportal.demo.shapes import MINUTE

_SECOND = timedelta(seconds=1)


def climb_until(until: datetime, *, since: datetime) -> None:
    """Let every ladder take the steps that were due, each in its own minute."""
    at = since
    while at <= until:
        if Escalation.objects.filter(
            state=Escalation.State.RUNNING, next_step_at__lte=at
        ).exists():
            advance_escalations(now=at)
            # Before anybody has it, which would call back what did not leave yet.
            _deliver_pages()
        at += MINUTE


def take_alert(alert: Alert, roster: Roster) -> None:
    """Let who was on call have it two minutes after it began."""
    person = roster.primary_at(alert.starts_at)
    at = alert.starts_at + 2 * MINUTE
    acknowledge_alert(alert.pk, by=person, now=at)


def _deliver_pages() -> None:
    """Let the pages that wait have arrived two seconds after they were queued."""
    rows = list(
        Notification.objects.filter(
            topic__startswith="alert:",
            recipient__isnull=False,
            state=Notification.State.PENDING,
        )
    )
    for row in rows:
        row.state, row.next_try_at, row.attempts = Notification.State.SENT, None, 1
        row.first_attempt_at = row.created_at + _SECOND
        row.sent_at = row.created_at + 2 * _SECOND
    Notification.objects.bulk_update(
        rows, ("state", "next_try_at", "attempts", "first_attempt_at", "sent_at")
    )
    NotificationAttempt.objects.bulk_create(
        NotificationAttempt(
            notification=row,
            number=1,
            started_at=row.created_at + _SECOND,
            ended_at=row.sent_at,
            outcome="sent",
            detail="It was taken.",
        )
        for row in rows
    )
