"""What must hold of alerts, their escalations and their messages at any moment.

Each function finds the rows that break one promise, as words such as ``alert 7``.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from incidents.models import (
    Alert,
    AlertGroup,
    AlertMute,
    Escalation,
    EscalationEvent,
    IngestEvent,
)
from oncall.models import EscalationStep, Notification

MINUTE = timedelta(minutes=1)
TOLD = ("tell", "last_resort")
# These hurry a ladder on, or let a step follow the one before it at once.
HURRIES = ("escalated", "pass")
Rows = models.QuerySet[models.Model]


def name_rows(noun: str, rows: Rows) -> Iterator[str]:
    """Say which rows these are, oldest first."""
    return (f"{noun} {pk}" for pk in rows.order_by("pk").values_list("pk", flat=True))


def find_doubles(noun: str, rows: Rows, *key: str) -> Iterator[str]:
    """Say which values of ``key`` several of the rows share."""
    # Ordering would take part in the grouping.
    doubles = rows.order_by().values(*key).annotate(n=Count("pk")).filter(n__gt=1)
    for row in doubles:
        yield f"{noun} {' '.join(str(row[name]) for name in key)}: {row['n']} times"


def find_waiting_messages(now: datetime) -> Iterator[str]:
    """Messages of senders that were accepted and not applied within a minute."""
    rows = IngestEvent.objects.filter(status=IngestEvent.Status.WAITING)
    return name_rows("message", rows.filter(received_at__lt=now - MINUTE))


def find_doubled_alerts(_now: datetime) -> Iterator[str]:
    """Series with more than one alert that is not resolved."""
    open_ones = Alert.objects.exclude(status=Alert.Status.RESOLVED)
    return find_doubles("series", open_ones, "series")


def find_mutes_without_ground(_now: datetime) -> Iterator[str]:
    """Alerts that are mute on no ground, or have one and are not mute or are over."""
    grounds = AlertMute.objects.filter(alert=OuterRef("pk"), ended_at=None)
    is_over = Q(status=Alert.Status.RESOLVED)
    is_mute = Q(muted_at__isnull=False)
    rows = Alert.objects.annotate(has_ground=Exists(grounds)).filter(
        (~is_over & is_mute & Q(has_ground=False))
        | ((is_over | ~is_mute) & Q(has_ground=True))
    )
    return name_rows("alert", rows)


def find_overdue_alerts(now: datetime) -> Iterator[str]:
    """Alerts that their senders should have confirmed more than a minute ago."""
    rows = Alert.objects.exclude(status=Alert.Status.RESOLVED)
    return name_rows("alert", rows.filter(expires_at__lt=now - MINUTE))


def find_moves_without_pages(_now: datetime) -> Iterator[str]:
    """Moves of a ladder that say they told somebody and queued nothing."""
    queued = Notification.objects.filter(
        dedupe_key__startswith=Concat(OuterRef("key"), Value(":"))
    )
    told = EscalationEvent.objects.filter(kind__in=[*TOLD, "page"])
    silent = told.exclude(key="").filter(~Exists(queued))
    return name_rows("escalation event", silent)


def find_doubled_steps(_now: datetime) -> Iterator[str]:
    """Steps that told one person or channel twice in one round."""
    told = EscalationEvent.objects.filter(kind="tell")
    somebody = told.exclude(recipient=None, channel=None)
    key = ("alert", "loop", "step", "recipient", "channel")
    return find_doubles("step", somebody, *key)


def find_early_steps(_now: datetime) -> Iterator[str]:
    """Steps told before their delay was over, though nobody hurried them on."""
    hurried = EscalationEvent.objects.filter(alert=OuterRef("alert"), kind__in=HURRIES)
    early = EscalationStep.objects.filter(
        version=OuterRef("alert__escalation__version"),
        position=OuterRef("step"),
        delay__gt=OuterRef("passed"),
    )
    told = EscalationEvent.objects.filter(kind="tell", loop=0).annotate(
        passed=ExpressionWrapper(
            F("at") - F("alert__escalation__opened_at"), models.DurationField()
        )
    )
    return name_rows("escalation event", told.filter(Exists(early), ~Exists(hurried)))


def find_steps_after_the_end(_now: datetime) -> Iterator[str]:
    """Steps told of an alert that was resolved."""
    told = EscalationEvent.objects.filter(kind__in=TOLD)
    return name_rows("escalation event", told.filter(at__gt=F("alert__resolved_at")))


def find_climbing_after_the_end(now: datetime) -> Iterator[str]:
    """Escalations that outlived their alert by more than a minute."""
    over = Escalation.objects.exclude(state=Escalation.State.ENDED)
    return name_rows("escalation", over.filter(alert__resolved_at__lt=now - MINUTE))


def find_late_steps(now: datetime) -> Iterator[str]:
    """Escalations whose next step should have been taken more than a minute ago."""
    due = Escalation.objects.filter(state=Escalation.State.RUNNING)
    return name_rows("escalation", due.filter(next_step_at__lt=now - MINUTE))


def find_silent_groups(now: datetime) -> Iterator[str]:
    """Groups that keep alerts quiet and have none that speaks, for over a minute."""
    members = Alert.objects.filter(group=OuterRef("pk")).exclude(
        status=Alert.Status.RESOLVED
    )
    others = AlertMute.objects.filter(alert=OuterRef("pk"), ended_at=None).exclude(
        kind=AlertMute.Kind.GROUP
    )
    kept = members.filter(~Exists(others), muted_at__lt=now - MINUTE)
    rows = AlertGroup.objects.filter(closed_at=None, tells_at__lt=now - MINUTE)
    return name_rows(
        "group", rows.filter(Exists(kept), ~Exists(members.filter(muted_at=None)))
    )


def find_unheard_alerts(_now: datetime) -> Iterator[str]:
    """Escalations that came to their end and told nobody, with the alert open.

    What goes on in the place of another alert of its group was told with that one.
    """
    told = EscalationEvent.objects.filter(
        alert=OuterRef("alert"), kind__in=[*TOLD, "inherited"]
    )
    ended = Escalation.objects.filter(state=Escalation.State.ENDED)
    return name_rows("escalation", ended.filter(~Exists(told), alert__resolved_at=None))


def find_ends_without_beginning(_now: datetime) -> Iterator[str]:
    """Messages that an alert is over, to channels that never heard of it."""
    ends = Q(dedupe_key__contains=":resolved:")
    rows = Notification.objects.filter(topic__startswith="alert:", replaces=None)
    begun = rows.filter(~ends, topic=OuterRef("topic"), channel=OuterRef("channel"))
    unheard = rows.filter(ends & ~Exists(begun)).exclude(channel=None)
    yield from name_rows("notification", unheard)
    ended = rows.filter(ends).exclude(channel=None)
    yield from find_doubles("end", ended, "topic", "channel")


def find_pages_of_what_is_over(now: datetime) -> Iterator[str]:
    """Pages that still wait, more than a minute after their alert was resolved."""
    over = Alert.objects.annotate(
        topic=Concat(Value("alert:"), Cast("pk", models.CharField()))
    ).filter(resolved_at__lt=now - MINUTE, topic=OuterRef("topic"))
    waiting = Notification.objects.filter(
        state=Notification.State.PENDING, topic__startswith="alert:", replaces=None
    )
    return name_rows(
        "notification", waiting.exclude(recipient=None).filter(Exists(over))
    )
