"""What machines ask."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from oncall.models import SweepRecord
from oncall.services.tokens import create_token
from opsportal.engine import URGENT_SWEEPS
from tests.factories.oncall import ChannelFactory, UserFactory
from tests.factories.runs import judge_check, make_check, make_service, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def sweep_all(at):
    for name in URGENT_SWEEPS:
        SweepRecord.objects.update_or_create(
            name=name,
            defaults={
                "started_at": at,
                "finished_at": at,
                "duration": timedelta(seconds=0.2),
            },
        )


def test_health_says_ok_and_the_moment(client):
    body = client.get("/healthz").json()
    assert body["status"] == "ok"
    assert re.fullmatch(r"\S+\.\d{3}Z", body["timestamp"])
    assert abs(parse_datetime(body["timestamp"]) - timezone.now()) < timedelta(
        minutes=1
    )


def test_readiness_asks_the_database(client):
    assert client.get("/readyz").json() == {"status": "ok"}


def test_the_engine_is_late_until_every_sweep_ran(client):
    answer = client.get("/health/engine")
    assert answer.status_code == 503
    assert answer.json()["late"] == list(URGENT_SWEEPS)
    sweep_all(timezone.now())
    assert client.get("/health/engine").json() == {"status": "ok", "late": []}


def test_a_sweep_older_than_two_minutes_is_named(client):
    sweep_all(timezone.now())
    SweepRecord.objects.filter(name="run_due_checks").update(
        finished_at=timezone.now() - timedelta(seconds=121)
    )
    answer = client.get("/health/engine")
    assert (answer.status_code, answer.json()["late"]) == (503, ["run_due_checks"])


def test_metrics_need_a_token_with_their_scope(client):
    assert client.get("/metrics").status_code == 401
    for scope, status in (("read", 401), ("metrics", 200)):
        _, plain = create_token(
            UserFactory(),
            name="prometheus",
            scopes=[scope],
            team=None,
            lifetime=timedelta(days=1),
            now=timezone.now(),
        )
        headers = {"Authorization": f"Bearer {plain}"}
        assert client.get("/metrics", headers=headers).status_code == status


def test_metrics_take_the_configured_token_too(client, settings):
    settings.METRICS_TOKEN = "scrape-me"
    answer = client.get("/metrics", headers={"Authorization": "Bearer scrape-me"})
    assert answer.status_code == 200
    wrong = client.get("/metrics", headers={"Authorization": "Basic scrape-me"})
    assert wrong.status_code == 401


def test_metrics_count_runs_checks_sweeps_and_the_outbox(client, settings):
    settings.METRICS_TOKEN = "scrape-me"
    run = open_run()
    ChannelFactory(team=run.team)
    judge_check(make_check(make_service()), "fail", timezone.now())
    sweep_all(timezone.now())
    text = client.get(
        "/metrics", headers={"Authorization": "Bearer scrape-me"}
    ).content.decode()
    assert "opsportal_runs_open 1.0" in text
    assert "opsportal_runs_overdue 1.0" in text
    assert 'opsportal_checks{status="fail"} 1.0' in text
    assert 'opsportal_sweep_duration_seconds{sweep="settle_runs"} 0.2' in text
    assert "opsportal_notification_queue_age_seconds 0.0" in text
