"""Messages to people without an account: sent once, ended by their reader."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.db.models import TextField
from django.db.models.functions import Cast

from oncall.models import Notification
from oncall.queries.delivery_log import say_reader, say_way
from oncall.services.delivery import deliver_notifications
from oncall.services.outside import OutsideMessage, enqueue_outside, forget_address
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
OUT = "https://portal.example.org/unsubscribe/abc/"


def put(name, **more):
    said = {
        "team_id": None,
        "topic": "update:7",
        "dedupe_key": f"update:7:{name}",
        "address": f"{name}@example.org",
        "address_key": f"reader:{name}",
        "subject": "Trouble with the API",
        "text": "Some requests fail.",
        "unsubscribe_url": OUT,
    }
    enqueue_outside([OutsideMessage(**said | more)], now=NOW)


def test_each_reader_gets_a_mail_of_their_own_once_with_the_ways_out(mail_sink):
    put("ann")
    put("ann")
    put("bob", unsubscribe_url="")
    assert deliver_notifications(now=NOW) == 2
    assert deliver_notifications(now=NOW + timedelta(minutes=1)) == 0
    mails = {each.rcpt_tos[0]: each.content for each in mail_sink.mails}
    assert sorted(mails) == ["ann@example.org", "bob@example.org"]
    mail = message_from_bytes(mails["ann@example.org"], policy=policy.default)
    assert mail["list-unsubscribe"] == f"<{OUT}>"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content().endswith(f"Hear no more of this: {OUT}\r\n")
    assert b"unsubscribe" not in mails["bob@example.org"].lower()


def test_an_address_is_not_readable_in_the_database():
    put("ann")
    raw = Cast("address", TextField())
    (stored,) = Notification.objects.annotate(raw=raw).values_list("raw", flat=True)
    assert stored
    assert "ann" not in stored


def test_a_forgotten_reader_gets_nothing_more_and_leaves_no_address(mail_sink):
    put("ann")
    deliver_notifications(now=NOW)
    put("ann", dedupe_key="second")
    put("bob", dedupe_key="third")
    forget_address("reader:ann", reason="they unsubscribed", now=NOW)
    deliver_notifications(now=NOW)
    assert len(mail_sink.mails) == 2
    rows = Notification.objects.filter(address_key="reader:ann").order_by("pk")
    assert [(row.state, row.address) for row in rows] == [
        ("sent", ""),
        ("cancelled", ""),
    ]
    assert "unsubscribed" in rows[1].last_error


def test_without_an_address_nothing_is_tried():
    put("ann", address="")
    enqueue_outside([], now=NOW)
    assert deliver_notifications(now=NOW) == 1
    assert Notification.objects.get().last_error == "its address was removed"


def test_the_delivery_log_shows_only_what_is_needed():
    put("ann")
    row = Notification.objects.get()
    assert say_reader(row) == "Somebody outside"
    assert "ann@" not in say_way(row)[1]
