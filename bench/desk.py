"""A team with a checklist at work, made by the services themselves."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import F

from checklists.models import Check, Checklist, CheckResult, Run
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.checklists import ItemPlan, create_checklist, publish_version
from checklists.services.generation import open_due_runs
from oncall.models import Role, Team, User
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
READINGS = 30


def make_team() -> tuple[Team, User]:
    """A team with one manager."""
    team = TeamFactory()
    user: User = UserFactory(team=team, team__role=Role.MANAGER)
    return team, user


def make_checklist(team: Team, slug: str, items: int, *, since: datetime) -> Checklist:
    """A daily checklist, every other item with a check that has been read often."""
    service = ServiceFactory(team=team)
    checks = [_make_check(service, f"{slug}-{n}") for n in range(items // 2)]
    plans = [ItemPlan(text=f"Look at part {n}") for n in range(items - len(checks))]
    plans += [
        ItemPlan(text=f"Part {check.pk} is quick", mode="assisted", checks=(check,))
        for check in checks
    ]
    checklist = create_checklist(
        team, slug=slug, name=slug, service=service, by=None, now=since
    )
    publish_version(checklist, plans, by=None, now=since)
    timing = {"due_time": "23:59", "opens_before": "23h", "grace": "0m"}
    plan = CadencePlan(
        rule={"kind": "daily"},
        timing={**timing, "closes_after": "1m"},
        time_zone="UTC",
    )
    add_cadence(checklist, plan, by=None, now=since)
    return checklist


def _make_check(service: Any, slug: str) -> Check:
    return Check.objects.create(
        service=service,
        slug=slug,
        name=slug,
        kind="http",
        spec={"url": "https://example.org/health"},
        condition="latency < 300ms",
        unit="ms",
        interval=MINUTE,
        timeout=timedelta(seconds=5),
        freshness=15 * MINUTE,
    )


def open_until(now: datetime) -> None:
    """Let the sweep catch up, then date its past as if it had never been down."""
    while open_due_runs(now=now):
        pass
    Run.objects.filter(state=Run.State.CLOSED).update(
        closed_at=F("closes_at"), missed_at=F("grace_until")
    )


def read_checks(now: datetime) -> None:
    """Give every check that has none readings up to ``now``."""
    checks = list(Check.objects.filter(results=None))
    CheckResult.objects.bulk_create(
        CheckResult(
            check_ref=check,
            scheduled_for=now - step * MINUTE,
            observed_at=now - step * MINUTE,
            outcome="pass",
            value=100.0 + step,
            summary=f"{100 + step} ms < 300 ms",
        )
        for check in checks
        for step in range(READINGS)
    )
    Check.objects.update(
        status="pass",
        last_value=100.0,
        last_summary="100 ms < 300 ms",
        last_observed_at=now,
        last_ok_at=now,
    )


def todays_run(checklist: Checklist) -> Run:
    """The run that is open now."""
    return checklist.runs.exclude(state=Run.State.CLOSED).latest("opens_at")


def sign_in(user: User) -> dict[str, str]:
    """Return the cookies of a browser in which the person signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}
