"""What people and signals do to an escalation: start, stop, hurry, put off.

Each act is part of the transaction of what causes it and moves ``rev``, so that an
engine that has read the row before loses. Cancelling what is queued comes after that:
it then sees the pages of an engine that was faster.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from incidents.domain.climb import freeze, thaw
from incidents.models import Alert, Escalation, EscalationEvent
from incidents.services.pages import page_recipients, topic_of
from oncall.domain import escalation as domain
from oncall.domain.ladder import Alert as Facts
from oncall.models import (
    EscalationPolicyVersion,
    EscalationStep,
    Membership,
    Notification,
    User,
)
from oncall.queries.policies import read_policy, versions
from oncall.queries.targets import Recipient
from oncall.services.audit import record_change
from oncall.services.notifications import cancel
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused
from opsportal.kit.nudge import nudge

TASK = "incidents.advance_escalations"
LONGEST_SNOOZE = timedelta(hours=24)
PAGES_AN_HOUR = 10
State = Escalation.State


def start_escalation(alert: Alert, *, now: datetime) -> None:
    """Let an alert climb the newest version of its service's policy.

    Not where there is no policy, where no step of it is for this level (what is
    only logged pages nobody), while it is mute, and for an alert that climbs already.
    Call it inside the transaction that opens the alert.
    """
    start_escalations([alert], now=now)


def start_escalations(alerts: Iterable[Alert], *, now: datetime) -> None:
    """Do as ``start_escalation`` does for each of these, with few statements for all."""
    climbing = [alert for alert in alerts if alert.muted_at is None]
    kinds = {(alert.service_id, alert.level): alert for alert in climbing}
    versions = {key: _version_for(alert) for key, alert in kinds.items()}
    rows = []
    for alert in climbing:
        version = versions[alert.service_id, alert.level]
        if version is not None:
            begun = domain.begin(Facts(opened_at=now, level=alert.level))
            rows.append(
                Escalation(
                    alert=alert,
                    version_id=version[0],
                    policy_name=version[1],
                    opened_at=now,
                    next_step_at=now,
                    progress=freeze(begun),
                )
            )
    if rows:
        Escalation.objects.bulk_create(rows, ignore_conflicts=True)
        nudge(TASK)


def look_again(alert: Alert, *, now: datetime) -> None:
    """Let the engine see at once that an alert changed, starting it when due."""
    if alert.muted_at is not None:
        return
    found = Escalation.objects.filter(alert=alert)
    moved = found.filter(state=State.RUNNING).update(rev=F("rev") + 1, next_step_at=now)
    if moved:
        nudge(TASK)
    elif not found.exists():
        start_escalation(alert, now=now)


def pause_escalation(alert: Alert, *, by: User, now: datetime) -> None:
    """Somebody acknowledged: what waits for people is taken back."""
    row = _hold(alert)
    if row is None:
        return
    expires = row.version.ack_expires_after if row.version else None
    row.ack_deadline = None if expires is None else now + expires
    _save(row, now, "ack_deadline")
    note_event(alert, "acknowledged", now=now, actor=by, loop=row.loop)
    # Where everybody has to, the others still hear of it.
    others = thaw(row.progress).awaited - {by.pk}
    cancel(
        topic_of(alert),
        reason="acknowledged",
        now=now,
        only_people=True,
        recipient=by if others else None,
    )


def confirm_acknowledgement(alert_pk: int, *, by: User, now: datetime) -> None:
    """Acknowledge as well, where everybody who was told has to.

    Raises Refused where nobody waits for this person.
    """
    with transaction.atomic():
        alert = _take(alert_pk)
        row = _hold(alert)
        awaited = thaw(row.progress).awaited if row else frozenset()
        waits = by.pk in awaited - acknowledged_by(alert)
        if row is None or not waits or alert.acknowledged_at is None:
            raise Refused("Nobody waits for you to acknowledge.", code="not_awaited")
        _save(row, now)
        note_event(alert, "acknowledged", now=now, actor=by)
        cancel(topic_of(alert), reason="acknowledged", now=now, recipient=by)


def resume_escalation(alert: Alert, *, by: User | None, now: datetime) -> None:
    """An acknowledgement was taken back: what it stopped begins again."""
    row = _hold(alert)
    if row is None or row.version is None:
        return
    policy = read_policy(versions().get(pk=row.version.pk))
    row.progress = freeze(domain.restart(policy, thaw(row.progress), now))
    row.ack_deadline = None
    row.loop = row.progress["loop"]
    _save(row, now, "progress", "ack_deadline", "loop")
    note_event(alert, "unacknowledged", now=now, actor=by, loop=row.loop)


def suspend_escalations(alerts: Collection[Alert], *, now: datetime) -> None:
    """They are mute: no step is taken, and what waits for people is taken back."""
    Escalation.objects.filter(alert__in=alerts, state=State.RUNNING).update(
        rev=F("rev") + 1, next_step_at=None
    )
    topics = [topic_of(alert) for alert in alerts]
    cancel(topics, reason="muted", now=now, only_people=True)


def continue_escalation(alert: Alert, *, now: datetime) -> None:
    """It tells again: its steps begin anew, unless somebody has it."""
    row = _hold(alert)
    if row is None:
        start_escalation(alert, now=now)
        return
    if alert.acknowledged_at is None:
        row.progress = freeze(domain.begin_again(thaw(row.progress), now))
        row.loop = row.progress["loop"]
    _save(row, max(now, row.snoozed_until or now), "progress", "loop")
    note_event(alert, "unmuted", now=now, loop=row.loop)


def inherit_escalation(alert: Alert, heir: Alert, *, now: datetime) -> None:
    """Let another alert of its group go on where this one is on its ladder.

    A step is told again where somebody was still to hear of it.
    """
    row = Escalation.objects.filter(alert=alert).first()
    if row is None:
        return
    state = thaw(row.progress)
    unheard = Notification.objects.filter(
        topic=topic_of(alert), state=Notification.State.CANCELLED, attempts=0
    )
    if unheard.exclude(recipient=None).exists():
        state = replace(state, told=state.told - {row.step})
    Escalation.objects.create(
        alert=heir,
        version=row.version,
        policy_name=row.policy_name,
        loop=row.loop,
        step=row.step,
        progress=freeze(state),
        snoozed_until=row.snoozed_until,
        opened_at=row.opened_at,
        next_step_at=now,
    )
    note_event(heir, "inherited", now=now, loop=row.loop, text=alert.summary[:500])
    nudge(TASK)


def end_escalations(alerts: Collection[Alert], *, now: datetime) -> None:
    """They are resolved: nobody else is told, what waits for people is taken back."""
    Escalation.objects.filter(alert__in=alerts).exclude(state=State.ENDED).update(
        state=State.ENDED,
        rev=F("rev") + 1,
        next_step_at=None,
        ack_deadline=None,
        ended_at=now,
    )
    topics = [topic_of(alert) for alert in alerts]
    cancel(topics, reason="resolved", now=now, only_people=True)


def escalate_now(alert_pk: int, *, by: User, now: datetime, via: str = "") -> None:
    """Make the next step due at once, whoever acknowledged; a held one goes on.

    Raises Refused where there is no step left, or no policy.
    """
    with transaction.atomic():
        alert = _take(alert_pk)
        row = _hold(alert, states=(State.RUNNING, State.HELD))
        if alert.muted_at is not None:
            raise Refused(
                "It is mute. End what mutes it, or page somebody by hand.",
                code="muted",
            )
        if row is None or row.version is None:
            raise Refused(
                "No escalation policy is at work here. Page somebody by hand.",
                code="no_policy",
            )
        policy = read_policy(versions().get(pk=row.version.pk))
        state = thaw(row.progress)
        if row.state == State.HELD:
            state = domain.begin_again(state, now)
        forced = domain.force_next(policy, state, facts_of(alert, row))
        if forced is None:
            raise Refused(
                "There is no step left. Page somebody by hand.", code="no_step"
            )
        row.progress, row.state, row.snoozed_until = freeze(forced), State.RUNNING, None
        row.loop = forced.loop
        _save(row, now, "progress", "state", "snoozed_until", "loop")
        note_event(alert, "escalated", now=now, actor=by, loop=row.loop, text=via)
        _audit("alert.escalate", alert, by=by, now=now, via=via)


def snooze_escalation(
    alert_pk: int, until: datetime, *, by: User, now: datetime, via: str = ""
) -> None:
    """Put off every step until a moment, at most 24 hours ahead.

    Raises PortalError for another moment, Refused where nothing climbs.
    """
    if not now < until <= now + LONGEST_SNOOZE:
        raise PortalError("Choose a moment within the next 24 hours.", field="until")
    with transaction.atomic():
        alert = _take(alert_pk)
        row = _hold(alert)
        if row is None:
            raise Refused("Nothing escalates here.", code="no_policy")
        state = thaw(row.progress)
        shift = until - max(now, row.snoozed_until or now)
        moments = {"begun_at": state.begun_at + shift}
        if state.restarted_at is not None:
            moments["restarted_at"] = state.restarted_at + shift
        row.progress |= {name: at.isoformat() for name, at in moments.items()}
        row.snoozed_until = until
        _save(row, until, "progress", "snoozed_until")
        words = f"until {until:%d %b %H:%M} UTC {via}".strip()
        note_event(alert, "snoozed", now=now, actor=by, text=words)
        cancel(topic_of(alert), reason="snoozed", now=now, only_people=True)
        _audit("alert.snooze", alert, by=by, now=now, via=via)


def page_by_hand(
    alert_pk: int, user_pks: Sequence[int], text: str, *, by: User, now: datetime
) -> int:
    """Page members of the alert's team at once; returns how many.

    Raises PortalError for nobody or a stranger, Refused after 10 pages in an hour.
    """
    with transaction.atomic():
        alert = _take(alert_pk)
        members = Membership.objects.filter(
            team=alert.service.team_id, user__in=user_pks, user__is_active=True
        ).select_related("user")
        users = [row.user for row in members.order_by("user__name", "pk")]
        if not users or len(users) != len(set(user_pks)):
            raise PortalError("Choose people of the team.", field="users")
        spent = EscalationEvent.objects.filter(
            actor=by, kind="page", at__gt=now - timedelta(hours=1)
        ).count()
        if spent + len(users) > PAGES_AN_HOUR:
            raise Refused(
                f"At most {PAGES_AN_HOUR} pages an hour by hand. Escalate instead.",
                code="too_many_pages",
            )
        page_recipients(
            alert,
            [Recipient(user.display_name, user=user) for user in users],
            key=f"{topic_of(alert)}:hand:{by.pk}:{int(now.timestamp() * 1000)}",
            kind="page",
            now=now,
            actor=by,
            note=text.strip()[:500] or f"{by.display_name} asks for you.",
        )
        _audit("alert.page", alert, by=by, now=now)
    return len(users)


def facts_of(alert: Alert, row: Escalation) -> Facts:
    """Return what the ladder asks of the alert now."""
    awaited = row.progress.get("awaited")
    return Facts(
        opened_at=row.opened_at,
        level=alert.level,
        labels={str(name): str(value) for name, value in alert.labels.items()},
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=acknowledged_by(alert) if awaited else None,
        resolved_at=alert.resolved_at,
    )


def acknowledged_by(alert: Alert) -> frozenset[int]:
    """Return who acknowledged since the acknowledgement that holds."""
    if alert.acknowledged_at is None:
        return frozenset()
    return frozenset(
        EscalationEvent.objects.filter(
            alert=alert, kind="acknowledged", at__gte=alert.acknowledged_at
        )
        .exclude(actor=None)
        .values_list("actor_id", flat=True)
    )


def note_event(
    alert: Alert, kind: str, *, now: datetime, **fields: Any
) -> EscalationEvent:
    """Append to the log of who was told."""
    return EscalationEvent.objects.create(alert=alert, kind=kind, at=now, **fields)


def _version_for(alert: Alert) -> tuple[int, str] | None:
    if alert.service.policy_id is None:
        return None
    newest = EscalationPolicyVersion.objects.filter(policy=alert.service.policy_id)
    version = newest.order_by("-number").values_list("pk", "policy__name").first()
    if version is None:
        return None
    serves = EscalationStep.objects.filter(
        version=version[0], max_level__lte=alert.level, min_level__gte=alert.level
    )
    return version if serves.exists() else None


def _take(alert_pk: int) -> Alert:
    """Hold the alert's team, then read the alert. Raises Refused when it is over."""
    rows = Alert.objects.select_related("service")
    touch_team(rows.get(pk=alert_pk).service.team_id)
    alert = rows.get(pk=alert_pk)
    if alert.resolved_at is not None:
        raise Refused("It is resolved.", code="alert_state")
    return alert


def _hold(alert: Alert, states: Sequence[str] = (State.RUNNING,)) -> Escalation | None:
    """Read the escalation and keep engines off it until the end."""
    return (
        Escalation.objects.select_for_update(of=("self",))
        .select_related("version")
        .filter(alert=alert, state__in=states)
        .first()
    )


def _save(row: Escalation, next_at: datetime, *fields: str) -> None:
    row.rev += 1
    row.next_step_at = next_at
    row.save(update_fields=["rev", "next_step_at", *fields])
    nudge(TASK)


def _audit(
    action: str, alert: Alert, *, by: User, now: datetime, via: str = ""
) -> None:
    after = {"via": via} if via else None
    team_id = alert.service.team_id
    record_change(action, alert, by=by, now=now, team_id=team_id, after=after)
