"""The outbox is emptied once, by however many, and never silently."""

import threading
from datetime import time, timedelta
from email import message_from_bytes

import pytest
from django.db import connection, transaction

from oncall.models import Notification, QuietHours
from oncall.services.delivery import deliver_notifications
from oncall.services.endpoints import LONGEST_SEND
from oncall.services.notifications import cancel, retry_notification
from oncall.transports import TRANSPORTS, TransportError, WebhookTransport
from tests.conftest import NOW
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    NotificationFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
LATER = NOW + timedelta(seconds=30)


def hook(sink, **fields):
    # Each an endpoint of its own: what one may get is another file's matter.
    channel = ChannelFactory(kind="webhook")
    channel.address = f"{sink.url}/{channel.pk}"
    channel.save()
    return NotificationFactory(
        recipient=None, contact_method=None, channel=channel, **fields
    )


def deliver(now=NOW):
    return deliver_notifications(now=now)


def test_a_due_mail_is_sent_with_its_link(mail_sink, settings):
    settings.SITE_URL = "https://portal.example.org"
    row = NotificationFactory(url="/runs/7/")

    assert deliver() == 1

    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_token) == ("sent", 1, None)
    assert NOW <= row.sent_at < NOW + timedelta(seconds=20)
    assert row.first_attempt_at is not None
    (mail,) = mail_sink.mails
    assert mail.rcpt_tos == [row.contact_method.address]
    assert "https://portal.example.org/runs/7/" in _text_of(mail)
    (attempt,) = row.tries.all()
    assert (attempt.number, attempt.outcome) == (1, "sent")
    assert deliver(LATER) == 0


def _text_of(mail):
    message = message_from_bytes(mail.content)
    part = message.get_payload()[0] if message.is_multipart() else message
    return part.get_payload(decode=True).decode()


def test_without_a_verified_method_the_account_is_written_to(mail_sink):
    user = UserFactory(email="me@example.org")
    NotificationFactory(recipient=user, contact_method=None)
    deliver()
    assert mail_sink.mails[0].rcpt_tos == ["me@example.org"]


def test_what_is_not_due_waits(http_sink):
    hook(http_sink, next_try_at=NOW + timedelta(seconds=1))
    assert deliver() == 0
    assert http_sink.posts == []


def test_a_temporary_refusal_is_tried_again(http_sink):
    row = hook(http_sink)
    http_sink.answers = [(503, {})]

    deliver()
    row.refresh_from_db()
    assert row.state == "pending"
    assert timedelta(0) < row.next_try_at - NOW < timedelta(seconds=20)
    assert "503" in row.last_error

    deliver(LATER)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == ("sent", 2, "")
    assert [t.outcome for t in row.tries.all()] == ["failed", "sent"]


def test_the_receiver_may_ask_for_a_longer_wait(http_sink):
    row = hook(http_sink)
    http_sink.answers = [(429, {"Retry-After": "45"})]
    deliver()
    row.refresh_from_db()
    assert row.next_try_at - NOW >= timedelta(seconds=45)


def test_a_lasting_refusal_fails_and_can_be_retried_by_hand(http_sink):
    row = hook(http_sink)
    http_sink.answers = [(404, {})]
    deliver()
    row.refresh_from_db()
    assert (row.state, row.next_try_at) == ("failed", None)

    retry_notification(row, by=UserFactory(), now=LATER)
    deliver(LATER)
    row.refresh_from_db()
    assert row.state == "sent"


def test_after_a_day_it_is_given_up(http_sink):
    row = hook(http_sink, created_at=NOW - timedelta(hours=24))
    http_sink.answers = [(503, {})]
    deliver()
    row.refresh_from_db()
    assert row.state == "failed"


def test_many_sweeps_at_once_send_each_row_once(http_sink):
    rows = [hook(http_sink, subject=str(number)) for number in range(24)]
    start = threading.Barrier(4)
    errors = []

    def sweep():
        try:
            start.wait()
            deliver()
        except Exception as error:  # noqa: BLE001 -- told to the test's thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    told = sorted(int(post["subject"]) for post in http_sink.posts)
    assert told == list(range(24))
    sent = Notification.objects.filter(state="sent", attempts=1)
    assert sent.count() == len(rows)


class _Dies:
    """Really sends, and dies before anybody hears of it."""

    def send(self, message, address, *, key):
        WebhookTransport().send(message, address, key=key)
        raise RuntimeError("killed between send and settle")


def test_a_crash_after_the_send_costs_one_repetition_at_most(http_sink, monkeypatch):
    row, other = hook(http_sink), hook(http_sink)
    monkeypatch.setitem(TRANSPORTS, "webhook", _Dies())
    deliver()
    monkeypatch.undo()
    row.refresh_from_db()
    assert row.state == "leased"

    assert deliver(NOW + timedelta(seconds=5)) == 0
    deliver(NOW + timedelta(seconds=60))

    for each in (row, other):
        each.refresh_from_db()
        assert (each.state, each.attempts) == ("sent", 2)
        assert [t.outcome for t in each.tries.all()] == ["", "sent"]
        same = [post for post in http_sink.posts if post["id"] == each.dedupe_key]
        assert len(same) == 2


class _EndsTheProcess:
    """Sends, until a message is to be the last."""

    def send(self, message, address, *, key):
        if message.subject == "last":
            raise SystemExit(137)
        return WebhookTransport().send(message, address, key=key)


def test_what_was_sent_before_a_crash_is_settled(http_sink, monkeypatch):
    rows = [hook(http_sink, subject=name) for name in (*"abcd", "last")]
    # A second host, so that senders are threads.
    NotificationFactory(recipient=UserFactory(email="nobody@example.org"))
    monkeypatch.setattr("oncall.services.delivery.MOST_A_HOST", 1)
    monkeypatch.setitem(TRANSPORTS, "webhook", _EndsTheProcess())
    with pytest.raises(SystemExit):
        deliver()
    states = [Notification.objects.get(pk=row.pk).state for row in rows]
    assert states == ["sent"] * 4 + ["leased"]


class _LooksAtItsLease:
    """Notes until when its row is claimed."""

    def __init__(self):
        self.until = None

    def send(self, message, address, *, key):
        self.until = Notification.objects.get().lease_until
        return WebhookTransport().send(message, address, key=key)


def test_a_lease_outlives_any_send(http_sink, monkeypatch):
    looks = _LooksAtItsLease()
    monkeypatch.setitem(TRANSPORTS, "webhook", looks)
    hook(http_sink)
    deliver()
    assert looks.until - NOW > LONGEST_SEND


def test_a_row_that_keeps_killing_its_sender_is_put_aside(http_sink, monkeypatch):
    row = hook(http_sink)
    monkeypatch.setitem(TRANSPORTS, "webhook", _Dies())
    for minute in range(3):
        deliver(NOW + timedelta(minutes=minute))
    assert deliver(NOW + timedelta(minutes=3)) == 1
    row.refresh_from_db()
    assert row.state == "failed"
    assert row.last_error.startswith("quarantined")

    monkeypatch.undo()
    retry_notification(row, by=UserFactory(), now=NOW + timedelta(minutes=4))
    deliver(NOW + timedelta(minutes=5))
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_lease_from_a_clock_that_went_back_is_no_lease(http_sink):
    row = hook(
        http_sink,
        state="leased",
        lease_token="11111111-1111-1111-1111-111111111111",
        lease_until=NOW + timedelta(minutes=3),
    )
    deliver()
    row.refresh_from_db()
    assert row.state == "sent"


class _Slow:
    """Lets `meanwhile` happen while it sends; then sends, or refuses."""

    def __init__(self, meanwhile, error=None):
        self.meanwhile, self.error = meanwhile, error

    def send(self, message, address, *, key):
        self.meanwhile()
        if self.error:
            raise self.error
        return WebhookTransport().send(message, address, key=key)


def test_a_cancelled_message_stays_cancelled_whatever_its_sender_says(
    http_sink, monkeypatch
):
    row = hook(http_sink)
    stop = _Slow(lambda: cancel(row.topic, reason="acknowledged", now=NOW))
    monkeypatch.setitem(TRANSPORTS, "webhook", stop)
    assert deliver() == 0
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert row.last_error.startswith("acknowledged")
    assert row.tries.get().outcome == "sent"


def test_a_cancelled_message_that_is_refused_stays_cancelled(http_sink, monkeypatch):
    row = hook(http_sink)
    gone = TransportError("http_status", "The server answered 404.", permanent=True)
    stop = _Slow(lambda: cancel(row.topic, reason="acknowledged", now=NOW), gone)
    monkeypatch.setitem(TRANSPORTS, "webhook", stop)
    assert deliver() == 0
    row.refresh_from_db()
    assert row.state == "cancelled"


@pytest.mark.parametrize(
    ("obstacle", "reason"),
    [
        ("address", "its address was removed"),
        ("person", "its recipient is inactive"),
        ("channel", "its channel is off"),
    ],
)
def test_what_nobody_can_get_is_cancelled_with_a_reason(obstacle, reason):
    if obstacle == "person":
        row = NotificationFactory(recipient__is_active=False)
    else:
        channel = ChannelFactory(is_enabled=False) if obstacle == "channel" else None
        row = NotificationFactory(recipient=None, contact_method=None, channel=channel)
    assert deliver() == 1
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("cancelled", reason)


def test_low_urgency_waits_for_the_end_of_quiet_hours(mail_sink):
    user = UserFactory(time_zone="Europe/Berlin")
    QuietHours.objects.create(user=user, starts=time(11), ends=time(12))
    low = NotificationFactory(recipient=user)
    high = NotificationFactory(recipient=user, urgency="high", subject="Page")

    deliver()

    low.refresh_from_db()
    high.refresh_from_db()
    assert (low.state, high.state) == ("pending", "sent")
    assert low.next_try_at == NOW.replace(hour=11, minute=0)
    deliver(low.next_try_at)
    low.refresh_from_db()
    assert low.state == "sent"


def test_low_urgency_to_one_person_leaves_as_one_message(mail_sink):
    user = UserFactory()
    method = ContactMethodFactory(user=user)
    rows = [
        NotificationFactory(
            recipient=user, contact_method=method, subject=f"Due {n}", url=f"/r/{n}/"
        )
        for n in range(3)
    ]
    page = NotificationFactory(
        recipient=user, contact_method=method, urgency="high", subject="Page"
    )
    other = NotificationFactory(subject="Somebody else's")

    assert deliver() == 5

    for row in [*rows, page, other]:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["sent", "bundled", "bundled"]
    assert [row.bundled_into for row in rows] == [None, rows[0], rows[0]]
    assert (page.state, other.state) == ("sent", "sent")
    assert len(mail_sink.mails) == 3
    digest = next(m for m in mail_sink.mails if b"Due 0 and 2 more" in m.content)
    assert all(f"/r/{n}/" in _text_of(digest) for n in range(3))


def test_a_digest_that_fails_comes_back_row_by_row(mail_sink):
    user = UserFactory()
    method = ContactMethodFactory(user=user)
    NotificationFactory.create_batch(2, recipient=user, contact_method=method)
    mail_sink.refuse = "450 later"
    deliver()
    assert set(Notification.objects.values_list("state", "attempts")) == {
        ("pending", 1)
    }
    mail_sink.refuse = "550 never"
    deliver(LATER)
    assert set(Notification.objects.values_list("state", flat=True)) == {"failed"}


def test_a_digest_holds_twenty_at_most(mail_sink):
    user = UserFactory()
    method = ContactMethodFactory(user=user)
    NotificationFactory.create_batch(21, recipient=user, contact_method=method)
    deliver()
    assert len(mail_sink.mails) == 2


def test_a_host_gets_four_at_once_and_a_hanging_one_delays_nobody(http_sink, mail_sink):
    for _ in range(6):
        hook(http_sink)
    NotificationFactory()
    http_sink.gate.clear()
    sweep = threading.Thread(target=lambda: (deliver(), connection.close()))
    sweep.start()
    for _ in range(100):
        if mail_sink.mails and http_sink.in_flight >= 4:
            break
        threading.Event().wait(0.05)
    # Time for a fifth, were there one.
    threading.Event().wait(0.2)
    assert (len(mail_sink.mails), http_sink.in_flight) == (1, 4)
    http_sink.gate.set()
    sweep.join()
    assert http_sink.most_at_once == 4
    assert Notification.objects.filter(state="sent").count() == 7


def test_a_sweep_begins_no_send_after_its_time(http_sink, monkeypatch):
    monkeypatch.setattr("oncall.services.delivery.LAST_START", 0.0)
    hook(http_sink)
    assert deliver() == 0
    assert http_sink.posts == []


def test_the_urgent_goes_first(http_sink, monkeypatch):
    monkeypatch.setattr("oncall.services.delivery.MOST_A_HOST", 1)
    hook(http_sink, subject="low")
    hook(http_sink, subject="high", urgency="high")
    hook(http_sink, subject="low")
    deliver()
    assert http_sink.posts[0]["subject"] == "high"


def test_it_refuses_to_send_inside_a_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError, match="outside"):
        deliver()


def test_a_row_that_another_sweep_took_is_left_to_it(http_sink, monkeypatch):
    row, other = hook(http_sink), hook(http_sink)
    # Both stand in one line behind each other; the first send takes the second.
    monkeypatch.setattr("oncall.services.delivery.MOST_A_HOST", 1)
    take = _Slow(
        lambda: Notification.objects.filter(pk=other.pk, state="pending").update(
            state="cancelled"
        )
    )
    monkeypatch.setitem(TRANSPORTS, "webhook", take)
    assert deliver() == 1
    row.refresh_from_db()
    assert row.state == "sent"
