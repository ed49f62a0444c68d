"""The sweep: what it claims, how it looks, and what a lost lease means."""

import sqlite3
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from checklists.models import Check, CheckResult
from checklists.services import running
from checklists.services.running import lease_for, run_due_checks, verify_check
from tests.checklists.services.looks import NOBODY_LISTENS, look, open_alerts
from tests.factories.checklists import (
    CheckFactory,
    DataSourceFactory,
    settle_check,
)
from tests.factories.oncall import SecretFactory, ServiceFactory
from tests.targets import Reply

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LEASE = lease_for([])


@pytest.fixture
def check(site):
    return CheckFactory(spec={"url": f"{site.url}/health"})


def test_a_due_check_is_looked_at_and_its_result_kept(check, now):
    assert run_due_checks(now=now) == 1
    result = CheckResult.objects.get()
    assert (result.outcome, result.value, result.error_code) == ("pass", 200.0, "")
    assert result.scheduled_for == check.next_due_at
    assert 0 < result.latency_ms < 60_000
    check.refresh_from_db()
    assert (check.status, check.last_value) == ("pass", 200.0)
    assert check.last_ok_at == check.last_observed_at == result.observed_at
    assert (check.lease_token, check.lease_until) == (None, None)
    assert now < check.next_due_at <= now + check.interval + timedelta(seconds=1)


@pytest.mark.parametrize(
    "fields",
    [
        {"is_enabled": False},
        {"next_due_at": None},
        {"lease_token": uuid.uuid4()},
    ],
)
def test_what_is_not_due_or_belongs_to_another_sweep_is_left(check, now, fields):
    Check.objects.filter(pk=check.pk).update(lease_until=now + MINUTE, **fields)
    assert run_due_checks(now=now) == 0
    assert not CheckResult.objects.exists()


def test_a_lease_is_as_long_as_the_slowest_look_of_the_batch():
    seconds = [lease_for([timedelta(seconds=n)]).total_seconds() for n in (1, 7, 60)]
    assert seconds == [22, 24, 27]


def test_a_lease_that_ran_out_is_taken_over(check, now):
    Check.objects.filter(pk=check.pk).update(lease_until=now, lease_token=uuid.uuid4())
    assert run_due_checks(now=now) == 1


def test_looks_that_were_missed_are_not_made_up_for(check, now):
    Check.objects.update(next_due_at=now - timedelta(hours=5))
    assert run_due_checks(now=now) == 1
    assert CheckResult.objects.count() == 1
    check.refresh_from_db()
    assert check.next_due_at > now


def test_a_worker_that_lost_its_lease_writes_nothing(check, site, now):
    def take_over(_seen):
        # On a connection of its own this would wait for nothing: no row is locked.
        stolen.append(connection.in_atomic_block)
        return Reply(200)

    stolen = []
    site.routes["/health"] = take_over
    token = uuid.uuid4()
    Check.objects.update(lease_token=token, lease_until=now + LEASE)
    (claimed,) = running._load(Check.objects.all())
    Check.objects.update(lease_token=uuid.uuid4())
    running.observe_and_record([claimed], token=token, now=now)
    assert len(stolen) == 1
    assert not CheckResult.objects.exists()
    check.refresh_from_db()
    assert (check.status, check.lease_until) == ("pending", now + LEASE)


def test_a_full_batch_asks_for_the_next_sweep(
    site, now, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(running, "BATCH", 2)
    CheckFactory.create_batch(3, spec={"url": f"{site.url}/health"})
    with django_capture_on_commit_callbacks() as asked:
        assert run_due_checks(now=now) == 2
    assert len(asked) == 1
    with django_capture_on_commit_callbacks() as asked:
        assert run_due_checks(now=now) == 1
    assert asked == []


def test_a_failure_is_confirmed_by_a_second_look_soon_after(check, site, now):
    site.routes["/health"] = Reply(500)
    look(check, at=now)
    assert check.status == "pending"
    assert check.next_due_at <= now + timedelta(seconds=12)
    look(check, at=now + timedelta(seconds=12))
    assert check.status == "fail"
    assert check.last_summary == "status 500, not == 200"


def test_verifying_looks_at_once_whoever_holds_the_check(check, now):
    Check.objects.update(
        lease_token=uuid.uuid4(), lease_until=now + LEASE, next_due_at=now + MINUTE
    )
    seen = verify_check(check.pk, now=now)
    assert (seen.status, seen.lease_token) == ("pass", None)
    assert CheckResult.objects.get().scheduled_for >= now


def test_verifying_a_check_that_is_gone_says_so(now):
    with pytest.raises(Check.DoesNotExist):
        verify_check(1, now=now)


def test_a_private_address_that_nobody_opened_is_not_asked(site, settings, now):
    settings.EGRESS_ALLOW = ""
    check = look(CheckFactory(spec={"url": f"{site.url}/health"}), at=now)
    result = CheckResult.objects.get()
    assert (result.outcome, result.error_code) == ("unknown", "egress_denied")
    assert check.status == "pending"
    assert site.seen == []


def test_a_secret_is_sent_for_its_own_team_only(site, now):
    spec = {"url": f"{site.url}/health", "headers": {"X-Key": "{{secret:key}}"}}
    mine = CheckFactory(spec=spec)
    CheckFactory(spec=spec)
    SecretFactory(team=mine.service.team, name="key", value="hush", hosts=["127.0.0.1"])
    run_due_checks(now=now)
    assert [seen.headers["x-key"] for seen in site.seen] == ["hush"]
    codes = CheckResult.objects.values_list("check_ref", "error_code")
    assert sorted(dict(codes).values()) == ["", "secret_refused"]


def test_an_sql_check_reads_its_own_source(settings, tmp_path, now):
    file = tmp_path / "shop.sqlite3"
    with sqlite3.connect(file) as shop:
        shop.execute("create table orders as select 7 as number")
    settings.FILE_ROOTS = [str(tmp_path)]
    service = ServiceFactory()
    source = DataSourceFactory(team=service.team, dsn=f"sqlite://{file}")
    spec = {"source": source.name, "query": "select count(*) from orders"}
    check = CheckFactory(
        service=service,
        kind="sql",
        spec=spec,
        data_source=source,
        condition="value == 1",
    )
    assert look(check, at=now).status == "pass"


@pytest.fixture
def offline(settings):
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"
    settings.CANARY_TARGETS = [f"127.0.0.1:{NOBODY_LISTENS}"]


def test_when_no_canary_answers_network_checks_are_unknown_with_one_alert(offline, now):
    first = CheckFactory()
    CheckFactory(service__team=first.service.team)
    for at in (now, now + MINUTE, now + 2 * MINUTE):
        Check.objects.update(next_due_at=at)
        run_due_checks(now=at)
    codes = set(CheckResult.objects.values_list("outcome", "error_code"))
    assert codes == {("unknown", "runner_offline")}
    assert open_alerts() == [
        ("The portal cannot reach the network: its checks are unknown", 2)
    ]


def test_the_alert_of_being_offline_ends_with_it(offline, settings, site, now):
    check = look(CheckFactory(spec={"url": f"{site.url}/health"}), at=now)
    assert len(open_alerts()) == 1
    settings.CANARY_TARGETS = [f"127.0.0.1:{NOBODY_LISTENS}", f"127.0.0.1:{site.port}"]
    look(check, at=now + MINUTE)
    assert open_alerts() == []
    assert check.status == "pass"


def test_a_local_check_goes_on_while_we_are_offline(offline, now):
    check = CheckFactory(
        kind="internal", spec={"source": "drills"}, condition="value == 0"
    )
    assert look(check, at=now).status == "pass"


def test_a_canary_that_may_not_be_asked_says_nothing(settings, site, now):
    settings.CANARY_TARGETS = ["127.0.0.2", "not a host:1"]
    assert look(CheckFactory(spec={"url": f"{site.url}/health"}), at=now)
    assert CheckResult.objects.get().outcome == "pass"


def test_facts_that_cannot_be_had_make_one_check_unknown(site, now):
    bad = CheckFactory(kind="internal", spec={"source": "drills", "days": "many"})
    good = CheckFactory(spec={"url": f"{site.url}/health"})
    assert run_due_checks(now=now) == 2
    outcomes = CheckResult.objects.values_list("check_ref", "error_code")
    assert dict(outcomes) == {bad.pk: "probe_error", good.pk: ""}


def test_a_flaky_check_goes_on_from_its_settled_state(check, now):
    settle_check(check, "fail")
    look(check, at=now, times=2)
    assert check.status == "pass"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_sweeps_at_once_record_no_slot_twice(site, now):
    CheckFactory.create_batch(60, spec={"url": f"{site.url}/health"})
    handled = []

    together = threading.Barrier(8)

    def sweep():
        try:
            for step in range(3):
                together.wait()
                handled.append(run_due_checks(now=now + 2 * step * MINUTE))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slots = list(CheckResult.objects.values_list("check_ref", "scheduled_for"))
    assert len(slots) == len(set(slots)) == sum(handled) == 180
    assert not Check.objects.exclude(lease_token=None).exists()
