"""The target as a real process, looked at by the real checks of the demo."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.urls import reverse

from checklists.models import Check, HeartbeatPing, Run
from checklists.services.generation import open_due_runs
from checklists.services.running import run_due_checks
from opsportal.demo import stage
from opsportal.demo.target import files
from opsportal.demo.target.jobs import report_all
from opsportal.demo.target.play import ping_address

pytestmark = [pytest.mark.database, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60.0
BACKUPS = len(files.BACKUPS) * files.KEPT_DAYS
# What the target says follows the clock of the machine.
LOADED_AT = datetime.now(UTC)


@pytest.fixture(scope="module")
def target(_loaded):
    with subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "demo_target"],
        cwd=ROOT,
        env=os.environ
        | {
            "OPSPORTAL_BOOTSTRAP": "0",
            "OPSPORTAL_VAR": str(_loaded.parent),
            # Nobody listens there: jobs wait for a portal that is not up yet.
            "SITE_URL": "http://127.0.0.1:9",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        said = process.stdout.readline()
        assert "played at" in said, said
        deadline = time.monotonic() + PATIENCE
        while len(list((_loaded / "backups").iterdir())) < BACKUPS:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield stage.load()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def look_at_everything():
    """Run every check once, at the present moment."""
    now = datetime.now(UTC)
    HeartbeatPing.objects.update(at=now - timedelta(minutes=5))
    Check.objects.update(next_due_at=now, lease_until=None)
    while run_due_checks(now=now):
        pass
    return now


def test_every_check_of_the_demo_sees_what_it_should(demo, target):
    look_at_everything()
    told = {
        f"{check.service.slug}/{check.slug}": check.results.latest("pk")
        for check in Check.objects.select_related("service")
    }
    blind = {
        name: (row.error_code, row.summary)
        for name, row in told.items()
        if row.outcome == "unknown"
    }
    # Baselines of the past need results of the past, which lie at another time.
    assert set(blind) <= {"arq/slow-queries"}, blind
    failing = {name for name, row in told.items() if row.outcome == "fail"}
    expected = {"arq/certificates", "arq/overnight-alerts"}
    # Told by what happened in the portal at the time of the tests.
    internal = {
        f"{check.service.slug}/{check.slug}"
        for check in Check.objects.filter(kind="internal").select_related("service")
    }
    # A busy machine answers a PING slowly.
    assert failing - internal - {"arq/cache-latency"} <= expected | {
        "amas/active-alerts",
        "amas/decision-latency-p99",
        "architect-api/error-rate",
    }
    assert "arq/certificates" in failing


def test_the_checks_tick_the_items_of_a_run_that_opens(demo, target):
    now = look_at_everything()
    open_due_runs(now=now)
    run = (
        Run.objects.filter(checklist__slug="arq-daily-checklist", opens_at__lte=now)
        .order_by("-opens_at")
        .first()
    )
    done = run.items.filter(state="done", source="auto")
    ticked = set(done.values_list("item__reference", flat=True))
    assert {"A02", "A03", "A04", "A05", "A07", "A09"} <= ticked
    certificate = run.items.get(item__reference="A06")
    assert (certificate.state, certificate.attention) == ("open", "failing")


@pytest.mark.parametrize(
    "path", ["/", "/mail", "/slack", "/arq/health", "/amas/metrics", "/arca/retention"]
)
def test_every_answer_says_that_it_is_a_demo(target, path):
    answer = requests.get(target.url + path, timeout=10)
    assert answer.status_code == 200
    assert "demo" in answer.headers["X-Demo"]


def test_what_is_said_in_a_channel_can_be_read(target):
    said = {"text": "ARQ <daily> is late"}
    requests.post(f"{target.url}/slack/platform", json=said, timeout=10)
    page = requests.get(f"{target.url}/slack", timeout=10).text
    assert "ARQ &lt;daily&gt; is late" in page


def test_mail_that_is_sent_can_be_read(target):
    backend = EmailBackend(host=stage.HOST, port=target.ports["smtp"], timeout=10)
    message = EmailMessage("Reminder", "Due\n.\nsoon", to=["a@demo.localhost"])
    assert backend.send_messages([message]) == 1
    page = requests.get(f"{target.url}/mail", timeout=10).text
    assert "Reminder" in page
    assert "a@demo.localhost" in page
    assert mail.outbox == []


class Portal(BaseHTTPRequestHandler):
    """Takes what jobs report."""

    words: list[str] = []

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.words.append(self.path.rpartition("/")[2])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


def test_every_job_reports_start_and_success(target):
    with ThreadingHTTPServer((stage.HOST, 0), Portal) as portal:
        Thread(target=portal.serve_forever, daemon=True).start()
        url = f"http://{stage.HOST}:{portal.server_port}"
        taken = asyncio.run(
            report_all(target, lambda token, word: f"{url}/{token}/{word}")
        )
        portal.shutdown()
    assert taken == len(target.jobs)
    assert Portal.words == ["start", "0"] * taken


def test_jobs_wait_for_a_portal_that_is_not_up(target):
    taken = asyncio.run(report_all(target, lambda token, word: "http://127.0.0.1:9/"))
    assert taken == 0


def test_jobs_report_where_the_portal_listens(settings):
    settings.SITE_URL = "http://localhost:8000"
    where = reverse("ping_word", args=["a-token", "0"])
    assert ping_address("a-token", "0") == f"http://localhost:8000{where}"
