"""How far an alert is on its ladder, and who was told, how and how fast."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incidents.domain.climb import thaw
from incidents.models import Alert, Escalation, EscalationEvent
from oncall.domain.notification_rules import message_key
from oncall.models import (
    EscalationPolicyVersion,
    EscalationStep,
    Notification,
    Service,
    User,
)
from oncall.queries.simulation import say_reason

_TITLES = {
    "tell": "Told",
    "pass": "Not told",
    "last_resort": "Last resort told",
    "repeat": "The steps began again",
    "expire": "The acknowledgement ended",
    "hold": "Held: it was due for more than a day",
    "page": "Paged by hand",
    "acknowledged": "Acknowledged",
    "unacknowledged": "Acknowledgement taken back",
    "escalated": "Escalated by hand",
    "snoozed": "Put off",
    "inherited": "It goes on where another alert of its group was",
    "unmuted": "No longer mute: the steps began again",
}
_TONES = {"tell": "acc", "page": "acc", "last_resort": "crit", "hold": "crit",
          "acknowledged": "ok", "expire": "warn", "unacknowledged": "warn"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentLine:
    """One message; ``took`` from the telling to the sending, None before."""

    label: str
    state: str
    at: datetime | None
    took: timedelta | None
    error: str


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One entry of the log."""

    at: datetime
    after: timedelta
    title: str
    tone: str
    step: str
    who: str
    text: str
    sent: list[SentLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Climb:
    """An alert's escalation as its page shows it, newest entry first."""

    policy: str
    state: str
    next_at: datetime | None
    snoozed_until: datetime | None
    ack_deadline: datetime | None
    waits_for_me: bool
    lines: list[ToldLine]


def climb_of(alert: Alert, viewer: User) -> Climb | None:
    """Return the escalation of an alert and its log, with three queries.

    None when it never escalated and nobody was paged by hand.
    """
    row = Escalation.objects.filter(alert=alert).first()
    events = list(
        EscalationEvent.objects.filter(alert=alert)
        .select_related("actor")
        .order_by("-at", "-pk")
    )
    if row is None and not events:
        return None
    sent = _sent_by_key(f"alert:{alert.pk}")
    return Climb(
        policy=row.policy_name if row else "",
        state=row.state if row else "",
        next_at=row.next_step_at if row else None,
        snoozed_until=row.snoozed_until if row else None,
        ack_deadline=row.ack_deadline if row else None,
        waits_for_me=_waits_for(row, alert, events, viewer),
        lines=[_line(each, alert, sent.get(each.key, [])) for each in events],
    )


def is_only_logged(service: Service, level: int) -> bool:
    """Say whether the service has a ladder of which no step is for this level."""
    if service.policy_id is None:
        return False
    versions = EscalationPolicyVersion.objects.filter(policy=service.policy_id)
    newest = versions.order_by("-number").values("pk")[:1]
    steps = EscalationStep.objects.filter(version__in=newest)
    spans = list(steps.values_list("max_level", "min_level"))
    return bool(spans) and not any(a <= level <= b for a, b in spans)


def _waits_for(
    row: Escalation | None, alert: Alert, events: list[EscalationEvent], viewer: User
) -> bool:
    if row is None or alert.acknowledged_at is None:
        return False
    since = alert.acknowledged_at
    done = {
        each.actor_id
        for each in events
        if each.kind == "acknowledged" and each.at >= since
    }
    return viewer.pk in thaw(row.progress).awaited - done


def _sent_by_key(topic: str) -> dict[str, list[Notification]]:
    found: dict[str, list[Notification]] = defaultdict(list)
    rows = Notification.objects.filter(topic=topic).select_related(
        "contact_method", "channel"
    )
    for row in rows.order_by("pk"):
        found[message_key(row.dedupe_key)].append(row)
    return found


def _line(event: EscalationEvent, alert: Alert, rows: list[Notification]) -> ToldLine:
    said = say_reason(event.reason)
    return ToldLine(
        at=event.at,
        after=max(timedelta(), event.at - alert.starts_at),
        title=_TITLES[event.kind],
        tone=_TONES.get(event.kind, ""),
        step=event.step_name,
        who=event.name or (str(event.actor) if event.actor else ""),
        text=" ".join(filter(None, (said, event.text))),
        sent=[_sent_line(row, event.at) for row in rows],
    )


def _sent_line(row: Notification, since: datetime) -> SentLine:
    place = row.contact_method or row.channel
    return SentLine(
        label=place.get_kind_display() if place else "the account's email",
        state=row.get_state_display(),
        at=row.sent_at or row.next_try_at,
        took=None if row.sent_at is None else max(timedelta(), row.sent_at - since),
        error=row.last_error,
    )
