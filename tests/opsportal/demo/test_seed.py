"""The demo in a database: what it holds, and who may remove it."""

import re
from datetime import UTC, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError

from checklists.domain import event_chain
from checklists.models import (
    Check,
    Checklist,
    ChecklistItem,
    CheckResult,
    Heartbeat,
    Run,
    RunEvent,
    RunItem,
    RunWebhook,
    ServiceMapping,
    WeeklyReview,
)
from checklists.queries.service_health import service_cards
from checklists.services.events import chained_fields
from incidents.models import Alert, Incident, Slo
from incidents.queries.told import list_sendings
from oncall.domain import audit_chain
from oncall.models import (
    AuditEntry,
    EscalationContact,
    EscalationStep,
    Membership,
    Notification,
    Schedule,
    ShiftRecord,
    Team,
    User,
)
from oncall.queries import coverage_gaps, users_on_call
from oncall.queries.coverage import unreachable_shifts
from oncall.queries.load import report_load
from opsportal.demo import presence, seed, stage
from opsportal.demo.services import SERVICES
from opsportal.invariants import find_violations
from runbooks.domain.plan import read_plan
from runbooks.domain.three_way import Status
from runbooks.models import AppliedKey, Draft, RunbookVersion
from runbooks.queries.review import review_plan
from tests.factories.oncall import TeamFactory, UserFactory
from tests.opsportal.demo.loading import NOW, run_command

pytestmark = pytest.mark.database


def test_no_page_around_checklists_is_empty(demo):
    asked = RunItem.objects.get(item__text="Why it was rolled back")
    assert not asked.is_hidden
    assert asked.run.checklist.name == "Pre-deployment"
    assert WeeklyReview.objects.exclude(next_send_at=None).count() == 3
    assert RunWebhook.objects.get().takes_missed
    assert ServiceMapping.objects.get().places


def test_five_services_of_three_teams_are_there(demo):
    cards = service_cards(Team.objects.values_list("pk", flat=True), NOW)
    told = {card.name: f"{card.percent:.2f}" for card in cards}
    assert told == {
        "ARQ": "99.98",
        "AMAS": "99.71",
        "Qenergyz": "99.99",
        "Architect API": "99.90",
        "ARCA API": "100.00",
    }
    assert set(Team.objects.values_list("is_demo", flat=True)) == {True}


def test_the_five_objectives_of_arca_are_promised_with_its_times(demo):
    found = {each.name: each for each in Slo.objects.filter(service__slug="arca-api")}
    month, year = found["API availability"], found["API availability of a year"]
    assert (float(month.target), month.window_days) == (99.95, 30)
    assert (float(year.target), year.window_days) == (99.95, 365)
    assert {each.kind for each in found.values()} == {
        "availability",
        "latency",
        "errors",
    }
    assert {check for each in found.values() for check in each.checks} == {
        "latency-p95",
        "error-rate",
        "query-p95",
        "arca-success",
    }
    assert found["API errors below 0.1 %"].includes_4xx
    assert month.recovery_time == timedelta(hours=1)
    assert month.recovery_point == timedelta(minutes=5)
    assert month.backup_every == timedelta(days=1)


def test_the_delivery_log_remembers_pages_and_one_dead_letter(demo):
    pages = Notification.objects.filter(urgency="high", state="sent")
    assert pages.filter(topic__startswith="alert:").count() >= 5
    assert all(page.tries.count() == page.attempts for page in pages[:3])
    (dead,) = Notification.objects.filter(state="failed")
    assert (dead.urgency, dead.tries.count()) == ("low", 4)
    loads = [report_load(s, NOW - timedelta(days=28), NOW, now=NOW)
             for s in Schedule.objects.select_related("team")]  # fmt: skip
    assert sum(row.pages for load in loads for row in load.rows) > 0


def test_the_timeline_of_the_open_incident_says_who_was_paged(demo):
    incident = Incident.objects.get(resolved_at=None)
    entries = list(incident.timeline.filter(kind="told").order_by("occurred_at"))
    (alert,) = incident.alerts.all()
    passed = [(entry.occurred_at - alert.starts_at).seconds // 60 for entry in entries]
    assert passed == [0, 5, 15]
    assert [entry.data["names"][0] for entry in entries[:2]] == [
        "Engineer A",
        "Team lead",
    ]
    seconds = {each.took.seconds for each in list_sendings(entries).values()}
    assert seconds == {2}
    assert alert.acknowledged_by.display_name == "Engineer A"
    assert not any(find_violations(now=NOW).values())


def test_every_chain_of_events_and_the_audit_log_verify(demo):
    events = RunEvent.objects.order_by("run_id", "number")
    for _, of_run in groupby(events, key=lambda event: event.run_id):
        links = [
            event_chain.Link(chained_fields(event), event.prev_hash, event.hash)
            for event in of_run
        ]
        assert event_chain.verify(links) is None
    entries = [
        {
            **{name: getattr(entry, name) for name in audit_chain.FIELDS},
            "at": entry.at.astimezone(UTC).isoformat(),
            "prev_hash": entry.prev_hash,
            "hash": entry.hash,
        }
        for entry in AuditEntry.objects.order_by("pk")
    ]
    assert len(entries) > 150
    assert audit_chain.first_broken(entries) is None


def test_ninety_days_of_runs_went_mostly_well(demo):
    outcomes = Run.objects.filter(outcome="completed")
    on_time = outcomes.filter(missed_at=None).count()
    assert Run.objects.count() > 900
    assert on_time / Run.objects.exclude(outcome="").count() > 0.9
    assert outcomes.filter(missed_at__isnull=False).exists()
    assert Run.objects.filter(outcome="missed", cause="people").exists()
    assert Run.objects.filter(outcome="missed", cause="system").exists()
    assert Run.objects.filter(outcome="skipped").exists()


def test_no_run_of_the_past_says_anything_impossible(demo):
    closed = Run.objects.filter(state="closed").prefetch_related("items")
    for run in closed:
        assert run.opens_at <= run.closed_at
        if run.outcome == "completed":
            assert all(item.state != "open" for item in run.items.all())
            assert (run.missed_at is not None) == (
                run.first_completed_at > run.grace_until
            )
        for item in run.items.all():
            assert item.done_at is None or run.opens_at <= item.done_at <= run.closes_at


def test_todays_work_is_open_and_last_weeks_is_overdue(demo):
    run = Run.objects.get(checklist__slug="arq-daily-checklist", state="open")
    states = dict(run.items.values_list("item__reference", "state"))
    assert states["A03"] == "done"
    assert {ref for ref, state in states.items() if state == "open"} == {
        "A01",
        "A06",
        "A08",
    }
    overdue = Run.objects.get(checklist__slug="arq-weekly-tasks", state="open")
    assert overdue.missed_at is not None


def test_what_nobody_did_yesterday_is_in_the_run_of_today(demo):
    run = Run.objects.get(checklist__slug="qenergyz-daily-tasks", state="open")
    assert run.carried_from.outcome == "missed"
    carried = run.items.filter(carried_from=run.carried_from_id)
    left = run.carried_from.items.filter(state="open")
    names = "item__text"
    assert set(carried.values_list(names)) == set(left.values_list(names)) != set()
    assert run.events.filter(verb="carried").count() == 1


def test_something_is_wrong_with_amas_arq_and_the_architect(demo):
    active = Alert.objects.exclude(status="resolved")
    told = {alert.service.name: alert.severity_label for alert in active}
    assert told == {"AMAS": "High", "ARQ": "Major", "Architect API": "P2"}
    incident = Incident.objects.exclude(status__in=Incident.OVER).get()
    assert incident.status == "identified"
    assert incident.severity.label == "P2"
    assert NOW - incident.declared_at == timedelta(minutes=37)
    assert incident.alerts.count() == 1
    assert incident.roles.filter(name="commander").exists()
    unseen = Alert.objects.filter(service__slug="arq", reviewed_at=None)
    assert unseen.count() == 3


def test_engineer_a_is_on_call_and_another_team_has_a_gap_ahead(demo):
    platform = Schedule.objects.get(slug="platform")
    rows = users_on_call(platform.pk, NOW)
    assert {row.role: row.name for row in rows} == {
        "primary": "Engineer A",
        "secondary": "Engineer B",
    }
    ahead = NOW + timedelta(days=14)
    assert not coverage_gaps(platform.pk, NOW, ahead)
    energy = Schedule.objects.get(slug="energy")
    (gap,) = coverage_gaps(energy.pk, NOW, ahead)
    assert gap.ends_at - gap.starts_at == timedelta(hours=21)
    zone = ZoneInfo(energy.time_zone)
    assert gap.starts_at.astimezone(zone).hour == 9
    assert ShiftRecord.objects.filter(ends_at=None).count() == 6
    invoicing = Schedule.objects.get(slug="invoicing")
    shifts = unreachable_shifts(invoicing.pk, NOW, ahead)
    assert {shift.name for shift in shifts} == {"Engineer K"}


def test_teams_see_their_own_and_the_observer_two_of_them(demo):
    teams = Membership.objects.filter(user__username="observer", role="viewer")
    assert {row.team.slug for row in teams} == {"platform", "energy"}
    alone = Membership.objects.filter(user__username="engineer.h")
    assert {row.team.slug for row in alone} == {"invoicing"}


def test_contacts_and_ladders_come_with_every_service(demo):
    arq = EscalationContact.objects.filter(service__slug="arq")
    assert [row.is_placeholder for row in arq] == [True, True, False, True]
    steps = EscalationStep.objects.filter(
        version__policy__slug="architect-api-ladder", version__number=2
    )
    minutes = {step.delay / timedelta(minutes=1) for step in steps}
    assert minutes == {0, 5, 15, 30}
    assert all(step.targets.exists() for step in EscalationStep.objects.all())


def test_checks_have_a_past_to_draw_and_jobs_an_address(demo):
    jobs = Check.objects.filter(kind="heartbeat").count()
    assert Heartbeat.objects.count() == len(stage.load().jobs) == jobs
    assert not Check.objects.exclude(
        pk__in=CheckResult.objects.values("check_ref")
    ).exists()
    assert CheckResult.objects.filter(observed_at__gt=NOW).count() == 0


def test_only_what_happens_now_is_told(demo):
    told = Notification.objects.filter(state=Notification.State.PENDING)
    assert told.exists()
    assert all(NOW - row.created_at < timedelta(hours=1) for row in told)
    rest = Notification.objects.exclude(pk__in=told).exclude(state="failed")
    assert rest.exists()
    assert all(row.sent_at - row.created_at < timedelta(minutes=1) for row in rest)


def test_what_checks_may_reach_is_the_target_alone(demo, demo_folder, settings):
    ports = dict(stage.load().ports)
    mail = ports.pop("smtp")
    allowed = ",".join(str(port) for port in ports.values())
    assert f"127.0.0.1/32:{allowed}" == settings.EGRESS_ALLOW
    assert [str(demo_folder)] == settings.FILE_ROOTS
    written = (demo_folder / "allow.env").read_text()
    assert f"OPSPORTAL_EGRESS_ALLOW=127.0.0.1/32:{allowed}\n" in written
    assert f"EMAIL_URL=smtp://127.0.0.1:{mail}\n" in written
    assert (demo_folder / "target.json").stat().st_mode & 0o077 == 0


def test_reset_restores_what_somebody_changed_and_tells_the_same_story(demo):
    def story():
        runs = Run.objects.order_by("checklist__slug", "period_key")
        rows = runs.values_list("checklist__slug", "period_key", "outcome", "closed_at")
        return list(rows)

    before = story()
    Checklist.objects.update(name="changed")
    User.objects.filter(username="engineer.b").update(name="changed")
    with time_machine.travel(NOW, tick=False):
        run_command("--reset")
    assert not Checklist.objects.filter(name="changed").exists()
    assert User.objects.get(username="engineer.b").name == "Engineer B"
    assert presence.is_demo()
    assert story() == before


def test_what_is_removed_leaves_nothing(demo):
    seed.remove_demo()
    assert presence.is_empty()


@pytest.mark.parametrize("arguments", [["--reset"], []])
@pytest.mark.parametrize("factory", [TeamFactory, UserFactory])
def test_real_data_is_left_alone(demo, arguments, factory):
    factory()
    with pytest.raises(CommandError, match="real data") as refused:
        run_command(*arguments)
    assert refused.value.returncode == 2
    assert Checklist.objects.exists()


def test_five_runbooks_were_made_live_by_the_import_that_people_use(demo):
    told = {
        version.runbook.service.slug: version.procedures.count()
        for version in RunbookVersion.objects.select_related("runbook__service")
    }
    assert told == {
        "arq": 4,
        "amas": 5,
        "qenergyz": 3,
        "architect-api": 7,
        "arca-api": 3,
    }
    assert set(AppliedKey.objects.values_list("state", flat=True)) == {"applied"}


def test_every_list_of_a_service_was_made_by_the_import(demo):
    names = {row.name for service in SERVICES for row in service.checklists}
    told = AppliedKey.objects.filter(kind="checklist", state="applied")
    assert told.count() == len(names)
    kinds = Checklist.objects.filter(name__in=names).values_list(
        "cadences__rule__kind", flat=True
    )
    assert set(kinds) >= {"on_demand", "handoff", "hourly", "daily", "weekly"}


def test_items_lead_to_their_line_of_the_runbook(demo):
    item = ChecklistItem.objects.get(reference="A03", version__status="published")
    path = re.search(r"/runbooks/(.+)/versions/1/#line-(\d+)", item.instructions)
    text = RunbookVersion.objects.get(runbook__slug=path[1]).text
    assert item.text in text.splitlines()[int(path[2]) - 1]


def test_a_runbook_that_changed_and_a_new_one_wait_for_their_review(demo):
    waiting = {each.service.slug: each for each in Draft.objects.filter(user=None)}
    changed, new = waiting["arq"], waiting["amas"]
    rows = review_plan(changed.service, read_plan(bytes(changed.raw)), changed.runbook)
    told = {row.status for row in rows if row.kind == "item"}
    assert told == {Status.NEW, Status.CHANGED, Status.SAME}
    assert changed.runbook.source.failures == 0
    assert (new.runbook, new.path) == (None, "docs/load-tests.md")
