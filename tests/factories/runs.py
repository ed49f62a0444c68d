"""Checklists with cadences and runs, made by the services themselves."""

from datetime import UTC, datetime, timedelta

from checklists.domain.observation import Outcome
from checklists.domain.severity_ladder import LadderState
from checklists.domain.state_json import state_to_json
from checklists.domain.verdict import CheckState, Status
from checklists.models import Check, Checklist, Run
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.checklists import (
    ItemPlan,
    create_checklist,
    publish_version,
)
from checklists.services.generation import open_due_runs
from tests.factories.oncall import ServiceFactory, TeamFactory

# A Wednesday in winter, 06:00 in Berlin: daily runs have just opened.
NOW = datetime(2026, 1, 14, 5, 0, tzinfo=UTC)
DUE = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TIMING = {
    "due_time": "10:00",
    "opens_before": "4h",
    "grace": "30m",
    "closes_after": "14h",
}


def make_check(service, slug="lag", **columns):
    return Check.objects.create(
        service=service,
        slug=slug,
        name=columns.pop("name", slug.title()),
        kind=columns.pop("kind", "internal"),
        spec=columns.pop("spec", {"source": "service_checks"}),
        interval=timedelta(minutes=1),
        timeout=timedelta(seconds=5),
        freshness=columns.pop("freshness", timedelta(minutes=15)),
        **columns,
    )


def judge_check(check, status, at, *, episode=1, summary=""):
    """Write a confirmed state, as recording does."""
    is_ok = status == "pass"
    state = CheckState(
        status=Status(status),
        since=at,
        last_slot=at,
        last_outcome=Outcome(status),
        last_ok_at=at if is_ok else check.last_ok_at,
        last_fail_at=None if is_ok else at,
        consecutive_pass=1 if is_ok else 0,
        consecutive_fail=0 if is_ok else 2,
        episode=episode,
    )
    check.status = status
    check.last_ok_at = state.last_ok_at
    check.last_summary = summary or f"it is {status}"
    check.state = state_to_json(state, LadderState())
    check.save()


def make_checklist(items=None, team=None, service=None, now=NOW, **plan):
    """A published checklist with a daily cadence, due at 10:00 in Berlin."""
    team = team or (service.team if service else TeamFactory())
    number = Checklist.objects.count()
    checklist = create_checklist(
        team,
        slug=f"checklist-{number}",
        name=f"Checklist {number}",
        service=service,
        by=None,
        now=now,
    )
    publish_version(
        checklist,
        items or [ItemPlan(text="Look around"), ItemPlan(text="Look again")],
        by=None,
        now=now,
    )
    plan = {
        "rule": {"kind": "daily"},
        "timing": TIMING,
        "time_zone": "Europe/Berlin",
        **plan,
    }
    add_cadence(checklist, CadencePlan(**plan), by=None, now=now - MINUTE)
    return checklist


def open_run(items=None, now=NOW, **more) -> Run:
    """The run of today of a new checklist."""
    checklist = make_checklist(items, now=now, **more)
    open_due_runs(now=now)
    return checklist.runs.get(period_key=now.date().isoformat())


def make_service(**columns):
    return ServiceFactory(**columns)
