"""kill -9 of the engine between the commit of a page and its sending."""

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from incidents.models import Escalation
from incidents.services.alerts import AlertSignal, checks_integration, ingest_alert
from oncall.models import Notification, NotificationAttempt, Role
from oncall.services.policies import assign_services, create_policy
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from tests.factories.oncall import (
    ContactMethodFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)
from tests.faults.harness import RECOVERY

pytestmark = pytest.mark.faults
SECOND = timedelta(seconds=1)
ALERTS = 6


def make_ladder(world):
    """Two people on a ladder, both told by the webhook of the world."""
    team = TeamFactory()
    people = [
        UserFactory(team=team, team__role=Role.MANAGER, username=name)
        for name in ("first", "second")
    ]
    for person in people:
        url = f"{world.slack.url}?{person.username}"
        ContactMethodFactory(user=person, kind="slack", address=url)
    steps = tuple(
        StepForm(
            name=f"After {delay}",
            delay=delay,
            targets=(TargetForm(kind="user", pk=person.pk),),
        )
        for delay, person in zip((0 * SECOND, 3 * SECOND), people, strict=True)
    )
    service = ServiceFactory(team=team)
    now = timezone.now()
    policy = create_policy(
        team, name="L", slug="l", form=PolicyForm(steps=steps), by=people[0], now=now
    )
    assign_services(policy, [service.pk], by=people[0], now=now)
    service.refresh_from_db()
    return service


def fire(service):
    return [
        ingest_alert(
            checks_integration(service),
            AlertSignal(dedup_key=str(number), summary="Lag", level=1),
            now=timezone.now(),
        ).pk
        for number in range(ALERTS)
    ]


def received(world):
    """How often each alert arrived."""
    posts = [re.search(r"/alerts/(\d+)/", str(post)) for post in world.slack.posts]
    return Counter(int(found[1]) for found in posts)


def test_an_engine_that_dies_between_the_commit_and_the_sending(world):
    service = make_ladder(world)
    world.slack.gate.clear()
    engine = world.spawn("engine")
    alerts = fire(service)
    world.wait_for("a page under way", lambda: world.slack.in_flight)
    engine.kill9()
    world.slack.gate.set()
    # Two at once take over: neither may tell what the other told.
    for _ in range(2):
        world.spawn("engine")
    sent = Notification.objects.filter(state=Notification.State.SENT)
    world.wait_for(
        "everybody told", lambda: sent.count() == 2 * ALERTS, patience=RECOVERY
    )
    assert Notification.objects.exclude(recipient=None).count() == 2 * ALERTS
    assert set(Escalation.objects.values_list("step", flat=True)) == {1}
    counts = received(world)
    assert set(counts) == set(alerts)
    assert min(counts.values()) >= 2
    # A repetition is owed only to the sender that died.
    lost = NotificationAttempt.objects.filter(outcome="").count()
    assert counts.total() - 2 * ALERTS <= lost
