"""The addresses that jobs call: one word back, and nothing without a store."""

import uuid

import pytest
from django.test import Client

from checklists.models import HeartbeatPing
from checklists.services.heartbeats import MOST_BODY, create_heartbeat
from tests.factories.checklists import CheckFactory
from tests.factories.runs import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    check = CheckFactory(kind="heartbeat", spec={}, condition="age < 26h")
    return f"/ping/{create_heartbeat(check, by=None, now=NOW)}"


@pytest.fixture
def job():
    return Client(enforce_csrf_checks=True)


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_every_way_of_calling_is_a_success(job, address, method):
    response = getattr(job, method)(address)
    assert response.status_code == 200
    assert response.content == (b"" if method == "head" else b"OK\n")
    assert HeartbeatPing.objects.get().kind == "success"


@pytest.mark.parametrize(
    ("word", "kind", "code"),
    [
        ("start", "start", None),
        ("fail", "fail", None),
        ("log", "log", None),
        ("0", "success", 0),
        ("3", "fail", 3),
        ("255", "fail", 255),
    ],
)
def test_a_word_or_exit_code_says_more(job, address, word, kind, code):
    assert job.get(f"{address}/{word}").content == b"OK\n"
    ping = HeartbeatPing.objects.get()
    assert (ping.kind, ping.exit_code) == (kind, code)


@pytest.mark.parametrize("word", ["256", "-1", "stop", "²", "0x1", "start/"])
def test_other_words_are_not_found(job, address, word):
    assert job.get(f"{address}/{word}").status_code == 404
    assert not HeartbeatPing.objects.exists()


def test_an_unknown_address_is_not_found_and_never_redirects(job, address):
    for path in ("/ping/nobody", f"{address}x", "/ping/"):
        assert job.post(path).status_code == 404


@pytest.mark.parametrize("path", ["", "/start"])
def test_plain_http_is_not_sent_elsewhere(job, address, settings, path):
    settings.SECURE_SSL_REDIRECT = True
    assert job.get(f"{address}{path}").status_code == 200


def test_other_methods_are_refused(job, address):
    assert job.delete(address).status_code == 405


def test_the_body_is_kept_up_to_its_limit(job, address):
    job.post(address, data=b"\xff" + b"x" * 20_000, content_type="text/plain")
    kept = HeartbeatPing.objects.get().body
    assert kept.startswith("\N{REPLACEMENT CHARACTER}xxx")
    assert len(kept) == MOST_BODY


def test_runs_are_joined_by_their_id(job, address):
    run_id = uuid.uuid4()
    job.get(f"{address}/start", {"rid": str(run_id)})
    assert HeartbeatPing.objects.get().run_id == run_id
    assert job.get(address, {"rid": "seven"}).status_code == 400


def test_the_answer_is_not_cached(job, address):
    assert "no-store" in job.get(address).headers["Cache-Control"]
