"""The simulator foretells what the engine does: they take the same moves."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.models import Alert, EscalationEvent
from incidents.services import alerts
from incidents.services.escalating import advance_escalations
from oncall.domain.escalation_story import Story
from oncall.domain.ladder import Condition
from oncall.queries.policies import newest_version
from oncall.queries.simulation import tell_story
from oncall.services.policy_forms import StepForm, TargetForm
from tests.conftest import NOW
from tests.incidents.services.test_escalating import World, at

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.database]
MINUTE = timedelta(minutes=1)
END = 90
minutes = st.one_of(st.none(), st.integers(1, END))


@st.composite
def steps(draw):
    """A rung for one of two people, or for nobody."""
    return {
        "delay": draw(st.sampled_from([None, 0, 0, 5, 15, 30])),
        "condition": draw(st.sampled_from([each.value for each in Condition])),
        "min_level": draw(st.sampled_from([1, 5])),
        "requires": draw(st.sampled_from(["", "", "impact"])),
        "skip_if_empty": draw(st.booleans()),
        "who": draw(st.sampled_from(["a", "b", "nobody"])),
    }


def make(world, rows, slug, **fields):
    people = {"a": world.people[0], "b": world.people[1]}
    made = []
    for number, row in enumerate(rows):
        kept = dict(row)
        who, delay = kept.pop("who"), kept.pop("delay")
        target = TargetForm(kind="title", title="Boss")
        if who in people:
            target = TargetForm(kind="user", pk=people[who].pk)
        made.append(
            StepForm(
                name=f"S{number}",
                delay=None if delay is None else delay * MINUTE,
                targets=(target,),
                **kept,
            )
        )
    return world.climbs(*made, slug=slug, **fields)


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.lists(steps(), min_size=1, max_size=4),
    level=st.integers(1, 3),
    impact=st.booleans(),
    ack=minutes,
    over=minutes,
    repeats=st.integers(0, 1),
    expires=st.sampled_from([None, 20 * MINUTE]),
)
def test_the_engine_does_what_the_simulator_says(
    rows, level, impact, ack, over, repeats, expires
):
    world = World()
    slug = f"ladder-{world.team.pk}"
    policy = make(
        world, rows, slug, repeats=repeats, repeat_after=10 * MINUTE,
        ack_expires_after=expires,
    )  # fmt: skip
    labels = {"impact": "true"} if impact else {}
    story = Story(
        opened_at=NOW,
        level=level,
        labels=labels,
        acknowledged_at=None if ack is None else at(ack),
        resolved_at=None if over is None else at(over),
    )
    foretold = [
        (line.after / MINUTE, line.act, line.step, each.name)
        for line in tell_story(newest_version(policy.pk), story, within=END * MINUTE)
        for each in line.told
    ]
    alert = world.fires(level=level, labels=labels)
    live(world, alert, ack, over)
    happened = [
        ((event.at - NOW) / MINUTE, event.kind, event.step, event.name)
        for event in EscalationEvent.objects.filter(
            alert=alert, kind__in=["tell", "last_resort"]
        ).order_by("at", "pk")
    ]
    assert happened == foretold


def live(world, alert, ack, over):
    """Let the engine look each minute, and people act at theirs."""
    for minute in range(END + 1):
        now = at(minute)
        if minute == over:
            alerts.resolve_alert(alert.pk, by=world.lead, now=now)
        elif minute == ack and is_firing(alert):
            alerts.acknowledge_alert(alert.pk, by=world.lead, now=now)
        advance_escalations(now=now)


def is_firing(alert):
    alert.refresh_from_db()
    return alert.status == Alert.Status.FIRING
