"""`manage.py receive_mail` as a mail server calls it: a process, its input, its answer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from incidents.models import Alert, IngestEvent
from incidents.services.inbox import apply_inbox
from opsportal.kit.tokens import hash_token
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ROOT = Path(__file__).resolve().parents[3]
KEY = "k1" * 16
MAIL = (
    f"From: root@db1.example.org\nTo: alerts+{KEY}@example.org\n"
    "Subject: Disk full\nMessage-ID: <1@db1.example.org>\n\n3 % left\n"
).encode()


def database_url() -> str:
    """The database of the tests, as an address for another process."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    return f"postgres://{database['USER']}@/{database['HOST']}/{database['NAME']}"


def pipe(body: bytes, *arguments: str, database: str = ""):
    environment = os.environ | {
        "DATABASE_URL": database or database_url(),
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "receive_mail", *arguments],
        cwd=ROOT,
        env=environment,
        input=body,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def sender():
    return IntegrationFactory(kind="email", name="Mail", key_hash=hash_token(KEY))


def test_a_mail_is_stored_when_the_pipe_says_so(sender):
    answer = pipe(MAIL + b"x" * 2_000_000)
    assert answer.returncode == 0, answer.stderr
    kept = IngestEvent.objects.get()
    assert answer.stdout.decode().strip() == f"accepted: {kept.pk}"
    assert kept.status == "waiting"
    apply_inbox(now=NOW)
    assert Alert.objects.get().summary == "Disk full"


def test_what_is_refused_goes_back_to_whoever_sent_it(sender):
    assert pipe(MAIL, "nobody@example.org").returncode == 67
    assert pipe(b"no mail", f"alerts+{KEY}@example.org").returncode == 65
    assert IngestEvent.objects.get().status == "rejected"


@pytest.mark.parametrize(
    "database",
    ["postgres://nobody@/run/nowhere/at_all", "sqlite:////nowhere/at/all.sqlite3"],
)
def test_without_a_database_the_mail_server_tries_again(database):
    answer = pipe(MAIL, f"alerts+{KEY}@example.org", database=database)
    assert answer.returncode == 75
    assert b"try again" in answer.stderr
