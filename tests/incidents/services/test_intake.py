"""Messages are kept and applied, in any order, as often as they come."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from incidents.domain.payloads.signal import Signal
from incidents.models import Alert, AlertSeries, IngestEvent, Integration
from incidents.services import intake
from incidents.services.messages import Message
from oncall.models import Notification
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory, SeverityLevelFactory
from tests.factories.oncall import ChannelFactory, ServiceFactory
from tests.incidents.threads import run_together

pytestmark = pytest.mark.database
MINUTE = timedelta(minutes=1)
MESSAGE = Message(kind="pagerduty", body=b"{}")


def make_signal(**changes) -> Signal:
    fields = {
        "action": "trigger",
        "dedup_key": "disk",
        "summary": "Disk full",
        "severity": "critical",
    }
    return Signal(**fields | changes)


def episode(action, minutes, **changes):
    at = NOW + minutes * MINUTE
    return make_signal(action=action, starts_at=at, episode_at=at, **changes)


def send(integration, *signals, now=NOW, message=MESSAGE):
    return intake.receive(integration, message, signals, now=now)


@pytest.fixture
def integration(db):
    service = ServiceFactory(name="ARQ")
    ChannelFactory(team=service.team)
    return IntegrationFactory(service=service, kind="pagerduty", name="PD")


def test_a_trigger_opens_one_alert_and_keeps_the_message(integration):
    event = send(integration, make_signal())
    alert = Alert.objects.get()
    assert (event.status, event.reason, event.alert) == ("accepted", "1 opened", alert)
    assert (alert.level, alert.severity_label) == (1, "")
    assert bytes(event.body) == b"{}"


def test_a_correlation_id_goes_from_the_message_to_those_who_are_told(integration):
    event = send(integration, make_signal(labels={"correlation_id": "req-7f3a"}))
    assert event.alert.labels["correlation_id"] == "req-7f3a"
    told = Notification.objects.get(topic=f"alert:{event.alert.pk}")
    assert "Correlation ID: req-7f3a" in told.text


def test_a_word_of_the_service_is_used(integration):
    SeverityLevelFactory(service=integration.service, label="P0", level=1)
    send(integration, make_signal())
    assert Alert.objects.get().severity_label == "P0"


def test_a_repeat_that_says_nothing_new_is_only_counted(integration):
    for minute in range(3):
        event = send(integration, make_signal(), now=NOW + minute * MINUTE)
    alert = Alert.objects.get()
    assert (alert.event_count, alert.last_seen_at) == (3, NOW + 2 * MINUTE)
    assert (event.reason, event.alert) == ("1 already open", alert)
    assert Notification.objects.count() == 1


def test_a_repeat_that_says_something_new_is_shown(integration):
    send(integration, make_signal())
    send(integration, make_signal(summary="Disk very full"))
    alert = Alert.objects.get()
    assert (alert.event_count, alert.summary) == (2, "Disk very full")


def test_one_key_twice_in_one_message_keeps_its_order(integration):
    signals = [make_signal(), make_signal(action="resolve"), make_signal()]
    event = send(integration, *signals)
    assert event.reason == "2 opened, 1 resolved"
    assert event.alert is None
    assert [a.status for a in Alert.objects.order_by("pk")] == ["resolved", "firing"]


def test_acknowledging_and_resolving_follow(integration):
    send(integration, make_signal())
    event = send(integration, make_signal(action="acknowledge"))
    assert event.reason == "1 acknowledged"
    assert Alert.objects.get().status == "acknowledged"
    again = send(integration, make_signal(action="acknowledge"))
    assert again.reason == "1 with nothing open"
    send(integration, make_signal(action="resolve"))
    assert Alert.objects.get().resolved_how == "source"


def test_ending_what_is_not_open_creates_nothing(integration):
    for action in ("resolve", "acknowledge"):
        event = send(integration, make_signal(action=action))
        assert event.reason == "1 with nothing open"
    assert not Alert.objects.exists()
    assert send(integration, episode("resolve", 0)).reason == "1 with nothing open"
    assert not Alert.objects.exists()


def test_a_replay_is_kept_and_changes_nothing(integration):
    message = Message(kind="sns", body=b"{}", external_id="m-1")
    first = send(integration, make_signal(), message=message)
    second = send(integration, make_signal(), message=message)
    assert (first.status, second.status) == ("accepted", "duplicate")
    assert Alert.objects.get().event_count == 1
    other = IntegrationFactory(service=integration.service, kind="sns", name="Other")
    assert send(other, make_signal(), message=message).status == "accepted"


def test_a_change_is_noted_and_alerts_nobody(integration):
    event = send(integration, make_signal(action="change", summary="v2 is out"))
    assert event.reason == "Change: v2 is out"
    assert not Alert.objects.exists()
    assert send(integration).reason == "Nothing in it is an alert."


def test_a_rejected_message_is_kept_with_its_reason(integration):
    event = intake.reject(integration, MESSAGE, "body: JSON parse error", now=NOW)
    assert (event.status, event.reason) == ("rejected", "body: JSON parse error")


def test_a_late_end_does_not_close_a_newer_episode(integration):
    send(integration, episode("trigger", 0))
    send(integration, episode("trigger", 5))
    assert send(integration, episode("resolve", 0)).reason == "1 out of order"
    assert Alert.objects.get().status == "firing"


def test_a_late_begin_does_not_reopen_what_ended(integration):
    send(integration, episode("resolve", 5))
    assert send(integration, episode("trigger", 5)).reason == "1 out of order"
    assert not Alert.objects.exists()
    assert send(integration, episode("trigger", 6)).reason == "1 opened"


def test_an_end_moves_with_each_repeat(integration):
    for minute in (5, 6):
        send(integration, make_signal(expires_at=NOW + minute * MINUTE))
        assert Alert.objects.get().expires_at == NOW + minute * MINUTE


EPISODES = [
    episode(action, minute) for minute in (0, 1, 2) for action in ("trigger", "resolve")
]


@pytest.mark.parametrize("last", [5, 6])
def test_any_order_of_the_same_signals_ends_alike(integration, last):
    """Orders of three episodes, and of those whose last one still fires."""
    states = set()
    for number, order in enumerate(itertools.permutations(EPISODES[:last])):
        key = f"k{number}"
        signals = [
            episode(s.action, (s.episode_at - NOW) / MINUTE, dedup_key=key)
            for s in order
        ]
        send(integration, *signals, now=NOW + 10 * MINUTE)
        open_now = Alert.objects.filter(series__dedup_key=key).exclude(
            status="resolved"
        )
        states.add(open_now.count())
        if number >= 23:
            break
    assert states == {last % 2}


class Orders(TestCase):
    @given(st.permutations([*EPISODES, *EPISODES[:2]]), st.lists(st.integers(0, 7)))
    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    def test_doubles_and_permutations_leave_nothing_open(self, order, doubled):
        integration = IntegrationFactory(kind="sns", name="SNS")
        for signal in [*order, *(order[n] for n in doubled)]:
            send(integration, signal, now=NOW + 10 * MINUTE)
            assert Alert.objects.exclude(status="resolved").count() <= 1
        assert not Alert.objects.exclude(status="resolved").exists()


@pytest.mark.django_db(transaction=True)
def test_one_key_from_eight_threads_is_one_alert_with_an_exact_count():
    integration = IntegrationFactory(kind="pagerduty", name="PD")

    def act(_number):
        mine = Integration.objects.select_related("service").get(pk=integration.pk)
        for _ in range(5):
            send(mine, make_signal())

    assert run_together(8, act) == []
    assert AlertSeries.objects.count() == 1
    assert Alert.objects.get().event_count == 40
    # What was answered is what was kept.
    assert IngestEvent.objects.filter(status="accepted").count() == 40


@pytest.mark.django_db(transaction=True)
def test_one_message_from_eight_threads_counts_once():
    integration = IntegrationFactory(kind="sns", name="SNS")
    message = Message(kind="sns", body=b"{}", external_id="m-1")

    def act(_number):
        mine = Integration.objects.select_related("service").get(pk=integration.pk)
        send(mine, make_signal(), message=message)

    assert run_together(8, act) == []
    assert Alert.objects.get().event_count == 1
    statuses = IngestEvent.objects.values_list("status", flat=True)
    assert sorted(statuses) == ["accepted", *["duplicate"] * 7]


def test_an_end_beside_a_repeat_is_applied(integration):
    other = make_signal(dedup_key="other")
    send(integration, make_signal(), other)
    event = send(integration, make_signal(action="resolve"), other)
    assert event.reason == "1 already open, 1 resolved"
