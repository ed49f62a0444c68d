"""Receivers that misbehave while a real engine sends: people hear another way."""

import asyncio
import socket
import struct
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from oncall.models import Notification, NotificationRule
from oncall.services.notifications import enqueue
from tests.factories.oncall import ContactMethodFactory, TeamFactory, UserFactory
from tests.faults.harness import PATIENCE

pytestmark = [pytest.mark.faults, pytest.mark.soak]
LATER = timedelta(hours=1)
HUGE = 50_000_000


class RudeHandler(BaseHTTPRequestHandler):
    """Behaves as the last part of the address says."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        getattr(self, f"be_{self.path.rpartition('/')[2]}")()

    def answer(self, status, body=b"no", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)

    def be_busy(self):
        self.answer(429, retry_after="600")

    def be_broken(self):
        self.answer(500)

    def be_silent(self):
        self.server.is_over.wait(60)

    def be_reset(self):
        # Closed without a farewell: the sender sees a reset.
        rude = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, rude)
        self.connection.close()

    def be_lying(self):
        self.answer(200, b'{"ok": false, "error": "fatal_error"}')

    def be_slow(self):
        self.answer(200, b"o", length=1000)
        while not self.server.is_over.wait(0.5):
            self.wfile.write(b"o")

    def be_huge(self):
        self.answer(500, b"", length=HUGE)
        for sent in range(0, HUGE, 100_000):
            self.wfile.write(b"o" * 100_000)
            self.server.most_sent = max(self.server.most_sent, sent)

    def log_message(self, *args):
        pass


class RudeServer(ThreadingHTTPServer):
    daemon_threads = True
    most_sent = 0

    def handle_error(self, *args):
        """Whoever hangs up on us is right."""


@pytest.fixture
def rude():
    server = RudeServer(("127.0.0.1", 0), RudeHandler)
    server.is_over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.is_over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def page_by(team, name, first, second=None):
    """Page an engineer by one way, and by another in an hour unless that fails."""
    engineer = UserFactory(team=team, username=name)
    delays = (timedelta(), LATER)
    for way, delay in zip(filter(None, (first, second)), delays, strict=False):
        method = ContactMethodFactory(user=engineer, **way)
        NotificationRule.objects.create(
            user=engineer, contact_method=method, delay=delay, urgency="high"
        )
    enqueue(
        team_id=team.pk,
        topic=f"alert:{engineer.pk}",
        dedupe_key=f"alert:{engineer.pk}:1:0",
        recipient=engineer,
        subject=f"Page of {name}",
        text="900",
        urgency="high",
        now=timezone.now(),
    )


def wait_until_heard(world, names, texts):
    def heard():
        said = texts()
        return all(any(f"Page of {name}" in text for text in said) for name in names)

    return world.wait_for(f"{names} heard", heard, patience=PATIENCE)


def test_whatever_a_webhook_does_the_page_takes_another_way(world, rude):
    team = TeamFactory()
    url = f"http://127.0.0.1:{rude.server_address[1]}"
    manners = {"busy", "broken", "silent", "reset", "slow", "huge", "lying"}
    for name in manners:
        kind = "slack" if name == "lying" else "webhook"
        page_by(
            team,
            name,
            {"kind": kind, "address": f"{url}/{name}"},
            {"kind": "email", "address": f"{name}@example.org"},
        )
    well = {"kind": "slack", "address": f"{world.slack.url}?well"}
    page_by(team, "well", well)
    engine = world.spawn("engine")
    wait_until_heard(world, ["well"], lambda: [str(post) for post in world.slack.posts])
    wait_until_heard(
        world, manners, lambda: [mail.content.decode() for mail in world.mail.mails]
    )
    assert engine.is_alive
    # What a receiver says is read to 64 kB; the rest stays in buffers on the way.
    assert rude.most_sent < HUGE / 2
    lied = Notification.objects.get(
        recipient__username="lying", contact_method__kind="slack"
    )
    assert lied.state != Notification.State.SENT


class RudeMail:
    """How the mail server of the world treats each mailbox."""

    def __init__(self, sink):
        self._sink = sink
        sink._controller.handler.handle_RCPT = self.handle_rcpt
        sink._controller.handler.handle_DATA = self.handle_data

    async def handle_rcpt(self, server, session, envelope, address, options):
        name = address.partition("@")[0]
        answers = {"refused": "550 no", "later": "421 come again"}
        if name in answers:
            return answers[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_data(self, server, session, envelope):
        name = envelope.rcpt_tos[0].partition("@")[0]
        if name == "hanging":
            await asyncio.sleep(60)
        if name == "dropping":
            server.transport.abort()
        self._sink.mails.append(envelope)
        return "250 OK"


def test_whatever_the_mail_server_does_the_page_takes_another_way(world):
    RudeMail(world.mail)
    team = TeamFactory()
    manners = {"refused", "later", "hanging", "dropping"}
    for name in manners:
        page_by(
            team,
            name,
            {"kind": "email", "address": f"{name}@example.org"},
            {"kind": "slack", "address": f"{world.slack.url}?{name}"},
        )
    page_by(team, "well", {"kind": "slack", "address": f"{world.slack.url}?well"})
    engine = world.spawn("engine")
    texts = lambda: [str(post) for post in world.slack.posts]  # noqa: E731 -- brief
    wait_until_heard(world, ["well"], texts)
    wait_until_heard(world, manners, texts)
    assert engine.is_alive
