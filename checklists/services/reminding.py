"""Reminders of runs that are coming due or late."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from checklists.domain.reminder_ladder import Audience, Rung, ladder_from_json
from checklists.domain.reminder_words import Reminded, write_subject, write_text
from checklists.domain.reminders import Reminding, due_rung, next_reminder_at
from checklists.models import Cadence, Run, RunItem
from oncall.models import Channel, Membership, Role, User
from oncall.queries import users_on_call
from oncall.services import notifications
from oncall.services.sweeps import sweep_each

# So that one sweep ends in time; what is left stays due.
MOST_RUNS = 200


def first_reminder_at(run: Run, cadence: Cadence, *, now: datetime) -> datetime | None:
    """Return when a run that just opened is first reminded of."""
    return next_reminder_at(_reminding(run, cadence), now)


def remind_late_runs(*, now: datetime) -> int:
    """Queue the reminder that is due of each run; returns how many runs.

    After downtime only the highest rung goes out. The run's column is moved by
    compare and swap in the transaction that queues the messages, and their keys
    are unique, so that no rung is told twice.
    """
    due = (
        Run.objects.filter(next_reminder_at__lte=now)
        .exclude(state=Run.State.CLOSED)
        .select_related("cadence", "checklist", "team", "assignee_user")
        .order_by("next_reminder_at")[:MOST_RUNS]
    )
    runs = {run.pk: run for run in due}
    return sweep_each(runs, lambda pk: _remind(runs[pk], now), what="run")


def _remind(run: Run, now: datetime) -> bool:
    cadence = run.cadence
    if cadence is None:
        return False
    reminding = _reminding(run, cadence)
    rung, suppressed = due_rung(reminding, now)
    sent = [*run.reminders_sent, *([rung.key] if rung else [])]
    later = _reminding(run, cadence, sent=sent)
    with transaction.atomic():
        won = Run.objects.filter(
            pk=run.pk, next_reminder_at=run.next_reminder_at
        ).exclude(state=Run.State.CLOSED)
        moved = won.update(
            reminders_sent=sent, next_reminder_at=next_reminder_at(later, now)
        )
        if not moved or rung is None:
            return False
        _queue(run, cadence, rung, suppressed, now)
    return True


def _reminding(
    run: Run, cadence: Cadence, *, sent: Iterable[str] | None = None
) -> Reminding:
    return Reminding(
        ladder=ladder_from_json(cadence.reminders),
        opens_at=run.opens_at,
        due_at=run.due_at,
        closes_at=run.closes_at,
        sent=frozenset(run.reminders_sent if sent is None else sent),
    )


def _queue(
    run: Run, cadence: Cadence, rung: Rung, suppressed: int, now: datetime
) -> None:
    message = _compose(run, cadence, suppressed, now)
    common: dict[str, Any] = {
        "team_id": run.team_id,
        "topic": f"run:{run.pk}",
        "urgency": "high" if rung.ignores_quiet_hours else "low",
        "now": now,
        **message,
    }
    for user in _people(run, cadence, rung.audiences, now):
        key = f"run:{run.pk}:{rung.key}:user:{user.pk}"
        notifications.enqueue(recipient=user, dedupe_key=key, **common)
    channels = Channel.objects.filter(
        team_id=run.team_id, takes_reminders=True, is_enabled=True
    )
    for channel in channels:
        key = f"run:{run.pk}:{rung.key}:channel:{channel.pk}"
        notifications.enqueue(channel=channel, dedupe_key=key, **common)


def _compose(
    run: Run, cadence: Cadence, suppressed: int, now: datetime
) -> dict[str, str]:
    is_open = Q(state=RunItem.State.OPEN)
    items = run.items.filter(is_hidden=False)
    count = items.aggregate(total=Count("pk"), left=Count("pk", filter=is_open))
    failing = items.filter(attention=RunItem.Attention.FAILING)
    reminded = Reminded(
        name=run.checklist.name,
        period_key=run.period_key,
        due_local=run.due_at.astimezone(ZoneInfo(cadence.time_zone)),
        open_count=count["left"],
        total_count=count["total"],
        failing=tuple(failing.values_list("item__text", flat=True)),
        suppressed_count=suppressed,
    )
    url = settings.SITE_URL + reverse("run_detail", args=[run.pk])
    return {
        "subject": write_subject(reminded, now),
        "text": write_text(reminded, now, url),
        "url": url,
    }


def _people(
    run: Run, cadence: Cadence, audiences: Iterable[Audience], now: datetime
) -> list[User]:
    """Return each person once, found at this very moment."""
    found: dict[int, User] = {}
    for audience in audiences:
        for user in _audience(run, cadence, audience, now):
            found.setdefault(user.pk, user)
    return list(found.values())


def _audience(
    run: Run, cadence: Cadence, audience: Audience, now: datetime
) -> list[User]:
    if audience is Audience.MANAGER:
        return members(run.team_id, [Role.MANAGER])
    if audience is Audience.ON_CALL:
        return _on_call(run, cadence, now)
    if run.assignee_user is not None and run.assignee_user.is_active:
        return [run.assignee_user]
    if cadence.assignee == Cadence.Assignee.ONCALL:
        return _on_call(run, cadence, now)
    if cadence.assignee == Cadence.Assignee.USER and cadence.assignee_user:
        return [cadence.assignee_user]
    return members(run.team_id, [Role.RESPONDER, Role.MANAGER])


def _on_call(run: Run, cadence: Cadence, now: datetime) -> list[User]:
    """Whoever is on call; when nobody is, the managers: someone always hears."""
    schedule_pk = cadence.assignee_schedule_id
    if schedule_pk is not None:
        rows = users_on_call(schedule_pk, now, role=cadence.assignee_role or None)
        people = list(User.objects.filter(pk__in=[row.user_id for row in rows]))
        if people:
            return people
    return members(run.team_id, [Role.MANAGER])


def members(team_id: int, roles: Iterable[str]) -> list[User]:
    """Return the active members of a team that hold one of ``roles``."""
    rows = Membership.objects.filter(team_id=team_id, role__in=roles)
    people = User.objects.filter(pk__in=rows.values("user_id"), is_active=True)
    return list(people.order_by("pk"))
