"""PagerDuty's own clients, unmodified, speak to the portal."""

import importlib
import json
import os
import select
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pagerduty
import pytest

from incidents.models import Alert, IngestEvent
from tests.clients.portal import make_sender, statuses
from tests.targets import Authority

PDJS = Path(__file__).parent / "pdjs"
pytestmark = [pytest.mark.clients, pytest.mark.django_db(transaction=True)]


class Relay(socketserver.BaseRequestHandler):
    """Carry bytes between a client that speaks TLS and the portal."""

    def handle(self) -> None:
        with (
            self.server.context.wrap_socket(self.request, server_side=True) as outside,
            socket.create_connection(self.server.portal) as inside,
        ):
            while True:
                for ready in select.select([outside, inside], [], [])[0]:
                    data = ready.recv(65_536)
                    if not data:
                        return
                    (outside if ready is inside else inside).sendall(data)


@pytest.fixture
def secure_url(live_server, tmp_path, monkeypatch) -> Iterator[str]:
    """Put TLS before the portal, as the client insists on it."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay) as server:
        server.daemon_threads = True
        server.context = authority.context()
        server.portal = (live_server.thread.host, live_server.thread.port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(5)


def test_the_client_of_today_triggers_acknowledges_and_resolves(secure_url):
    key = make_sender("pagerduty")
    with pagerduty.EventsApiV2Client(key, base_url=secure_url) as client:
        dedup_key = client.trigger("Disk full", "db1", severity="critical")
        assert statuses() == ["firing"]
        client.acknowledge(dedup_key)
        assert statuses() == ["acknowledged"]
        client.resolve(dedup_key)
        assert statuses() == ["resolved"]
        client.send_change_event({"summary": "v2 is live", "source": "deploys"})
        wrong = pagerduty.EventsApiV2Client("x" * 32, base_url=secure_url)
        with wrong, pytest.raises(pagerduty.HttpError, match="400"):
            wrong.trigger("Disk full", "db1")
    assert statuses() == ["resolved"]
    assert IngestEvent.objects.filter(kind="change", status="accepted").count() == 1
    alert = Alert.objects.get()
    assert (alert.level, alert.summary) == (1, "Disk full")


def test_the_client_before_it_does_the_same(live_server):
    with pytest.warns(UserWarning, match="deprecated"):
        pdpyras = importlib.reload(importlib.import_module("pdpyras"))
    session = pdpyras.EventsAPISession(make_sender("pagerduty"))
    session.url = live_server.url
    with session:
        dedup_key = session.trigger("Disk full", "db1", severity="warning")
        session.acknowledge(dedup_key)
        assert statuses() == ["acknowledged"]
        session.resolve(dedup_key)
    assert statuses() == ["resolved"]
    assert Alert.objects.get().level == 3


def test_the_client_for_javascript_does_the_same(secure_url, need, pytestconfig):
    node = need("node")
    folder = pytestconfig.cache.mkdir("npm")
    install = [sys.executable, "-m", "tests.clients.npm", PDJS / "package-lock.json"]
    subprocess.run([*install, folder], check=True)
    server = secure_url.removeprefix("https://")
    said = subprocess.run(
        [node, PDJS / "speak.cjs", server, make_sender("pagerduty")],
        env={
            "NODE_PATH": str(folder / "node_modules"),
            "NODE_EXTRA_CA_CERTS": os.environ["SSL_CERT_FILE"],
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == [[202, "success"]] * 4
    assert statuses() == ["resolved"]
    assert IngestEvent.objects.filter(kind="change", status="accepted").count() == 1
