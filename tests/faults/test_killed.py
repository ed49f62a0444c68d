"""kill -9 of anything at any time: nothing is lost, nothing is doubled."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from checklists.models import Check, CheckResult, Run
from checklists.services.cadences import CadencePlan, add_cadence
from checklists.services.checklists import (
    ItemPlan,
    create_checklist,
    publish_version,
)
from oncall.models import Notification, NotificationAttempt, Role, SweepRecord
from opsportal.invariants import find_violations
from tests.factories.oncall import (
    ChannelFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)
from tests.faults.harness import RECOVERY
from tests.targets import Reply

pytestmark = pytest.mark.faults

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# So long before due that whatever starts slowly still finds a run that is not late.
AHEAD = 20 * MINUTE
LEAD = {"opens_before": "20m", "grace": "5m", "closes_after": "1h"}
# One message at the opening, at any hour: to the channel and to the manager.
LADDER = [{"when": "before 20m", "to": ["manager"], "ignores_quiet_hours": True}]


def make_team(world):
    """A team whose reminders go to a Slack channel and to its manager's mail."""
    team = TeamFactory()
    UserFactory(team=team, team__role=Role.MANAGER)
    ChannelFactory(
        team=team, kind="slack", address=world.slack.url, takes_reminders=True
    )
    return team


def open_at(team, number, moment, **plan):
    """A checklist whose one run opens at ``moment``, to the second."""
    now = timezone.now()
    checklist = create_checklist(
        team, slug=f"list-{number}", name=f"List {number}", by=None, now=now
    )
    publish_version(checklist, [ItemPlan(text="Look")], by=None, now=now)
    due = moment + AHEAD
    plan = {
        "rule": {"kind": "daily"},
        "timing": {"due_time": f"{due:%H:%M:%S}", **LEAD},
        "time_zone": "UTC",
        "reminders": LADDER,
        **plan,
    }
    add_cadence(checklist, CadencePlan(**plan), by=None, now=min(now, moment - SECOND))
    return checklist


def make_openings(team, count, *, first, every=SECOND, begin=0):
    """Cadences that open one run each, one after the other; ``begin`` numbers them."""
    for number in range(count):
        open_at(team, begin + number, first + number * every)


def make_check(world, team):
    """A check that looks at the target each second."""
    return Check.objects.create(
        service=ServiceFactory(team=team),
        slug="health",
        name="Health",
        kind="http",
        spec={"url": f"{world.target.url}/health"},
        condition="status == 200",
        interval=SECOND,
        timeout=timedelta(seconds=5),
        freshness=MINUTE,
        next_due_at=timezone.now(),
    )


def is_told(count):
    """All of ``count`` runs are open and their messages have been sent."""
    told = Notification.objects.filter(state=Notification.State.SENT)
    return Run.objects.count() >= count and told.count() >= 2 * count


def assert_once_each(count, *, received, kills=0):
    """One run a period, each told both ways, once more at most for each kill.

    A repetition is owed to a sender that died between sending and writing it down,
    and each of those left an attempt without an outcome.
    """
    periods = Counter(Run.objects.values_list("cadence", "period_key"))
    assert (len(periods), set(periods.values())) == (count, {1})
    runs = Run.objects.values_list("pk", flat=True)
    wanted = {(way, pk) for pk in runs for way in ("slack", "mail")}
    assert set(received) == wanted
    assert max(received.values()) <= 1 + kills
    lost = NotificationAttempt.objects.filter(outcome="").count()
    assert received.total() - len(wanted) <= lost
    assert kills or not lost


def assert_every_promise_kept():
    assert CheckResult.objects.exists() == Check.objects.exists()
    found = find_violations(now=timezone.now())
    assert {sentence: rows for sentence, rows in found.items() if rows} == {}


def test_a_worker_that_dies_while_it_sends_and_looks(world):
    world.programs = ("beat", "worker")
    team = make_team(world)
    check = make_check(world, team)
    make_openings(team, 6, first=timezone.now() - MINUTE / 2)
    world.slack.gate.clear()
    world.target.routes["/health"] = Reply(200, b"ok", wait=4)
    _, _, worker = world.spawn_all()
    world.wait_for(
        "a message and a look under way",
        lambda: world.slack.in_flight and world.target.in_flight,
    )
    worker.kill9()
    killed_at = timezone.now()
    world.target.routes["/health"] = Reply(200, b"ok")
    world.slack.gate.set()
    worker.start()
    world.wait_for(
        "all told and looked at again",
        lambda: (
            is_told(6)
            and CheckResult.objects.filter(observed_at__gt=killed_at).exists()
        ),
        patience=RECOVERY,
    )
    assert_once_each(6, received=world.received(), kills=1)
    assert_every_promise_kept()
    check.refresh_from_db()
    assert check.status == "pass"


def test_beat_dead_across_openings(world):
    team = make_team(world)
    make_openings(team, 2, first=timezone.now() - MINUTE / 2)
    _, beat, _ = world.spawn_all()
    world.wait_for("the first openings", lambda: is_told(2))
    beat.kill9()
    first = timezone.now() + SECOND
    make_openings(team, 6, first=first, begin=2)
    world.wait_for("more openings", lambda: timezone.now() > first + 6 * SECOND)
    beat.start()
    world.wait_for("all told", lambda: is_told(8), patience=RECOVERY)
    assert_once_each(8, received=world.received())
    assert_every_promise_kept()


def test_a_broker_that_dies_and_forgets(world):
    team = make_team(world)
    make_openings(team, 2, first=timezone.now() - MINUTE / 2)
    broker, beat, worker = world.spawn_all()
    world.wait_for("the first openings", lambda: is_told(2))
    broker.kill9()
    first = timezone.now() + SECOND
    make_openings(team, 6, first=first, begin=2)
    world.wait_for("more openings", lambda: timezone.now() > first + 6 * SECOND)
    broker.start()
    world.wait_for("all told", lambda: is_told(8), patience=RECOVERY)
    assert_once_each(8, received=world.received())
    assert_every_promise_kept()
    assert (beat.is_alive, worker.is_alive) == (True, True)


def test_two_beats_two_engines_and_a_worker_at_once(world):
    team = make_team(world)
    make_check(world, team)
    world.target.routes["/health"] = Reply(200, b"ok")
    make_openings(team, 12, first=timezone.now() + 5 * SECOND)
    world.spawn_all()
    for role in ("beat", "engine", "engine"):
        world.spawn(role)
    # Eight processes start at once here, which is no part of recovering.
    world.wait_for("all told", lambda: is_told(12), patience=2 * RECOVERY)
    assert_once_each(12, received=world.received())
    assert_every_promise_kept()
    assert all(proc.is_alive for proc in world.procs)


def test_the_engine_alone_without_a_broker(world):
    world.programs = ("engine",)
    team = make_team(world)
    make_check(world, team)
    world.target.routes["/health"] = Reply(200, b"ok")
    make_openings(team, 5, first=timezone.now() + 4 * SECOND)
    engine = world.spawn("engine")
    world.wait_for("all told", lambda: is_told(5))
    assert_once_each(5, received=world.received())
    world.wait_for("looks", lambda: CheckResult.objects.count() >= 3)
    assert_every_promise_kept()
    assert engine.stop() == 0


def test_all_dead_for_hours_then_started_again(world):
    procs = [*world.spawn_all(), world.spawn("engine")]
    world.wait_for("a first sweep", SweepRecord.objects.exists)
    for proc in procs:
        proc.kill9()
    # Hours pass: what opened meanwhile had its whole ladder go by.
    team = make_team(world)
    now = timezone.now()
    open_at(
        team,
        0,
        now.replace(minute=0, second=0, microsecond=0) - 6 * HOUR,
        rule={"kind": "hourly", "hours": 1},
        timing={
            "due_time": "00:00",
            "opens_before": "20m",
            "grace": "10m",
            "closes_after": "20h",
        },
        reminders=[
            {"when": when, "to": ["manager"], "ignores_quiet_hours": True}
            for when in ("before 10m", "at due", "after 5m")
        ],
    )
    for proc in procs:
        proc.start()
    lost = Run.objects.filter(due_at__lt=now - 30 * MINUTE)

    def is_caught_up():
        topics = [f"run:{pk}" for pk in lost.values_list("pk", flat=True)]
        told = Notification.objects.filter(topic__in=topics, state="sent")
        return len(topics) >= 6 and told.count() >= 2 * len(topics)

    world.wait_for("caught up", is_caught_up, patience=RECOVERY)
    periods = Counter(Run.objects.values_list("cadence", "period_key"))
    assert set(periods.values()) == {1}
    received = world.received()
    for run in lost:
        assert (run.reminders_sent, run.cause) == (["after 5m"], Run.Cause.SYSTEM)
        assert (received["slack", run.pk], received["mail", run.pk]) == (1, 1)
    assert_every_promise_kept()


def test_a_database_that_cuts_every_connection(world):
    if connection.vendor != "postgresql":
        pytest.skip("a file has no connections to cut")
    team = make_team(world)
    make_check(world, team)
    world.target.routes["/health"] = Reply(200, b"ok")
    make_openings(team, 8, first=timezone.now() + 5 * SECOND)
    world.spawn_all()
    world.spawn("engine")
    world.slack.gate.clear()
    world.wait_for("a message under way", lambda: world.slack.in_flight)
    assert world.cut_connections() >= 3
    world.slack.gate.set()
    seen = CheckResult.objects.count()
    world.wait_for(
        "all told and looked at again",
        lambda: is_told(8) and CheckResult.objects.count() > seen,
        patience=RECOVERY,
    )
    assert_once_each(8, received=world.received(), kills=1)
    assert_every_promise_kept()
    assert all(proc.is_alive for proc in world.procs)
