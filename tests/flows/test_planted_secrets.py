"""Fifty planted secrets, echoed by what is looked at: none comes out anywhere."""

import logging
from datetime import timedelta

import pytest
import redis
from django.apps import apps
from django.conf import settings as portal
from django.db import connection
from django.test import Client

from checklists.models import CheckResult
from checklists.services.check_rules import CheckPlan
from checklists.services.checks import try_check
from checklists.services.rolling import roll_up_results
from checklists.services.running import run_due_checks
from incidents.models import Alert
from oncall.models import Role
from opsportal.kit.nudge import nudge
from tests.factories.oncall import UserFactory
from tests.flows.planted import KINDS, PLANTED, planted_checks

pytestmark = [pytest.mark.flow, pytest.mark.django_db]


@pytest.fixture
def checks(settings, now):
    """Checks of five kinds that send the secrets to somebody who echoes them all."""
    with planted_checks(settings) as planted:
        yield planted


def read_tables():
    """Return every row of every table as text."""
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 -- our own names
            for row in cursor.fetchall():
                yield f"{table} {[_as_text(cell) for cell in row]}"


def _as_text(cell):
    return bytes(cell) if isinstance(cell, memoryview) else cell


def read_broker():
    """Return what Redis holds as text."""
    broker = redis.Redis.from_url(portal.REDIS_URL)
    readers = {
        b"string": broker.get,
        b"list": lambda key: broker.lrange(key, 0, -1),
        b"hash": broker.hgetall,
        b"set": broker.smembers,
        b"zset": lambda key: broker.zrange(key, 0, -1),
    }
    for key in broker.scan_iter():
        yield f"{key} {readers[broker.type(key)](key)}"


def test_fifty_planted_secrets_come_out_nowhere(
    checks, now, caplog, django_capture_on_commit_callbacks
):
    site, made = checks
    caplog.set_level(logging.DEBUG)
    with django_capture_on_commit_callbacks(execute=True):
        run_due_checks(now=now)
        nudge("checklists.run_due_checks")
    # They were really sent, and what came back was judged.
    assert {f"Bearer {value}" for value in PLANTED} <= {
        value for seen in site.seen for value in seen.headers.values()
    }
    assert CheckResult.objects.count() == len(KINDS)
    assert CheckResult.objects.filter(outcome="fail").exists()
    assert Alert.objects.exists()
    roll_up_results(now=now + timedelta(hours=2))
    seen = [
        repr(
            try_check(
                CheckPlan(
                    service=check.service,
                    name=check.name,
                    kind=check.kind,
                    spec=check.spec,
                    condition=check.condition,
                ),
                now=now,
            )
        )
        for check in made
    ]
    manager = UserFactory(team=made[0].service.team, team__role=Role.MANAGER)
    client = Client()
    client.force_login(manager, "django.contrib.auth.backends.ModelBackend")
    pages = [client.get("/checks/"), client.get("/alerts/")]
    pages += [client.get(f"/checks/{check.pk}/") for check in made]
    assert {page.status_code for page in pages} == {200}
    said = {
        "logs": [
            record.getMessage() + repr(record.__dict__) for record in caplog.records
        ],
        "database": list(read_tables()),
        "Redis": list(read_broker()),
        "pages": [page.content.decode() for page in pages],
        "tries": seen,
    }
    assert len(said["database"]) > 60
    leaks = {
        where: [text[:200] for text in texts if any(word in text for word in PLANTED)]
        for where, texts in said.items()
    }
    assert not any(leaks.values()), leaks
