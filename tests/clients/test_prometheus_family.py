"""Alertmanager, Prometheus, vmalert and amtool, unmodified, speak to the portal.

Each is a real process beside the portal's own web server, with short intervals.
"""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.clients.portal import make_sender, only_alert, statuses
from tests.clients.programs import alertmanager_command, running, wait_for
from tests.targets import free_port

pytestmark = [pytest.mark.clients, pytest.mark.django_db(transaction=True)]


def post(url: str, value: object) -> bool:
    request = urllib.request.Request(  # noqa: S310 -- loopback
        url, json.dumps(value).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("kind", ["pagerduty", "alertmanager"])
def test_alertmanager_fires_and_resolves(need, live_server, tmp_path, kind):
    program = need("prometheus-alertmanager")
    key = make_sender(kind)
    settings = {
        "pagerduty": {
            "pagerduty_configs": [
                {
                    "url": f"{live_server.url}/v2/enqueue",
                    "routing_key": key,
                    "severity": "{{ .CommonLabels.severity }}",
                }
            ]
        },
        "alertmanager": {
            "webhook_configs": [{"url": f"{live_server.url}/ingest/{kind}/{key}"}]
        },
    }
    route = {
        "receiver": "portal",
        "group_wait": "0s",
        "group_interval": "200ms",
        "repeat_interval": "1h",
    }
    config = {"route": route, "receivers": [{"name": "portal", **settings[kind]}]}
    (tmp_path / "config.yml").write_text(json.dumps(config))
    port = free_port()
    url = f"http://127.0.0.1:{port}/api/v2/alerts"
    command = alertmanager_command(program, port)
    alert = {
        "labels": {"alertname": "DiskFull", "severity": "critical"},
        "startsAt": "2026-01-14T10:30:00Z",
    }
    with running(tmp_path, *command):
        wait_for(lambda: post(url, [alert]), tmp_path)
        wait_for(lambda: statuses() == ["firing"], tmp_path)
        ended = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        wait_for(lambda: post(url, [alert | {"endsAt": ended}]), tmp_path)
        wait_for(lambda: statuses() == ["resolved"], tmp_path)
    assert only_alert().level == 1


def write_rules(folder: Path, expression: str) -> None:
    rule = {
        "alert": "DiskFull",
        "expr": expression,
        "labels": {"severity": "warning"},
        "annotations": {"summary": "Disk full on db1"},
    }
    group = {"name": "disk", "interval": "1s", "rules": [rule]}
    (folder / "rules.yml").write_text(json.dumps({"groups": [group]}))


def write_command(program: Path, folder: Path, port: int, **config: object) -> list:
    (folder / "config.yml").write_text(json.dumps(config))
    return [
        program,
        "--config.file=config.yml",
        "--storage.tsdb.path=data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--rules.alert.resend-delay=1s",
        "--web.enable-lifecycle",
    ]


def test_prometheus_takes_the_portal_for_an_alertmanager(need, live_server, tmp_path):
    key = make_sender("prometheus")
    manager = {
        "path_prefix": f"/ingest/prometheus/{key}",
        "static_configs": [{"targets": [live_server.url.removeprefix("http://")]}],
    }
    port = free_port()
    command = write_command(
        need("prometheus"),
        tmp_path,
        port,
        **{"global": {"evaluation_interval": "1s"}},
        rule_files=["rules.yml"],
        alerting={"alertmanagers": [manager]},
    )
    write_rules(tmp_path, "vector(1)")
    with running(tmp_path, *command):
        wait_for(lambda: statuses() == ["firing"], tmp_path)
        wait_for(lambda: only_alert().event_count > 2, tmp_path)
        write_rules(tmp_path, "vector(1) > 1")
        reload_url = f"http://127.0.0.1:{port}/-/reload"
        wait_for(lambda: post(reload_url, {}), tmp_path)
        # A rule that is gone stops repeating; what expires is the portal's to end.
        wait_for(lambda: only_alert().expires_at is not None, tmp_path)
    alert = only_alert()
    assert (alert.summary, alert.level) == ("Disk full on db1", 3)


def test_vmalert_takes_the_portal_for_an_alertmanager(need, live_server, tmp_path):
    program = need("vmalert")
    key = make_sender("prometheus")
    port = free_port()
    write_rules(tmp_path, "vector(1)")
    command = (
        program,
        "-rule=rules.yml",
        f"-datasource.url=http://127.0.0.1:{port}",
        f"-notifier.url={live_server.url}/ingest/prometheus/{key}",
        "-evaluationInterval=1s",
        f"-httpListenAddr=127.0.0.1:{free_port()}",
    )
    answers = write_command(need("prometheus"), tmp_path, port)
    with running(tmp_path, *answers), running(tmp_path, *command):
        wait_for(lambda: statuses() == ["firing"], tmp_path)
    alert = only_alert()
    assert (alert.summary, alert.level) == ("Disk full on db1", 3)


def test_amtool_adds_and_finds_alerts(need, live_server, tmp_path):
    program = need("amtool")
    key = make_sender("prometheus")
    url = f"{live_server.url}/ingest/prometheus/{key}"

    def ask(*words: str) -> str:
        done = subprocess.run(
            [str(program), f"--alertmanager.url={url}", *words],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            text=True,
            timeout=60,
        )
        return done.stdout

    ask("alert", "add", "alertname=DiskFull", "severity=page", "node=db1")
    assert statuses() == ["firing"]
    assert "DiskFull" in ask("alert", "query", "alertname=DiskFull")
    assert "DiskFull" not in ask("alert", "query", "alertname=Other")
    assert "opsportal" in ask("config", "show")
    assert ask("silence", "query", "-o", "json").strip() == "[]"
