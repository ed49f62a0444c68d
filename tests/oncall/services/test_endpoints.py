"""A webhook gets twelve messages in any minute, and nothing is dropped for it."""

import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncall.models import Endpoint, Notification
from oncall.services import endpoints
from oncall.services.delivery import deliver_notifications
from oncall.services.endpoints import give_back, name_endpoint, take_place
from oncall.services.outbox_plan import write_letter
from oncall.transports import TransportError
from tests.conftest import NOW
from tests.factories.oncall import (
    ChannelFactory,
    MembershipFactory,
    NotificationFactory,
    TeamFactory,
)
from tests.oncall.sinks import HttpSink

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DOWN = TransportError("http_status", "The server answered 503.", permanent=False)
GONE = TransportError("http_status", "The server answered 404.", permanent=True)


def seconds(number):
    return timedelta(seconds=number)


def queue(channel, count, **fields):
    return [
        NotificationFactory(
            recipient=None, contact_method=None, channel=channel, **fields
        )
        for _ in range(count)
    ]


def deliver_from(start, *, until, step=0.5):
    """Sweep again and again, as the engine does."""
    now = start
    while now < start + seconds(until):
        deliver_notifications(now=now)
        now += seconds(step)


@pytest.fixture
def channel(http_sink):
    return ChannelFactory(kind="webhook", address=http_sink.url)


def states():
    return sorted(Notification.objects.values_list("state", flat=True))


def test_what_finds_no_place_leaves_together_and_nothing_is_lost(http_sink, channel):
    rows = queue(channel, 30)
    deliver_notifications(now=NOW)
    assert len(http_sink.posts) == 7
    assert states() == ["bundled"] * 23 + ["sent"] * 7
    batch = next(post for post in http_sink.posts if "and 23 more" in post["subject"])
    told = "".join(f"{post['subject']}{post['text']}" for post in http_sink.posts)
    assert all(row.subject in told for row in rows)
    assert batch["url"].endswith("/notifications/")


def test_no_minute_sees_a_thirteenth_message(http_sink, channel, monkeypatch):
    arrivals, clock = [], {"now": NOW}
    take = http_sink._take

    def note(body):
        arrivals.append(clock["now"])
        return take(body)

    http_sink._take = note
    for number in range(65):
        clock["now"] = NOW + seconds(2 * number)
        queue(channel, 2, next_try_at=clock["now"])
        deliver_notifications(now=clock["now"])
    for at in arrivals:
        assert sum(at <= each < at + seconds(60) for each in arrivals) <= 12
    assert len(arrivals) >= 18
    waiting = Notification.objects.filter(state="pending").count()
    assert waiting <= 2 * 15


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    bursts=st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 15)), min_size=1, max_size=8
    )
)
def test_any_bursts_keep_to_the_limit_and_all_arrive(http_sink, bursts):
    Notification.objects.all().delete()
    Endpoint.objects.all().delete()
    http_sink.posts.clear()
    channel = ChannelFactory(kind="webhook", address=http_sink.url)
    now, arrivals, wanted = NOW, [], 0
    for wait, count in bursts:
        now += seconds(wait)
        rows = queue(channel, count, next_try_at=now)
        wanted += len(rows)
        before = len(http_sink.posts)
        deliver_notifications(now=now)
        arrivals += [now] * (len(http_sink.posts) - before)
    for at in arrivals:
        assert sum(at <= each < at + seconds(60) for each in arrivals) <= 12
    deliver_notifications(now=now + seconds(61))
    done = Notification.objects.filter(state__in=["sent", "bundled"])
    assert done.count() == wanted


def test_senders_at_once_share_the_places(http_sink, channel):
    name = name_endpoint("webhook", http_sink.url)
    start, taken, lock = threading.Barrier(8), [], threading.Lock()

    def grab():
        start.wait()
        for _ in range(3):
            place = take_place(name, now=NOW)
            with lock:
                taken.append(place)
        connection.close()

    threads = [threading.Thread(target=grab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([place for place in taken if place is not None]) == 7


def test_two_channels_with_one_address_are_one_endpoint(http_sink, channel):
    other = ChannelFactory(kind="webhook", address=http_sink.url)
    queue(channel, 5)
    queue(other, 5)
    deliver_notifications(now=NOW)
    assert len(http_sink.posts) == 7
    assert Endpoint.objects.get().label == "127.0.0.1/•••"


def test_the_operator_may_set_another_limit_or_none(http_sink, channel, settings):
    settings.WEBHOOKS_A_MINUTE = 0
    queue(channel, 20)
    deliver_notifications(now=NOW)
    assert len(http_sink.posts) == 20
    settings.WEBHOOKS_A_MINUTE = 1
    queue(channel, 3)
    deliver_notifications(now=NOW + seconds(1))
    assert len(http_sink.posts) == 21


def test_a_webhook_is_tried_four_times_and_then_shown(http_sink, channel):
    (row,) = queue(channel, 1)
    http_sink.answers = [(503, {})] * 9
    deliver_from(NOW, until=30)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 4)
    assert len(http_sink.posts) == 4
    waits = list(row.tries.values_list("started_at", flat=True))
    told = [(b - a).total_seconds() for a, b in pairwise(waits)]
    for wait, wanted in zip(told, (1, 4, 16), strict=True):
        assert wanted * 0.8 <= wait <= wanted * 1.2 + 1


def test_while_a_receiver_is_down_one_message_tries_and_none_is_used_up(
    http_sink, channel
):
    team = channel.team
    manager = MembershipFactory(team=team, role="manager").user
    rows = queue(channel, 12, team=team)
    http_sink.answers = [(503, {})] * 8
    deliver_notifications(now=NOW)
    endpoint = Endpoint.objects.get()
    assert endpoint.failures >= 5
    assert endpoint.retry_at > NOW
    warning = Notification.objects.get(topic="unreached:channel")
    assert warning.recipient == manager

    deliver_from(NOW + seconds(1), until=200, step=8)

    states = {Notification.objects.get(pk=row.pk).state for row in rows}
    assert states <= {"sent", "bundled"}
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.retry_at) == (0, None)


def test_a_refusal_for_good_says_that_somebody_is_there():
    name = name_endpoint("webhook", "https://x.example/")
    for number in range(4):
        place = take_place(name, now=NOW + seconds(number))
        assert not give_back(name, place, DOWN, now=NOW)
    give_back(name, 0.0, GONE, now=NOW)
    assert Endpoint.objects.get().failures == 0


def test_a_paused_endpoint_has_no_place_and_one_trial_at_a_time():
    name = name_endpoint("email", "a@example.org")
    told = [give_back(name, 0.0, DOWN, now=NOW) for _ in range(6)]
    assert told == [False, False, False, False, True, False]
    assert take_place(name, now=NOW) is None
    later = NOW + seconds(30)
    assert take_place(name, now=later) is not None
    assert take_place(name, now=later) is None
    give_back(name, 0.0, None, now=later)
    assert take_place(name, now=later) is not None


def overtaken(row, now):
    """Swap as when another sender was faster."""
    Endpoint.objects.update(revision=row.revision + 1)
    return False


def test_who_never_gets_a_word_in_gives_up(monkeypatch):
    name = name_endpoint("webhook", "https://x.example/")
    monkeypatch.setattr(endpoints, "_swap", overtaken)
    assert take_place(name, now=NOW) is None


def test_what_finds_no_place_any_more_waits_for_the_next_sweep(
    http_sink, channel, monkeypatch
):
    (row,) = queue(channel, 1)
    with monkeypatch.context() as patch:
        patch.setattr(endpoints, "_swap", overtaken)
        deliver_notifications(now=NOW)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("pending", 0)
    deliver_notifications(now=NOW + seconds(1))
    row.refresh_from_db()
    assert row.state == "sent"


def test_mail_servers_and_telephones_are_one_endpoint_each():
    assert name_endpoint("email", "a@x.org") == name_endpoint("email", "b@x.org")
    assert name_endpoint("sms", "+481").label == "the SMS gateway"
    assert not name_endpoint("pagerduty", "k" * 32).is_limited
    slack = "https://hooks.slack.com/services/T/B/secret"
    assert "secret" not in name_endpoint("slack", slack).label


def test_what_cost_senders_their_lives_is_not_put_into_a_batch(http_sink, channel):
    queue(channel, 9)
    (frail,) = queue(channel, 1, attempts=1)
    frail.tries.create(number=1, started_at=NOW, outcome="")
    deliver_notifications(now=NOW)
    frail.refresh_from_db()
    assert frail.state == "pending"
    deliver_notifications(now=NOW + seconds(61))
    frail.refresh_from_db()
    assert (frail.state, frail.bundled_into) == ("sent", None)


def test_a_letter_of_many_names_a_hundred_and_counts_the_rest():
    rows = NotificationFactory.build_batch(
        120, team=None, recipient=None, contact_method=None, text="t"
    )
    letter = write_letter(rows)
    assert "And 20 more, all in the delivery log." in letter.text
    assert letter.text.count("/runs/1/") == 20
    assert letter.subject.endswith("and 119 more")


@pytest.mark.parametrize(("topic", "said"), [("alert:12", "alert 12"), ("x:y", "")])
def test_a_letter_says_what_it_is_about(topic, said):
    row = NotificationFactory.build(
        team=None, recipient=None, contact_method=None, topic=topic, urgency="high"
    )
    letter = write_letter([row])
    assert (letter.reference, letter.urgency) == (said, "high")


@pytest.mark.soak
def test_a_real_minute_sees_no_thirteenth_message(settings):
    settings.WEBHOOKS_A_MINUTE = 12
    sink, arrivals = HttpSink(), []
    take = sink._take

    def note(body):
        arrivals.append(time.monotonic())
        return take(body)

    sink._take = note
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{sink.port}"
    channel = ChannelFactory(kind="webhook", address=sink.url, team=TeamFactory())
    began = time.monotonic()
    while time.monotonic() - began < 63:
        now = NOW + seconds(time.monotonic() - began)
        queue(channel, 10, next_try_at=now)
        deliver_notifications(now=now)
        time.sleep(0.5)
    sink.close()
    assert len(arrivals) >= 12
    for at in arrivals:
        assert sum(at <= each < at + 60 for each in arrivals) <= 12
