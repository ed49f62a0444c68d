"""What the portal knows itself: the facts of heartbeat and internal checks.

An internal check names its ``source``; each source gives ``value`` (a number,
or None when nothing is known) and ``evidence`` (a sentence for people).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from checklists.models import Check, HeartbeatPing, Run
from checklists.queries.uptime import downtime_of
from incidents.models import Alert, Incident
from oncall.models import ContactMethod, Notification
from oncall.queries import coverage_gaps, people_on_call
from opsportal.kit.moments import say_length

Facts = dict[str, Any]


class Ask(NamedTuple):
    """What an internal check wants to know."""

    check: Check
    spec: Mapping[str, Any]
    now: datetime


Source = Callable[[Ask], Facts]

OVERNIGHT_FROM = time(18, 0)
MINUTE = timedelta(minutes=1)


def facts_of(check: Check, now: datetime) -> Facts:
    """Return the facts that the probe of this check asks for; {} for others."""
    if check.kind == "heartbeat":
        return heartbeat_facts(check)
    if check.kind == "internal":
        source = SOURCES.get(check.spec.get("source", ""))
        return source(Ask(check, check.spec, now)) if source else {}
    if check.kind == "sql" and check.data_source is not None:
        return {"dsn": check.data_source.dsn}
    return {}


def heartbeat_facts(check: Check) -> Facts:
    """Return when the job last reported success and failure."""
    pings = HeartbeatPing.objects.filter(heartbeat__check_ref=check.pk)
    success = pings.filter(kind=HeartbeatPing.Kind.SUCCESS).first()
    fail = pings.filter(kind=HeartbeatPing.Kind.FAIL).first()
    last = max((p for p in (success, fail) if p), key=lambda p: p.at, default=None)
    return {
        "last_success_at": success.at if success else None,
        "last_fail_at": fail.at if fail else None,
        "exit_code": last.exit_code if last else None,
        "report": last.report() if last else None,
    }


def _coverage(ask: Ask) -> Facts:
    """Gaps in the on-call schedule ahead, and people whom nobody can reach."""
    schedule_pk = ask.check.service.schedule_id
    if schedule_pk is None:
        return {"value": None, "evidence": "The service has no on-call schedule."}
    days = int(ask.spec.get("days", 14))
    until = ask.now + timedelta(days=days)
    gaps = coverage_gaps(schedule_pk, ask.now, until)
    people = people_on_call(schedule_pk, ask.now, until)
    reachable = ContactMethod.objects.filter(user__in=people, verified_at__isnull=False)
    unreachable = people - set(reachable.values_list("user_id", flat=True))
    words = []
    if gaps:
        first = f"{gaps[0].starts_at:%a %d %b %H:%M} UTC"
        words.append(f"{_count(len(gaps), 'gap')}, the first on {first}")
    if unreachable:
        who = _count(len(unreachable), "person", "people")
        words.append(f"{who} without a verified contact method")
    evidence = "; ".join(words) or f"no gap for {days} days"
    return {"value": len(gaps) + len(unreachable), "evidence": evidence}


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _alerts_to_review(ask: Ask) -> Facts:
    since = _overnight_since(ask.check, ask.now)
    alerts = Alert.objects.filter(
        service=ask.check.service, starts_at__gt=since, starts_at__lte=ask.now
    )
    handled = Q(reviewed_at__isnull=False) | Q(
        status=Alert.Status.RESOLVED, acknowledged_at__isnull=False
    )
    count = alerts.exclude(handled).count()
    evidence = f"{count} to review" if count else _count(alerts.count(), "alert")
    return {"value": count, "evidence": evidence}


def _overnight_since(check: Check, now: datetime) -> datetime:
    """Return the close of the last daily run, or yesterday's 18:00 of the team."""
    closed = Run.objects.filter(
        checklist__service=check.service,
        checklist__versions__items__checks=check.pk,
        closed_at__isnull=False,
        outcome=Run.Outcome.COMPLETED,
    )
    latest = closed.order_by("-closed_at").values_list("closed_at", flat=True).first()
    zone = ZoneInfo(check.service.team.time_zone)
    today = now.astimezone(zone).date()
    evening = datetime.combine(today - timedelta(days=1), OVERNIGHT_FROM, zone)
    return min(latest or evening, evening)


def _alert_rate(ask: Ask) -> Facts:
    alerts = Alert.objects.filter(
        service=ask.check.service,
        starts_at__gt=ask.now - MINUTE,
        starts_at__lte=ask.now,
    )
    count = alerts.count()
    return {"value": count, "evidence": f"{_count(count, 'alert')} in the last minute"}


def _notification_rate(ask: Ask) -> Facts:
    sent = Notification.objects.filter(
        team=ask.check.service.team, channel__isnull=False, sent_at__gt=ask.now - MINUTE
    )
    count = sent.count()
    return {
        "value": count,
        "evidence": f"{_count(count, 'channel message')} in the last minute",
    }


def _service_checks(ask: Ask) -> Facts:
    others = Check.objects.filter(service=ask.check.service, is_enabled=True)
    others = others.exclude(pk=ask.check.pk).exclude(kind="internal")
    tally = others.aggregate(
        total=Count("pk"), failing=Count("pk", filter=Q(status=Check.Status.FAIL))
    )
    if not tally["total"]:
        return {"value": None, "evidence": "The service has no other checks."}
    evidence = f"{tally['failing']} of {tally['total']} checks fail"
    return {"value": tally["failing"], "evidence": evidence}


def _repeated_alerts(ask: Ask) -> Facts:
    """Series that fired more often than ``most`` in ``days``, unreviewed."""
    days, most = int(ask.spec.get("days", 7)), int(ask.spec.get("most", 3))
    repeated = (
        Alert.objects.filter(
            service=ask.check.service,
            starts_at__gt=ask.now - timedelta(days=days),
            reviewed_at__isnull=True,
        )
        .values("series")
        .annotate(count=Count("pk"))
        .filter(count__gt=most)
    )
    count = repeated.count()
    again = f"repeated more than {most} times in {days} days"
    evidence = f"{_count(count, 'alert')} {again}"
    return {"value": count, "evidence": evidence}


def _unreviewed_incidents(ask: Ask) -> Facts:
    """Incidents of the last ``days`` that lack a summary or a commander."""
    days = int(ask.spec.get("days", 7))
    recent = Incident.objects.filter(
        services=ask.check.service, declared_at__gt=ask.now - timedelta(days=days)
    ).exclude(status=Incident.Status.CANCELLED)
    lacking = recent.exclude(~Q(summary=""), roles__name="commander").count()
    evidence = f"{lacking} of {recent.count()} incidents lack a summary or an owner"
    return {"value": lacking, "evidence": evidence}


def _drills(ask: Ask) -> Facts:
    """Finished drills of the last ``days``."""
    days = int(ask.spec.get("days", 7))
    drills = Incident.objects.filter(
        services=ask.check.service,
        kind=Incident.Kind.DRILL,
        resolved_at__gt=ask.now - timedelta(days=days),
    )
    count = drills.count()
    return {
        "value": count,
        "evidence": f"{_count(count, 'drill')} in the last {days} days",
    }


def _error_budget(ask: Ask) -> Facts:
    """Share of the error budget that is used, in percent.

    ``objective`` is in percent (99.95), ``days`` the rolling window, ``check``
    the slug of the availability check. 99.95 % of 30 days leaves 21.6 minutes.
    """
    days = int(ask.spec.get("days", 30))
    objective = float(ask.spec.get("objective", 99.95))
    watched = Check.objects.filter(
        service=ask.check.service, slug=ask.spec.get("check", "")
    ).first()
    if watched is None:
        return {"value": None, "evidence": "The availability check is not there."}
    window = timedelta(days=days)
    budget = window * (100 - objective) / 100
    down = downtime_of(watched, ask.now - window, ask.now)
    used = 100 * down / budget
    evidence = (
        f"{used:.0f} % used: {say_length(down)} of {budget / MINUTE:.1f} min "
        f"in {days} days"
    )
    return {"value": used, "evidence": evidence}


SOURCES: dict[str, Source] = {
    "oncall_coverage": _coverage,
    "alerts_reviewed": _alerts_to_review,
    "alert_rate": _alert_rate,
    "notification_rate": _notification_rate,
    "service_checks": _service_checks,
    "repeated_alerts": _repeated_alerts,
    "unreviewed_incidents": _unreviewed_incidents,
    "drills": _drills,
    "error_budget": _error_budget,
}
