"""Mail at its address: stored before anybody is answered, and applied as any message."""

import pytest

from incidents.models import Alert, IngestEvent
from incidents.services import mail
from incidents.services.inbox import apply_inbox
from incidents.services.messages import MOST_BODY
from opsportal.kit.tokens import hash_token
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory, SeverityLevelFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
KEY = "k1" * 16


def make(**fields):
    fields = {"kind": "email", "name": "Mail", "key_hash": hash_token(KEY)} | fields
    return IntegrationFactory(**fields)


def write(subject, number=1, to=f"alerts+{KEY}@example.org", text="Look"):
    return (
        f"From: root@db1.example.org\nTo: {to}\nSubject: {subject}\n"
        f"Message-ID: <{number}@db1.example.org>\n\n{text}\n"
    ).encode()


def take(body, key=KEY):
    taken = mail.take_mail(key, body, now=NOW)
    apply_inbox(now=NOW)
    return taken


def test_a_mail_opens_an_alert_and_another_ends_it():
    sender = make(severity_mapping={"CRITICAL": "P1"})
    SeverityLevelFactory(service=sender.service, label="P1", level=1)
    taken = take(write("** PROBLEM web is CRITICAL **"))
    alert = Alert.objects.get()
    assert (taken.status, alert.series.dedup_key) == ("accepted", taken.dedup_key)
    assert (alert.severity_label, alert.level) == ("P1", 1)
    assert (alert.summary, alert.description) == (
        "** PROBLEM web is CRITICAL **",
        "Look",
    )
    take(write("** RECOVERY web is OK **", number=2))
    alert.refresh_from_db()
    assert alert.status == "resolved"
    bodies = IngestEvent.objects.values_list("body", flat=True)
    assert not any(KEY.encode() in bytes(body) for body in bodies)


def test_a_mail_that_comes_twice_counts_once():
    make()
    first, again = take(write("Disk full")), take(write("Disk full"))
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert Alert.objects.get().event_count == 1
    take(write("Disk full", number=2))
    assert Alert.objects.get().event_count == 2


def test_the_address_is_found_in_the_words_of_the_mail_server_or_the_headers():
    make()
    IntegrationFactory(kind="webhook", name="W", key_hash=hash_token("w" * 32))
    body = write("Disk full")
    find = mail.find_mail_key
    assert find(f"alerts+{KEY}@example.org", b"", now=NOW) == KEY
    assert find("", body, now=NOW) == KEY
    assert find("", write("x", to=f"{'w' * 32}@example.org"), now=NOW) == ""
    assert find("somebody@example.org", body, now=NOW) == ""


@pytest.mark.parametrize("key", ["", "w" * 32])
def test_nobodys_address_takes_nothing(key):
    make()
    with pytest.raises(mail.Refused) as caught:
        take(write("Disk full"), key)
    assert caught.value.status == 404
    assert not IngestEvent.objects.exists()


@pytest.mark.parametrize(
    ("fields", "body", "status", "reason"),
    [
        ({"is_enabled": False}, write("x"), 404, "The integration is switched off."),
        ({}, b"hello", 400, "body: This is no mail: it has no headers."),
    ],
)
def test_what_is_not_let_in_is_kept_with_its_reason(fields, body, status, reason):
    make(**fields)
    with pytest.raises(mail.Refused) as caught:
        take(body)
    assert (caught.value.status, caught.value.reason) == (status, reason)
    kept = IngestEvent.objects.get()
    assert (kept.status, kept.reason) == ("rejected", reason)


def test_a_long_mail_is_cut_and_still_an_alert():
    make()
    take(write("Disk full", text="x" * MOST_BODY))
    kept = IngestEvent.objects.get()
    assert kept.reason == "Cut at 512 KB; 1 opened"
    assert len(bytes(kept.body)) <= MOST_BODY


def test_a_key_that_ends_meanwhile_opens_nothing(monkeypatch):
    make()
    monkeypatch.setattr("incidents.services.inbox.store", lambda *_, **__: None)
    with pytest.raises(mail.Refused, match="any more"):
        take(b"Subject: x\n\n")
