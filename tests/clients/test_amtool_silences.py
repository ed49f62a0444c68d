"""amtool, unmodified, silences in the portal."""

import os
import subprocess

import pytest

from incidents.models import Alert, Integration, Silence
from incidents.services import alerts
from incidents.services.alerts import AlertSignal
from opsportal.kit.tokens import hash_token
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory

pytestmark = [pytest.mark.clients, pytest.mark.django_db(transaction=True)]
KEY = "k" * 32


def test_amtool_adds_lists_and_expires_a_silence(need, live_server, tmp_path):
    amtool = need("amtool")
    sender = IntegrationFactory(
        kind=Integration.Kind.PROMETHEUS, name="Prometheus", key_hash=hash_token(KEY)
    )
    signal = AlertSignal(
        dedup_key="disk", summary="Disk full", level=2, labels={"host": "db1"}
    )
    alerts.ingest_alert(sender, signal, now=NOW)

    def run(*words):
        done = subprocess.run(
            [
                amtool,
                f"--alertmanager.url={live_server.url}/ingest/prometheus/{KEY}",
                *words,
            ],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = run(
        "silence", "add", "host=~db.*", "--comment=Replaced", "--author=ops"
    ).strip()
    assert (Silence.objects.get().author, str(Silence.objects.get().public_id)) == (
        "ops",
        made,
    )
    assert Alert.objects.get().muted_at is not None
    assert run("silence", "query", "--quiet").strip() == made
    assert "db1" not in run("alert", "query")
    run("silence", "expire", made)
    assert Alert.objects.get().muted_at is None
    assert run("silence", "query", "--quiet").strip() == ""
