"""Each promise about alerts holds in what services wrote, and finds what breaks it."""

from datetime import timedelta

import pytest
from django.db import connection

from incidents.models import Alert
from incidents.services import alerts
from incidents.services.alerts import AlertSignal, ingest_alert
from incidents.services.escalating import advance_escalations
from incidents.services.muting import settle_due_mutes
from opsportal.invariants import INVARIANTS, find_lost_constraints, find_violations
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertFactory,
    AlertMuteFactory,
    EscalationEventFactory,
    EscalationFactory,
    IngestEventFactory,
    IntegrationFactory,
    MaintenanceWindowFactory,
)
from tests.factories.oncall import (
    ChannelFactory,
    EscalationPolicyFactory,
    EscalationPolicyVersionFactory,
    EscalationStepFactory,
    EscalationTargetFactory,
    NotificationFactory,
    ServiceFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
NOBODY = {"recipient": None, "contact_method": None}


def broken(now=NOW):
    # No row breaks the constraints themselves, and SQLite takes seconds to list them.
    asked = [one for one in INVARIANTS if one.find is not find_lost_constraints]
    found = {one.sentence: list(one.find(now)) for one in asked}
    return {sentence: rows for sentence, rows in found.items() if rows}


def make_step(delay=15, position=0):
    """An escalation of an open alert, and the step that it waits for."""
    row = EscalationFactory(next_step_at=None, state="held")
    EscalationStepFactory(version=row.version, position=position, delay=delay * MINUTE)
    return row


def test_a_life_of_an_alert_keeps_every_promise():
    policy = EscalationPolicyFactory()
    service = ServiceFactory(team=policy.team, policy=policy)
    engineer = UserFactory(team=service.team)
    ChannelFactory(team=service.team, takes_alerts=True)
    version = EscalationPolicyVersionFactory(policy=policy)
    for position, delay in enumerate((0, 5)):
        step = EscalationStepFactory(
            version=version, position=position, delay=delay * MINUTE
        )
        EscalationTargetFactory(step=step, user=engineer)
    sender = IntegrationFactory(service=service)
    for level, key in enumerate(("worst", "bad"), start=1):
        signal = AlertSignal(dedup_key=key, summary="Lag", level=level, metric="lag")
        ingest_alert(sender, signal, now=NOW)
    for minute in range(7):
        now = NOW + minute * MINUTE
        if minute == 3:
            MaintenanceWindowFactory(
                service=service, starts_at=now, ends_at=now + 2 * MINUTE
            )
        settle_due_mutes(now=now)
        advance_escalations(now=now)
    assert broken(now) == {}
    alerts.resolve_from_source(sender, "worst", now=now)
    advance_escalations(now=now)
    assert broken(now + MINUTE) == {}


def test_two_open_alerts_of_one_series():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX incidents_one_open_alert_a_series")
    alert = AlertFactory()
    AlertFactory(series=alert.series, service=alert.service)
    found = find_violations(now=NOW)
    assert {sentence: rows for sentence, rows in found.items() if rows} == {
        "The database holds every constraint and trigger": [
            "constraint incidents_one_open_alert_a_series"
        ],
        "A series has one open alert": [f"series {alert.series_id}: 2 times"],
    }
    assert Alert.objects.count() == 2


def test_a_message_that_was_accepted_and_waits():
    waits = IngestEventFactory(status="waiting")
    IngestEventFactory(status="rejected")
    assert broken(NOW + MINUTE) == {}
    assert broken(NOW + 2 * MINUTE) == {
        "What was accepted is applied": [f"message {waits.pk}"]
    }


def test_mutes_without_a_ground_and_grounds_that_mute_nobody():
    wrong = [AlertFactory(muted_at=NOW), AlertFactory(), AlertFactory(is_resolved=True)]
    AlertFactory(is_resolved=True, muted_at=NOW)
    for alert in wrong[1:]:
        AlertMuteFactory(alert=alert, ended_at=None)
    AlertMuteFactory(alert=AlertFactory(muted_at=NOW), ended_at=None)
    assert broken() == {
        "What is mute has a ground": [f"alert {alert.pk}" for alert in wrong]
    }


def test_an_alert_that_nobody_confirmed_for_too_long():
    alert = AlertFactory(expires_at=NOW)
    AlertFactory(expires_at=NOW, is_resolved=True)
    assert broken(NOW + MINUTE) == {}
    assert broken(NOW + 2 * MINUTE) == {
        "What nobody confirms any more is over": [f"alert {alert.pk}"]
    }


def test_a_step_that_was_told_without_a_message():
    told = EscalationEventFactory(key="alert:7:0:0:u1")
    NotificationFactory(dedupe_key="alert:7:0:0:u12:m1")
    assert broken() == {
        "No step is told without a message": [f"escalation event {told.pk}"]
    }
    NotificationFactory(dedupe_key="alert:7:0:0:u1:m1")
    assert broken() == {}


def test_a_step_that_told_one_person_twice_in_one_round():
    alert, person = AlertFactory(), UserFactory()
    for loop, step in ((0, 0), (0, 0), (0, 1), (1, 0)):
        EscalationEventFactory(alert=alert, recipient=person, loop=loop, step=step)
    assert broken() == {
        "A step tells each once in a round": [
            f"step {alert.pk} 0 0 {person.pk} None: 2 times"
        ]
    }


def test_a_step_that_came_before_its_time():
    row = make_step(delay=15)
    common = {"alert": row.alert, "step": 0}
    early = EscalationEventFactory(at=NOW + 14 * MINUTE, **common)
    EscalationEventFactory(at=NOW + 15 * MINUTE, **common)
    EscalationEventFactory(at=NOW, loop=1, **common)
    later = NOW + 20 * MINUTE
    assert broken(later) == {
        "No step is told before its time": [f"escalation event {early.pk}"]
    }
    EscalationEventFactory(alert=row.alert, kind="escalated")
    assert broken(later) == {}


def test_a_step_that_was_told_after_the_end():
    alert = AlertFactory(is_resolved=True)
    EscalationEventFactory(alert=alert, at=alert.resolved_at)
    late = EscalationEventFactory(alert=alert, at=alert.resolved_at + MINUTE)
    assert broken() == {
        "No step is told after the end": [f"escalation event {late.pk}"]
    }


def test_an_escalation_that_outlived_its_alert_and_one_that_is_late():
    row = EscalationFactory(alert=AlertFactory(is_resolved=True))
    assert broken(NOW + MINUTE) == {
        "What is resolved escalates no longer": [f"escalation {row.pk}"]
    }
    found = broken(NOW + 2 * MINUTE)
    assert found["No step is more than a minute late"] == [f"escalation {row.pk}"]


def test_a_ladder_that_ended_and_told_nobody():
    ended = {"state": "ended", "next_step_at": None, "ended_at": NOW}
    row = EscalationFactory(**ended)
    EscalationFactory(**ended, alert=AlertFactory(is_resolved=True))
    assert broken() == {
        "No ladder ends without telling somebody": [f"escalation {row.pk}"]
    }
    EscalationEventFactory(alert=row.alert, kind="last_resort")
    assert broken() == {}


def test_an_end_that_nobody_heard_the_beginning_of_and_one_told_twice():
    channel = ChannelFactory()
    topic = "alert:7"
    common = {"topic": topic, "channel": channel, **NOBODY}
    ends = [
        NotificationFactory(dedupe_key=f"{topic}:resolved:{way}", **common)
        for way in ("c1", "c2")
    ]
    sentence = "Who hears of an end heard of the beginning"
    doubled = f"end {topic} {channel.pk}: 2 times"
    rows = [f"notification {row.pk}" for row in ends]
    assert broken() == {sentence: [*rows, doubled]}
    NotificationFactory(dedupe_key=f"{topic}:opened:c1", **common)
    assert broken() == {sentence: [doubled]}


def test_a_page_that_waits_though_all_is_over():
    alert = AlertFactory(is_resolved=True)
    waits = {"topic": f"alert:{alert.pk}", "recipient": UserFactory()}
    page = NotificationFactory(dedupe_key="page", **waits)
    NotificationFactory(dedupe_key="channel", topic=waits["topic"], **NOBODY)
    NotificationFactory(dedupe_key="other", **waits | {"topic": "alert:0"})
    assert broken() == {
        "Nobody waits to hear of what is over": [f"notification {page.pk}"]
    }
