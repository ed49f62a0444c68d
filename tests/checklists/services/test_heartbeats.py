"""Jobs that report: their addresses, what they send, and what it sets off."""

import uuid
from datetime import timedelta

import pytest

from checklists.models import Check, Heartbeat, HeartbeatPing
from checklists.services.heartbeats import MOST_BODY, create_heartbeat, receive_ping
from oncall.models import AuditEntry
from opsportal.kit.errors import PortalError
from opsportal.kit.tokens import hash_token
from tests.checklists.services.looks import look
from tests.factories.checklists import CheckFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def check():
    return CheckFactory(
        kind="heartbeat", spec={}, condition="age < 26h", fail_after=1, recover_after=1
    )


@pytest.fixture
def digest(check, now):
    return hash_token(create_heartbeat(check, by=None, now=now))


def test_the_address_is_shown_once_and_kept_as_a_digest(check, now):
    token = create_heartbeat(check, by=None, now=now)
    kept = Heartbeat.objects.get()
    assert token.startswith(kept.prefix)
    assert (kept.digest, kept.created_at) == (hash_token(token), now)
    assert token not in str(Heartbeat.objects.values().get())
    assert AuditEntry.objects.get().action == "heartbeat.created"


def test_a_new_address_kills_the_old_one(check, digest, now):
    newer = hash_token(create_heartbeat(check, by=None, now=now))
    assert not receive_ping(digest, kind="success", now=now)
    assert receive_ping(newer, kind="success", now=now)
    assert AuditEntry.objects.latest("pk").action == "heartbeat.replaced"


def test_other_kinds_have_no_address(now):
    with pytest.raises(PortalError, match="Only a heartbeat check"):
        create_heartbeat(CheckFactory(), by=None, now=now)


def test_an_unknown_address_keeps_nothing(check, now):
    assert not receive_ping(hash_token("nobody"), kind="success", now=now)
    assert not HeartbeatPing.objects.exists()


def test_a_ping_keeps_what_the_job_said(digest, now):
    run_id = uuid.uuid4()
    body = '{"rows": 7}\0' + "x" * MOST_BODY
    receive_ping(digest, kind="fail", now=now, body=body, exit_code=3, run_id=run_id)
    ping = HeartbeatPing.objects.get()
    assert (ping.kind, ping.exit_code, ping.run_id, ping.at) == ("fail", 3, run_id, now)
    assert ping.body.startswith('{"rows": 7}xxx')
    assert len(ping.body) == MOST_BODY


@pytest.mark.parametrize("kind", ["success", "fail"])
def test_success_and_failure_make_the_check_due_at_once(
    check, digest, kind, now, django_capture_on_commit_callbacks
):
    Check.objects.update(
        next_due_at=now + HOUR, lease_until=now + HOUR, lease_token=uuid.uuid4()
    )
    with django_capture_on_commit_callbacks() as nudged:
        receive_ping(digest, kind=kind, now=now)
    check.refresh_from_db()
    assert (check.next_due_at, check.lease_until, check.lease_token) == (
        now,
        None,
        None,
    )
    assert len(nudged) == 1


@pytest.mark.parametrize("kind", ["start", "log"])
def test_start_and_log_are_only_kept(check, digest, kind, now):
    Check.objects.update(next_due_at=now + HOUR)
    receive_ping(digest, kind=kind, now=now)
    check.refresh_from_db()
    assert check.next_due_at == now + HOUR
    assert HeartbeatPing.objects.get().kind == kind


def test_a_stopped_check_keeps_its_pings_and_stays_stopped(check, digest, now):
    Check.objects.update(is_enabled=False, next_due_at=None)
    receive_ping(digest, kind="success", now=now)
    assert HeartbeatPing.objects.exists()
    assert Check.objects.get().next_due_at is None


def test_a_job_passes_by_reporting_and_fails_by_silence_or_by_saying_so(
    check, digest, now
):
    before = look(check, at=now - HOUR)
    assert before.last_summary == "The job has not reported yet."
    receive_ping(digest, kind="success", now=now)
    assert look(check, at=now).status == "pass"
    assert look(check, at=now + 27 * HOUR).status == "fail"
    receive_ping(digest, kind="success", now=now + 28 * HOUR)
    assert look(check, at=now + 28 * HOUR).status == "pass"
    receive_ping(digest, kind="fail", exit_code=2, now=now + 29 * HOUR)
    failed = look(check, at=now + 29 * HOUR)
    assert (failed.status, failed.last_summary) == (
        "fail",
        "The job reported failure (exit code 2).",
    )


def test_what_a_job_sends_along_is_judged(check, digest, now):
    Check.objects.update(condition='json("$.rows") > 0')
    receive_ping(digest, kind="success", now=now, body='{"rows": 0}')
    assert look(check, at=now).status == "fail"
    receive_ping(digest, kind="success", now=now + HOUR, body='{"rows": 9}')
    assert look(check, at=now + HOUR).status == "pass"
