import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from checklists.domain.observation import Observation
from checklists.probes import PROBES, engine
from checklists.probes.engine import Limits, ProbeJob, run_in_thread, run_probes
from checklists.probes.protocol import FieldDoc
from tests.targets import Reply, free_port

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def run(jobs, policy, **more):
    return run_probes(jobs, now=NOW, policy=policy, **more)


class BrokenProbe:
    """Made for a test: behaves as its spec says."""

    kind = "broken"
    fields = (FieldDoc("value", "", "nothing"),)
    keys_of_facts = ()

    def check_spec(self, spec):
        if spec.get("how") == "check":
            raise RuntimeError("a mistake in check_spec")
        return []

    def host_of(self, spec):
        if spec.get("how") == "host":
            raise TypeError("a mistake in host_of")
        return ""

    async def observe(self, spec, context):
        if spec.get("how") == "block":
            time.sleep(0.2)
        elif spec.get("how") == "hang":
            await run_in_thread(lambda: time.sleep(60))
        elif spec.get("how") == "raise":
            raise RuntimeError("a mistake in observe")
        return Observation(context.now, {"value": 1}, detail="x" * 5000)


@pytest.fixture
def broken(monkeypatch):
    monkeypatch.setitem(PROBES, "broken", BrokenProbe())

    def job(how, **more):
        return ProbeJob(how, "broken", {"how": how}, **more)

    return job


def test_results_come_in_the_order_of_the_jobs(site, policy):
    site.routes["/slow"] = Reply(200, wait=0.1)
    site.routes["/fast"] = Reply(201)
    jobs = [
        ProbeJob(name, "http", {"url": f"{site.url}/{name}"})
        for name in ("slow", "fast", "none")
    ]
    results = run(jobs, policy)
    assert [result.id for result in results] == ["slow", "fast", "none"]
    statuses = [result.observation.fields["status"] for result in results]
    assert statuses == [200, 201, 404]
    for result in results:
        assert NOW <= result.observation.observed_at < NOW + 60 * SECOND


def test_nothing_to_do_is_done(policy):
    assert run([], policy) == []


def together(count):
    """A route that answers ``count`` who wait at the same time."""
    met = threading.Barrier(count, timeout=60)

    def answer(_seen):
        met.wait()
        return Reply(200, wait=0.02)

    return answer


def test_no_more_than_four_look_at_one_host(site, policy):
    site.routes["/"] = together(4)
    jobs = [ProbeJob(n, "http", {"url": f"{site.url}/?{n}"}) for n in range(12)]
    assert {r.observation.fields["status"] for r in run(jobs, policy)} == {200}
    assert site.most_at_once == 4


def test_no_more_look_at_once_than_may(site, policy):
    site.routes["/"] = together(3)
    jobs = [ProbeJob(n, "http", {"url": f"{site.url}/?{n}"}) for n in range(12)]
    run(jobs, policy, limits=Limits(concurrency=3, per_host=50))
    assert site.most_at_once == 3


def test_many_start_in_waves(site, policy):
    site.routes["/"] = Reply(200)
    jobs = [ProbeJob(n, "http", {"url": f"{site.url}/"}) for n in range(60)]
    results = run(jobs, policy, limits=Limits(spread=timedelta(seconds=0.5)))
    moments = [result.observation.observed_at for result in results]
    assert moments[-1] - moments[0] > timedelta(seconds=0.3)


def test_a_dead_host_does_not_hold_up_the_others(site, policy):
    was_seen = threading.Event()
    site.routes["/dead"] = lambda _seen: Reply(200 if was_seen.wait(60) else 500)
    site.routes["/"] = lambda _seen: was_seen.set() or Reply(200)
    dead = [ProbeJob(n, "http", {"url": f"{site.url}/dead"}) for n in range(20)]
    alive = ProbeJob("alive", "http", {"url": f"http://localhost:{site.port}/"})
    limits = Limits(concurrency=10)
    *dead_results, last = run([*dead, alive], policy, limits=limits)
    # What is dead answers only when the last one has been looked at.
    assert {r.observation.fields.get("status") for r in dead_results} == {200}
    assert last.observation.fields["status"] == 200


def test_who_gets_no_turn_is_unknown(site, policy):
    # Longer than the others may wait, on a machine that is busy too.
    site.routes["/"] = Reply(200, wait=1.5)
    jobs = [ProbeJob(n, "http", {"url": f"{site.url}/"}) for n in range(3)]
    limits = Limits(per_host=1, start_within=SECOND)
    first, *others = run(jobs, policy, limits=limits)
    assert first.observation.fields["status"] == 200
    for other in others:
        failure = other.observation.failure
        assert (failure.outcome, failure.code) == ("unknown", "runner_busy")


@pytest.mark.parametrize("how", ["raise", "check"])
def test_a_mistake_of_ours_is_unknown_and_logged(broken, policy, caplog, how):
    with caplog.at_level(logging.ERROR):
        (result,) = run([broken(how)], policy)
    failure = result.observation.failure
    assert (failure.outcome, failure.code) == ("unknown", "probe_error")
    assert "mistake" not in failure.message
    (record,) = [r for r in caplog.records if r.name == "checklists.probes.engine"]
    assert (record.message, record.job) == ("probe_error", how)


def test_a_host_that_cannot_be_named_hinders_nothing(broken, policy):
    (result,) = run([broken("host")], policy)
    assert result.observation.fields["value"] == 1


def test_details_are_cut(broken, policy):
    (result,) = run([broken("fine")], policy)
    assert len(result.observation.detail) == 2000


def test_a_thread_that_hangs_is_left_behind(broken, policy, monkeypatch):
    monkeypatch.setattr(engine, "GRACE", timedelta(seconds=0.1))
    started = time.perf_counter()
    (result,) = run([broken("hang", timeout=SECOND / 10)], policy)
    assert time.perf_counter() - started < 40
    failure = result.observation.failure
    assert (failure.outcome, failure.code) == ("unknown", "timeout")


def test_a_loop_that_stood_still_makes_latencies_approximate(
    broken, policy, monkeypatch
):
    (result,) = run([broken("block")], policy)
    assert result.is_approximate
    # A busy machine holds up a loop as well.
    monkeypatch.setattr(engine, "LAG_LIMIT", 60)
    (result,) = run([broken("fine")], policy)
    assert not result.is_approximate


def test_an_unknown_kind_is_unknown(policy):
    (result,) = run([ProbeJob(1, "smoke signal", {})], policy)
    assert result.observation.failure.code == "no_such_kind"


def test_facts_are_asked_for_only_where_they_are_needed(policy):
    asked = []

    def lookup(job):
        asked.append(job.id)
        return {"value": 7}

    jobs = [
        ProbeJob("internal", "internal", {"source": "x"}),
        ProbeJob("tcp", "tcp", {"host": "127.0.0.1", "port": free_port()}),
    ]
    first, _ = run(jobs, policy, lookup=lookup)
    assert asked == ["internal"]
    assert first.observation.fields == {"value": 7}


def test_facts_that_cannot_be_had_are_unknown_and_logged(policy, caplog):
    def lookup(job):
        raise LookupError("gone")

    with caplog.at_level(logging.ERROR):
        (result,) = run([ProbeJob(1, "heartbeat", {})], policy, lookup=lookup)
    assert result.observation.failure.code == "probe_error"
    assert "probe_facts_failed" in caplog.messages


def test_without_a_lookup_nothing_is_known(policy):
    (result,) = run([ProbeJob(1, "heartbeat", {})], policy)
    assert result.observation.failure.code == "no_data"


def test_every_kind_says_what_conditions_may_name():
    assert set(PROBES) == {
        "http", "json", "tcp", "dns", "tls", "prometheus", "metrics", "sql", "redis",
        "file", "heartbeat", "internal", "cloudwatch", "object",
    }  # fmt: skip
    for kind, probe in PROBES.items():
        assert probe.kind == kind
        names = [field.name for field in probe.fields]
        assert len(names) == len(set(names)) > 0
        assert all(field.meaning for field in probe.fields)
