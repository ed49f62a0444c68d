"""Rows of checklists for tests. Times default to before tests.conftest.NOW."""

from datetime import UTC, date, datetime, timedelta

import factory
from factory.django import DjangoModelFactory

from checklists import models
from checklists.domain.observation import Outcome
from checklists.domain.packing import pack_day
from checklists.domain.rollup import Look, roll_up
from checklists.domain.severity_ladder import LadderState
from checklists.domain.state_json import state_to_json
from checklists.domain.verdict import CheckState, Status
from checklists.services.checklists import ItemPlan, publish_version
from checklists.services.generation import fill_runs
from tests.factories.oncall import ChannelFactory, ServiceFactory, TeamFactory

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
LONG_AGO = datetime(2025, 11, 1, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ITEMS = (
    ItemPlan(text="Check backup completion"),
    ItemPlan(text="Review slow queries"),
)


class DataSourceFactory(DjangoModelFactory):
    class Meta:
        model = models.DataSource

    team = factory.SubFactory(TeamFactory)
    name = factory.Sequence(lambda n: f"source-{n}")
    dsn = "sqlite:////tmp/nothing.sqlite3"


class CheckFactory(DjangoModelFactory):
    """An http check that never ran and is due.

    A confirmed state is more than its status: use `settle_check` for one.
    """

    class Meta:
        model = models.Check

    service = factory.SubFactory(ServiceFactory)
    slug = factory.Sequence(lambda n: f"check-{n}")
    name = factory.Sequence(lambda n: f"Health endpoint {n}")
    kind = "http"
    spec = {"url": "http://127.0.0.1:9/health"}
    condition = "status == 200"
    interval = MINUTE
    timeout = timedelta(seconds=2)
    freshness = timedelta(minutes=15)
    next_due_at = NOW - timedelta(seconds=1)


class ServiceMappingFactory(DjangoModelFactory):
    class Meta:
        model = models.ServiceMapping

    service = factory.SubFactory(ServiceFactory)
    places = {"prometheus": "http://127.0.0.1:9"}


class LibraryCheckFactory(DjangoModelFactory):
    class Meta:
        model = models.LibraryCheck

    check_ref = factory.SubFactory(CheckFactory)
    service = factory.SelfAttribute("check_ref.service")
    template = "error-rate"
    fingerprint = "0" * 64


class CheckResultFactory(DjangoModelFactory):
    class Meta:
        model = models.CheckResult

    check_ref = factory.SubFactory(CheckFactory)
    scheduled_for = factory.Sequence(lambda n: NOW - HOUR - n * MINUTE)
    observed_at = factory.SelfAttribute("scheduled_for")
    outcome = "pass"
    value = 42.0
    threshold = "100"
    latency_ms = 12.5
    summary = "42 ms < 100 ms"


class CheckDayFactory(DjangoModelFactory):
    """A day of one hour with one value."""

    class Meta:
        model = models.CheckDay

    check_ref = factory.SubFactory(CheckFactory)
    on = date(2026, 1, 13)
    hours = factory.LazyAttribute(lambda day: pack_hour(day.on))


def pack_hour(on, value=42.0):
    """Return a day with one look at midnight."""
    day = datetime(on.year, on.month, on.day, tzinfo=UTC)
    look = Look(day, Outcome.PASS, value, 12.5)
    return pack_day(roll_up([look], HOUR), day, HOUR)


class CheckFlipFactory(DjangoModelFactory):
    class Meta:
        model = models.CheckFlip

    check_ref = factory.SubFactory(CheckFactory)
    at = NOW - HOUR
    old_status = "pass"
    new_status = "fail"


class ChecklistFactory(DjangoModelFactory):
    """A checklist of a service with a published version of two items.

    ChecklistFactory(items=[ItemPlan(...)]) publishes others; items=[] none.
    """

    class Meta:
        model = models.Checklist
        skip_postgeneration_save = True

    service = factory.SubFactory(ServiceFactory)
    team = factory.SelfAttribute("service.team")
    slug = factory.Sequence(lambda n: f"checklist-{n}")
    name = factory.Sequence(lambda n: f"Daily checklist {n}")

    @factory.post_generation
    def items(self, create, extracted, **kwargs):
        items = ITEMS if extracted is None else extracted
        if items:
            publish_version(self, items, by=None, now=LONG_AGO)


class CadenceFactory(DjangoModelFactory):
    """Every day, due at 12:00 in Berlin, open from 07:00: half an hour to go."""

    class Meta:
        model = models.Cadence

    checklist = factory.SubFactory(ChecklistFactory)
    rule = {"kind": "daily"}
    timing = {
        "due_time": "12:00",
        "opens_before": "5h",
        "grace": "1h",
        "closes_after": "12h",
    }
    time_zone = "Europe/Berlin"
    created_at = LONG_AGO
    generated_through = NOW - HOUR
    next_open_at = datetime(2026, 1, 15, 6, 0, tzinfo=UTC)


class RunFactory(DjangoModelFactory):
    """The open run of today, with the items of the published version.

    RunFactory(cadence__checklist=checklist), or RunFactory(cadence=cadence).
    """

    class Meta:
        model = models.Run
        skip_postgeneration_save = True

    cadence = factory.SubFactory(CadenceFactory)
    checklist = factory.SelfAttribute("cadence.checklist")
    team = factory.SelfAttribute("checklist.team")
    version = factory.LazyAttribute(
        lambda run: run.checklist.versions.get(status="published")
    )
    period_start_on = date(2026, 1, 14)
    period_end_on = factory.SelfAttribute("period_start_on")
    period_key = factory.LazyAttribute(lambda run: run.period_start_on.isoformat())
    opens_at = datetime(2026, 1, 14, 6, 0, tzinfo=UTC)
    due_at = factory.LazyAttribute(lambda run: run.opens_at + 5 * HOUR)
    grace_until = factory.LazyAttribute(lambda run: run.due_at + HOUR)
    closes_at = factory.LazyAttribute(lambda run: run.due_at + 12 * HOUR)
    next_event_at = factory.SelfAttribute("due_at")

    @factory.post_generation
    def items(self, create, extracted, **kwargs):
        fill_runs([self], self.version, now=self.opens_at)


def settle_check(check, status, *, at=NOW - MINUTE, since=NOW - HOUR, **changes):
    """Let the check have confirmed `status` ("pass", "fail", "unknown") at `at`.

    `changes` are those of the domain's CheckState.
    """
    is_pass, is_fail = status == "pass", status == "fail"
    known = {
        "status": Status(status),
        "since": since,
        "decided": None if status == "unknown" else Status(status),
        "last_slot": at,
        "last_outcome": Outcome(status),
        "last_ok_at": at if is_pass else None,
        "last_fail_at": at if is_fail else None,
        "consecutive_pass": 2 * is_pass,
        "consecutive_fail": 2 * is_fail,
        "consecutive_unknown": 2 * (status == "unknown"),
        "recent": (),
        "episode": int(is_fail),
    }
    state = CheckState(**{**known, **changes})
    check.status, check.status_since = state.status.value, state.since
    check.state = state_to_json(state, LadderState())
    check.last_ok_at, check.last_observed_at = state.last_ok_at, at
    check.is_flapping = state.is_flapping
    check.save()
    return check


class RunWebhookFactory(DjangoModelFactory):
    class Meta:
        model = models.RunWebhook

    channel = factory.SubFactory(
        ChannelFactory, kind="webhook", address="https://hooks.example.org/runs"
    )


class WeeklyReviewFactory(DjangoModelFactory):
    """Sent to the managers on Mondays at eight, next when it is told."""

    class Meta:
        model = models.WeeklyReview

    team = factory.SubFactory(TeamFactory)
