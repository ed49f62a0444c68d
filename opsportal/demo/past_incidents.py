"""Incidents of the past, told by the services, and the one that is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from checklists.services.items import Edit, tick_item
from checklists.services.responding import ResponsePlan, start_response_run
from incidents.models import Alert, Incident, IncidentRole
from incidents.services.details import edit_incident
from incidents.services.incidents import (
    Declaration,
    assign_role,
    change_status,
    declare_incident,
)
from incidents.services.linking import link_alert
from incidents.services.timeline import add_note
from oncall.models import Service, User
from opsportal.demo.past_people import Roster
from opsportal.demo.past_postmortems import write_up
from opsportal.demo.past_results import outage_began
from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import DAY, MINUTE, Outage, ServicePlan

HOUR = timedelta(hours=1)
# How long after its declaration each thing happens.
_IDENTIFIED, _FIXED = 0.45, 0.8
_STEPS_OF = "P2: High error rate"
_STEPS_FROM = "from operational-runbooks, line 78"
_STEPS = (
    "Assess scope: which endpoints",
    "Check logs",
    "Check dependencies",
    "Scale or restart",
    "Verify recovery",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tale:
    """One incident that is over."""

    service: str
    severity: str
    title: str
    began: datetime
    length: timedelta
    cause: str
    resolution: str
    impact: str
    kind: str = Incident.Kind.REAL


def seed_past_incidents(
    services: Mapping[str, Service], rosters: Mapping[int, Roster], now: datetime
) -> int:
    """Tell the incidents of the last ninety days in order; returns how many."""
    tales = sorted(_tales(now), key=lambda tale: tale.began)
    for tale in tales:
        service = services[tale.service]
        _tell(tale, service, rosters[service.team_id], now)
    return len(tales)


def open_incident(
    service: Service, roster: Roster, alert: Alert, now: datetime
) -> Incident:
    """Declare the one that is open: 37 minutes ago, and its cause is known."""
    declared = now - 37 * MINUTE
    scribe, commander = roster.members[1], roster.members[3]
    incident = declare_incident(
        Declaration(
            title="High error rate on Architect API",
            services=(service,),
            severity_label="P2",
            summary="One request in three hundred ends with a 5xx since the release "
            "of this morning.",
            impact="About 2 % of customers see an error page when they save.",
            commander=commander,
        ),
        by=roster.primary_at(declared),
        now=declared,
        alert_pk=alert.pk,
    )
    assign_role(
        incident.pk,
        IncidentRole.Name.SCRIBE,
        scribe,
        by=commander,
        now=declared + 2 * MINUTE,
    )
    for minutes, text in (
        (4, "Errors come from the endpoint that saves dashboards, all pods alike."),
        (9, "The database and Redis answer, the external API too."),
        (14, "They began with the release of 40 minutes ago."),
    ):
        add_note(incident.pk, text, by=scribe, now=declared + minutes * MINUTE)
    change_status(
        incident.pk,
        Incident.Status.IDENTIFIED,
        by=commander,
        now=declared + 19 * MINUTE,
        message="The release writes a column that the replicas do not have yet. "
        "Rolling back.",
    )
    add_note(
        incident.pk,
        "Rollback has begun, two of ten pods are back on the old version.",
        by=scribe,
        now=declared + 28 * MINUTE,
    )
    assign_role(
        incident.pk,
        IncidentRole.Name.COMMS,
        roster.members[0],
        by=commander,
        now=declared + 3 * MINUTE,
    )
    edit_incident(
        incident.pk,
        {
            "symptoms": "5xx on every save\nAll pods alike",
            "affected": "POST /v1/*",
            "customers_percent": Decimal(2),
            "is_customer_impacting": True,
        },
        expected_version=incident.version,
        by=scribe,
        now=declared + 20 * MINUTE,
    )
    _respond(incident, commander, declared)
    return incident


def _respond(incident: Incident, person: User, declared: datetime) -> None:
    """Work through the steps of the runbook as far as the story goes."""
    plan = ResponsePlan(_STEPS_OF, tuple((text, "") for text in _STEPS), _STEPS_FROM)
    run = start_response_run(incident.pk, plan, by=person, now=declared + 5 * MINUTE)
    rows = list(run.items.order_by("item__position")[:3])
    for minutes, row in zip((7, 10, 15), rows, strict=True):
        edit = Edit(by=person, now=declared + minutes * MINUTE, version=row.version)
        tick_item(row.pk, edit)


def _tales(now: datetime) -> list[Tale]:
    told = [
        _of_outage(plan, outage, now)
        for plan in SERVICES
        for outage in plan.outages
        if outage.minutes > 10
    ]
    return [
        *told,
        Tale(
            service="amas",
            severity="High",
            title="High decision latency",
            began=now - 13 * DAY,
            length=30 * MINUTE,
            cause="Long queries held all connections of the pool.",
            resolution="1. Killed idle connections\n2. Raised the pool to 30\n"
            "3. Rewrote the slow query",
            impact="Decisions took up to 850 ms, 15 alerts fired.",
        ),
        Tale(
            service="architect-api",
            severity="P3",
            title="Slow answers after the cache was emptied",
            began=now - 55 * DAY,
            length=74 * MINUTE,
            cause="The cache was emptied during the day.",
            resolution="Warmed the cache, scaled to 20 replicas for an hour.",
            impact="P95 at 480 ms.",
        ),
        Tale(
            service="qenergyz",
            severity="P2",
            title="Memory of the workers grows",
            began=now - 20 * DAY,
            length=95 * MINUTE,
            cause="Parsed price lists were kept for ever.",
            resolution="Bounded the cache, restarted the workers.",
            impact="None that a customer saw.",
        ),
        _drill("arq", "Minor", "DR drill: restore ARQ from last night's backup",
               now - 4 * DAY, 42),
        _drill("amas", "Low", "DR drill of the quarter: AMAS in another zone",
               now - 31 * DAY, 55),
        _drill("arca-api", "SEV4", "DR drill: ARCA API from snapshot and WAL",
               now - 40 * DAY, 42),
    ]  # fmt: skip


def _of_outage(plan: ServicePlan, outage: Outage, now: datetime) -> Tale:
    return Tale(
        service=plan.slug,
        severity=outage.severity,
        title=f"{plan.name} does not answer",
        began=outage_began(outage, now),
        length=outage.minutes * MINUTE,
        cause=f"{outage.why}.",
        resolution="Rolled back, then fixed the cause and watched it for an hour.",
        impact=f"No answers for {outage.minutes:.0f} minutes.",
    )


def _drill(
    service: str, severity: str, title: str, began: datetime, minutes: int
) -> Tale:
    return Tale(
        service=service,
        severity=severity,
        title=title,
        began=began,
        length=minutes * MINUTE,
        cause="A drill.",
        resolution=f"Restored in {minutes} minutes, 3 minutes of data lost.",
        impact="None: a drill.",
        kind=Incident.Kind.DRILL,
    )


def _tell(tale: Tale, service: Service, roster: Roster, now: datetime) -> None:
    person = roster.primary_at(tale.began)
    declared = tale.began + min(3 * MINUTE, tale.length / 6)
    ended = tale.began + tale.length
    incident = declare_incident(
        Declaration(
            title=tale.title,
            services=(service,),
            severity_label=tale.severity,
            kind=tale.kind,
            summary=tale.impact,
            impact=tale.impact,
            started_at=tale.began,
            commander=person,
        ),
        by=person,
        now=declared,
    )
    alert = Alert.objects.filter(
        service=service, starts_at=tale.began, incident=None
    ).first()
    if alert is not None:
        link_alert(incident.pk, alert.pk, by=person, now=declared)
    for status, share, message in (
        (Incident.Status.IDENTIFIED, _IDENTIFIED, tale.cause),
        (Incident.Status.MONITORING, _FIXED, "It answers again, watching it."),
        (Incident.Status.RESOLVED, 1.0, tale.resolution),
    ):
        at = declared + (ended - declared) * share
        change_status(incident.pk, status, by=person, now=at, message=message)
    edit_incident(
        incident.pk,
        {"root_cause": tale.cause, "resolution": tale.resolution},
        expected_version=incident.version,
        by=person,
        now=ended + HOUR,
    )
    incident.refresh_from_db()
    write_up(incident, roster, by=person, ended=ended, now=now)
    change_status(
        incident.pk, Incident.Status.CLOSED, by=roster.lead, now=ended + 20 * HOUR
    )
