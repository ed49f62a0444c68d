"""Rows for pages that run on the real clock: a team in the middle of its day."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from checklists.models import Checklist, Run
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.checklists import ItemPlan, create_checklist, publish_version
from checklists.services.generation import open_due_runs
from incidents.models import Integration
from incidents.services.alerts import AlertSignal, checks_integration, ingest_alert
from incidents.services.incidents import Declaration, declare_incident
from oncall.models import Role, Schedule, Service, Team, User
from opsportal.demo.arq import SERVICE as ARQ
from tests.factories.checklists import CheckFactory, CheckResultFactory, settle_check
from tests.factories.incidents import (
    IngestEventFactory,
    IntegrationFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import (
    EscalationContactFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

MINUTE = timedelta(minutes=1)
# On the wall clock of `noon_zone`: open since the morning, due in the afternoon.
TIMING = {
    "due_time": "16:00",
    "opens_before": "10h",
    "grace": "30m",
    "closes_after": "7h",
}
(DAILY,) = (row for row in ARQ.checklists if row.name == "ARQ daily checklist")


@dataclass
class Scene:
    """What stands there; the people are responders, the manager leads the team."""

    team: Team
    service: Service
    schedule: Schedule
    people: list[User]
    manager: User
    now: datetime
    run: Run | None = None
    pages: dict[str, str] = field(default_factory=dict)


def noon_zone(now: datetime) -> str:
    """Return a zone in which it is past noon, so that no test runs into midnight."""
    ahead = 12 - now.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def build_scene() -> Scene:
    """Make a team with people on call and a service."""
    now = timezone.now()
    team = TeamFactory(name="Platform", time_zone=noon_zone(now))
    service = ServiceFactory(team=team, slug="arq", name="ARQ")
    schedule = make_weekly_schedule(team, slug="platform", name="Platform on call")
    for letter, user in zip("ABC", schedule.people, strict=True):
        user.name, user.time_zone = f"Engineer {letter}", team.time_zone
        user.save()
    manager = UserFactory(
        team=team, team__role=Role.MANAGER, time_zone=team.time_zone, name="Manager"
    )
    return Scene(team, service, schedule, schedule.people, manager, now)


def _add_sender(service: Service, scene: Scene) -> Integration:
    """Add a sender whose last message was refused, in words of one long piece."""
    sender = IntegrationFactory(
        service=service, kind="webhook", name="Engine", key_made_at=scene.now
    )
    IngestEventFactory(
        integration=sender, received_at=scene.now, status="rejected", reason="x" * 250
    )
    return sender


def open_run(scene: Scene, items: list[ItemPlan], **plan) -> Run:
    """Give the service its daily checklist, and open the run of today."""
    by, now = scene.manager, scene.now
    checklist = create_checklist(
        scene.team,
        slug="arq-daily-checklist",
        name=DAILY.name,
        service=scene.service,
        description=DAILY.description,
        by=by,
        now=now,
    )
    publish_version(checklist, items, by=by, now=now)
    cadence = CadencePlan(
        rule={"kind": "daily"}, timing=TIMING, time_zone=scene.team.time_zone, **plan
    )
    add_cadence(checklist, cadence, by=by, now=now - MINUTE)
    open_due_runs(now=now)
    scene.run = Checklist.objects.get(pk=checklist.pk).runs.get()
    return scene.run


def daily_items(checks: dict[str, tuple]) -> list[ItemPlan]:
    """The items of the ARQ daily checklist; `checks` watch those with their text."""
    return [
        ItemPlan(
            text=row.text,
            reference=row.ref,
            instructions=row.instructions,
            needs_note=row.needs_note,
            mode="auto" if row.text in checks else "manual",
            checks=checks.get(row.text, ()),
        )
        for row in DAILY.items
    ]


def fill_scene(scene: Scene) -> Scene:
    """Add what pages show: checks with results, items of each kind, troubles."""
    service, now = scene.service, scene.now
    lag = CheckFactory(
        service=service,
        slug="replication-lag",
        name="Replication lag",
        unit="ms",
        condition="value < 100",
        description="How far the standby trails.",
    )
    for number in range(40):
        at = now - number * 5 * MINUTE
        value = 40.0 + number % 7
        CheckResultFactory(
            check_ref=lag, scheduled_for=at, value=value, summary=f"{value:g} ms < 100"
        )
    settle_check(lag, "pass", at=now - MINUTE, since=now - 60 * MINUTE)
    broken = CheckFactory(service=service, slug="cache", name="Cache hit ratio")
    settle_check(broken, "fail", at=now - MINUTE, since=now - 9 * MINUTE)
    items = [
        ItemPlan(text="Verify replication lag", mode="auto", checks=(lag,)),
        ItemPlan(text="Check cache hit ratio", mode="auto", checks=(broken,)),
        ItemPlan(
            text="Review overnight alerts",
            instructions="Open **each** alert.",
            section="By hand",
        ),
        ItemPlan(text="Review slow queries", section="By hand", needs_note=True),
        ItemPlan(
            text="Capacity left",
            section="By hand",
            kind="number",
            bounds={"hard_min": 0, "hard_max": 365, "warn_min": 30, "unit": "d"},
        ),
        ItemPlan(text="Report of the restore", section="By hand", kind="file"),
        ItemPlan(text="Picture of the dashboard", section="By hand", kind="photo"),
        ItemPlan(text="Notes of the meeting", section="By hand", kind="link"),
        ItemPlan(text="What was shared", section="By hand", kind="text"),
    ]
    run = open_run(scene, items, reminders=[{"when": "before 1h", "to": ["assignee"]}])
    EscalationContactFactory(service=service, title="Engineering lead")
    SeverityLevelFactory(service=service, label="High", level=2)
    alert = ingest_alert(
        checks_integration(service),
        AlertSignal(
            dedup_key="check:cache",
            summary="Cache hit ratio below 85 %",
            level=2,
            severity_label="High",
            value="71 %",
            threshold="> 85 %",
        ),
        now=now - 9 * MINUTE,
    )
    told = Declaration(
        title="Reads are slow",
        services=(service,),
        severity_label="High",
        summary="The cache lost a node.",
        commander=scene.people[0],
    )
    incident = declare_incident(told, by=scene.people[0], now=now)
    rotation = scene.schedule.rotations.get()
    scene.pages = {
        "Today": "/",
        "run": f"/runs/{run.pk}/",
        "checklists": "/checklists/",
        "checklist": f"/checklists/{run.checklist.slug}/",
        "checklist editor": f"/checklists/{run.checklist.slug}/draft/",
        "new item": f"/checklists/{run.checklist.slug}/draft/items/new/",
        "checks": "/checks/",
        "check": f"/checks/{lag.pk}/",
        "services": "/services/",
        "service": f"/services/{service.slug}/",
        "schedules": "/oncall/",
        "schedule": f"/oncall/{scene.schedule.slug}/",
        "rotation editor": f"/oncall/{scene.schedule.slug}/rotation/{rotation.pk}/edit",
        "alerts": "/alerts/",
        "alert": f"/alerts/{alert.pk}/",
        "incidents": "/incidents/",
        "incident": f"/incidents/{incident.ref}/",
        "declare": f"/incidents/declare/?service={service.slug}",
        "groups of alerts": "/alert-groups/",
        "alerts in groups": "/alerts/?by=alertname",
        "silences": "/silences/",
        "new silence": f"/silences/new/?alert={alert.pk}",
        "storms": "/storms/",
        "integrations": "/integrations/",
        "integration": f"/integrations/{_add_sender(service, scene).pk}/",
        "policies": "/policies/",
        "maintenance": "/maintenance/",
        "team": f"/teams/{scene.team.slug}/",
        "notification log": "/notifications/",
        "profile": "/me/",
        "missing page": "/nothing/here/",
    }
    return scene
