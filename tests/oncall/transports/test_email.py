from email import message_from_bytes, policy

import pytest
from django.core.mail.backends.smtp import EmailBackend

from oncall.domain.message_act import Act
from oncall.models import TransportKind
from oncall.transports import TRANSPORTS, Message, TransportError
from oncall.transports.email import EmailTransport, clean_subject, message_id
from tests.targets import free_port, raw_server

MESSAGE = Message("Late: ARQ daily", "2 items open.", url="https://ops.example.com/r/7")
HEADERS = {
    "content-type", "mime-version", "subject", "from", "to", "date", "message-id",
    "auto-submitted", "x-auto-response-suppress", "content-transfer-encoding",
}  # fmt: skip

# What senders of alerts might put into a subject to begin a header of their own.
BREAKS = ("\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028")
PAYLOADS = (
    "Bcc: spy@evil.example",
    "X-Injected: 1",
    "\r\nThe body of somebody else",
    "Content-Type: text/html",
    "=?utf-8?q?=0D=0ABcc:_spy=40evil.example?=",
)
VECTORS = [f"Alert{gap}{payload}" for gap in BREAKS for payload in PAYLOADS]


@pytest.fixture
def email(postbox):
    return EmailTransport(lambda: EmailBackend("127.0.0.1", postbox.port, timeout=5))


def refusal(transport, address="a@example.com"):
    with pytest.raises(TransportError) as caught:
        transport.send(MESSAGE, address, key="run:7:due")
    return caught.value.code, caught.value.permanent


def read(postbox):
    recipients, content = postbox.mails[-1]
    plain = content.replace(b"\r\n", b"\n")
    return recipients, message_from_bytes(plain, policy=policy.default)


def test_a_mail_arrives_and_says_that_a_machine_wrote_it(email, postbox):
    receipt = email.send(MESSAGE, "a@example.com", key="run:7:due")
    recipients, mail = read(postbox)
    assert recipients == ["a@example.com"]
    assert mail["subject"] == "Late: ARQ daily"
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["message-id"] == receipt.provider_id == message_id("run:7:due")
    assert mail.get_content() == "2 items open.\n\nhttps://ops.example.com/r/7\n"


def test_html_goes_along_with_the_text(email, postbox):
    message = Message("s", "plain", html="<p>rich</p>")
    email.send(message, "a@example.com", key="k")
    _, mail = read(postbox)
    assert mail.get_body(("plain",)).get_content().strip() == "plain"
    assert mail.get_body(("html",)).get_content().strip() == "<p>rich</p>"


def test_a_link_that_is_in_the_text_is_not_repeated(email, postbox):
    message = Message("s", "see https://x.example/", url="https://x.example/")
    email.send(message, "a@example.com", key="k")
    assert read(postbox)[1].get_content() == "see https://x.example/\n"


def test_a_repetition_has_the_same_id_and_another_mail_another():
    assert message_id("a") == message_id("a") != message_id("b")
    assert message_id("\r\n").count("@") == 1


@pytest.mark.parametrize("subject", VECTORS)
def test_no_subject_adds_a_header(email, postbox, subject):
    email.send(Message(subject, "text"), "a@example.com", key=subject)
    recipients, mail = read(postbox)
    assert recipients == ["a@example.com"]
    assert {name.lower() for name in mail} - {"x-peer", "x-mailfrom", "x-rcptto"} <= (
        HEADERS
    )
    assert mail.get_content() == "text\n"


def test_there_are_50_vectors():
    assert len(set(VECTORS)) == 50


def test_a_subject_is_one_short_line():
    assert clean_subject(" a\t\r\n b\u202e\x00c ") == "a bc"
    assert len(clean_subject("x" * 500)) == 200


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b@c", "a@example.com\r\nBcc: b@example.com", "a@x.com,b@x.com"],
)
def test_what_is_no_address_is_never_tried(email, postbox, address):
    assert refusal(email, address) == ("bad_address", True)
    assert postbox.mails == []


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("RCPT", "550 no such mailbox", ("recipient_refused", True)),
        ("RCPT", "451 try later", ("recipient_refused", False)),
        ("DATA", "554 spam", ("smtp_status", True)),
        ("DATA", "452 disk full", ("smtp_status", False)),
    ],
)
def test_the_server_decides_whether_to_try_again(
    email, postbox, command, answer, outcome
):
    postbox.refusals[command] = answer
    assert refusal(email) == outcome


def test_a_server_that_wants_a_password_is_worth_repeating(postbox):
    def connection():
        return EmailBackend("127.0.0.1", postbox.port, "me", "planted", timeout=5)

    code, permanent = refusal(EmailTransport(connection))
    assert not permanent
    assert code in {"access_denied", "connection_failed"}


def test_a_password_that_is_refused_is_worth_repeating():
    answers = [
        b"220 hi\r\n",
        b"250-x\r\n250 AUTH PLAIN\r\n",
        b"535 no\r\n",
        b"535 no\r\n",
    ]

    def talk(client):
        for answer in answers:
            client.sendall(answer)
            client.recv(1000)

    with raw_server(talk) as port:
        transport = EmailTransport(
            lambda: EmailBackend("127.0.0.1", port, "me", "planted", timeout=2)
        )
        assert refusal(transport) == ("access_denied", False)


def test_a_server_that_is_not_there_is_worth_repeating():
    port = free_port()
    transport = EmailTransport(lambda: EmailBackend("127.0.0.1", port, timeout=2))
    assert refusal(transport) == ("connection_failed", False)


def test_the_portal_has_these_channels():
    assert set(TRANSPORTS) == set(TransportKind.values)


def test_only_links_of_the_one_reader_stand_in_a_mail(email, postbox):
    mine = Act("resolve", "Resolve", "alert:1", "https://x.example/act/1/")
    many = Act("resolve", "Resolve", "alert:1")
    for acts in ((mine,), (many,)):
        email.send(Message("s", "t", acts=acts), "a@example.org", key="k")
    first, second = (mail.decode() for _, mail in postbox.mails)
    assert "Resolve: https://x.example/act/1/" in first
    assert "for you alone" in first
    assert "Resolve" not in second
