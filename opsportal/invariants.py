"""What must hold in the database of a portal at any moment, and what breaks it.

Each invariant finds the rows that break it, as words such as ``run 7``. Reading
changes nothing; the chains are read from their beginning.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from checklists.domain import event_chain
from checklists.models import Check, CheckResult, Run, RunEvent, RunItem
from checklists.services.events import chained_fields
from checklists.services.running import lease_for
from oncall.models import Notification, NotificationAttempt
from oncall.queries.audit import read_log
from oncall.services import delivery
from opsportal import alert_invariants as alerts
from opsportal.alert_invariants import find_doubles, name_rows
from opsportal.kit.append_only import is_guarded
from opsportal.kit.constraints import constraint_names

APPS = ("oncall", "incidents", "checklists", "runbooks")
APPEND_ONLY = ("oncall_auditentry", "incidents_timelineentry", "checklists_runevent")
Found = Iterable[str]

State = Notification.State


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that holds, and the search for what breaks it at a moment."""

    sentence: str
    find: Callable[[datetime], Found]


def find_lost_constraints(_now: datetime) -> Found:
    """Constraints of the models, and append-only triggers, that are not there."""
    there = constraint_names()
    for model in (m for app in APPS for m in apps.get_app_config(app).get_models()):
        for constraint in model._meta.constraints:
            if constraint.name not in there:
                yield f"constraint {constraint.name}"
    yield from (f"trigger of {name}" for name in APPEND_ONLY if not is_guarded(name))


def find_doubled_periods(_now: datetime) -> Found:
    """Periods of a cadence with more than one run."""
    rows = Run.objects.exclude(cadence=None)
    return find_doubles("period", rows, "cadence", "period_key")


def find_doubled_slots(_now: datetime) -> Found:
    """Slots of a check with more than one result."""
    return find_doubles("slot", CheckResult.objects.all(), "check_ref", "scheduled_for")


def find_closed_without_outcome(_now: datetime) -> Found:
    """Closed runs without an outcome or a time, and open ones with either."""
    ended = ~Q(outcome="") & Q(closed_at__isnull=False)
    unended = Q(outcome="") & Q(closed_at__isnull=True)
    is_closed = Q(state=Run.State.CLOSED)
    return name_rows(
        "run", Run.objects.filter((is_closed & ~ended) | (~is_closed & ~unended))
    )


def find_completed_with_gaps(_now: datetime) -> Found:
    """Completed runs in which a required item is still open."""
    gaps = RunItem.objects.filter(
        run=OuterRef("pk"),
        state=RunItem.State.OPEN,
        item__is_required=True,
        is_hidden=False,
    )
    completed = Run.objects.filter(outcome=Run.Outcome.COMPLETED)
    return name_rows("run", completed.filter(Exists(gaps)))


def find_ticks_without_evidence(_now: datetime) -> Found:
    """Items that ticked themselves and cannot say by what."""
    ticked = RunItem.objects.filter(
        state=RunItem.State.DONE, source=RunItem.Source.AUTO
    )
    unsaid = Q(evidence="", evidence_result=None) | Q(evidence_at=None)
    return name_rows("item", ticked.filter(unsaid))


def find_old_leases(now: datetime) -> Found:
    """Leases that began more than twice their length ago, taken over by nobody."""
    sent = Notification.objects.filter(
        state=State.LEASED, lease_until__lt=now - delivery.LEASE
    )
    yield from name_rows("notification", sent)
    longest = lease_for([timedelta(minutes=1)])
    looked = Check.objects.filter(is_enabled=True, lease_until__lt=now - longest)
    yield from name_rows("check", looked)


def find_lost_messages(_now: datetime) -> Found:
    """Messages that neither wait, nor arrived, nor say why they did not."""
    waits = Q(state=State.PENDING, next_try_at__isnull=False) | Q(
        state=State.LEASED, lease_until__isnull=False
    )
    arrived = Q(state=State.SENT, sent_at__isnull=False) | Q(
        state=State.BUNDLED, bundled_into__state=State.SENT
    )
    explained = Q(state__in=[State.CANCELLED, State.FAILED]) & ~Q(last_error="")
    ended = Notification.objects.filter(waits | arrived | explained)
    return name_rows(
        "notification", Notification.objects.exclude(pk__in=ended.values("pk"))
    )


def find_attempts_ahead(_now: datetime) -> Found:
    """Messages with another number of attempts than they count."""
    tried = NotificationAttempt.objects.filter(notification=OuterRef("pk"))
    later = tried.filter(number__gt=OuterRef("attempts"))
    return name_rows("notification", Notification.objects.filter(Exists(later)))


def find_broken_runs(_now: datetime) -> Found:
    """Runs without a story, or whose chain of events does not fit."""
    told = RunEvent.objects.filter(run=OuterRef("pk"))
    yield from (
        f"{run}: no event"
        for run in name_rows("run", Run.objects.filter(~Exists(told)))
    )
    rows = RunEvent.objects.order_by("run_id", "number").iterator(chunk_size=2000)
    for run_id, events in groupby(rows, key=lambda row: row.run_id):
        links = (
            event_chain.Link(chained_fields(row), row.prev_hash, row.hash)
            for row in events
        )
        broken = event_chain.verify(links)
        if broken is not None:
            yield f"run {run_id}: event {broken + 1}"


def find_broken_audit(_now: datetime) -> Found:
    """The first entry of the audit log that does not fit, or its lost end."""
    broken = read_log().broken
    if broken:
        yield broken


INVARIANTS: tuple[Invariant, ...] = (
    Invariant("The database holds every constraint and trigger", find_lost_constraints),
    Invariant("A period has one run", find_doubled_periods),
    Invariant("A slot of a check has one result", find_doubled_slots),
    Invariant("What was accepted is applied", alerts.find_waiting_messages),
    Invariant("A series has one open alert", alerts.find_doubled_alerts),
    Invariant("What is mute has a ground", alerts.find_mutes_without_ground),
    Invariant("Of each group one alert speaks", alerts.find_silent_groups),
    Invariant("What nobody confirms any more is over", alerts.find_overdue_alerts),
    Invariant("A closed run has an outcome", find_closed_without_outcome),
    Invariant("A completed run has no gap", find_completed_with_gaps),
    Invariant("What ticked itself has evidence", find_ticks_without_evidence),
    Invariant("No lease is older than twice its length", find_old_leases),
    Invariant("Every message ends somewhere", find_lost_messages),
    Invariant("Every attempt is counted", find_attempts_ahead),
    Invariant("No step is told without a message", alerts.find_moves_without_pages),
    Invariant("A step tells each once in a round", alerts.find_doubled_steps),
    Invariant("No step is told before its time", alerts.find_early_steps),
    Invariant("No step is told after the end", alerts.find_steps_after_the_end),
    Invariant("No step is more than a minute late", alerts.find_late_steps),
    Invariant(
        "What is resolved escalates no longer", alerts.find_climbing_after_the_end
    ),
    Invariant("No ladder ends without telling somebody", alerts.find_unheard_alerts),
    Invariant(
        "Who hears of an end heard of the beginning", alerts.find_ends_without_beginning
    ),
    Invariant(
        "Nobody waits to hear of what is over", alerts.find_pages_of_what_is_over
    ),
    Invariant("The story of every run is whole", find_broken_runs),
    Invariant("The audit log is whole", find_broken_audit),
)


def find_violations(*, now: datetime) -> dict[str, list[str]]:
    """Return what breaks each invariant at ``now``, by its sentence, in order."""
    return {one.sentence: list(one.find(now)) for one in INVARIANTS}
