"""A real Prometheus, with five weeks of samples, is asked by every template."""

import json
import subprocess
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from checklists.domain.check_library import (
    KINDS,
    PLACES_BY_NAME,
    TEMPLATES,
    fill_spec,
    fill_text,
)
from checklists.domain.condition import parse
from checklists.probes.engine import ProbeJob, run_probes
from opsportal.kit.outbound import EgressPolicy, parse_allow_list
from tests.clients.programs import running, wait_for
from tests.targets import free_port

pytestmark = pytest.mark.clients
DAYS, STEP = 35, 30 * 60
# A gauge is what it is, a counter grows by so much a second.
GAUGES = {
    "up": 1, "http_connections_open": 900, "queue_messages": 12, "active_users": 300,
    "pg_replication_lag_seconds": 0.05, "pg_stat_activity_count": 12,
    "pg_settings_max_connections": 100, "rds_cpu_percent": 40,
    "rds_io_latency_seconds": 0.004, "redis_db_keys": 5000, "redis_slowlog_length": 2,
    "node_memory_MemAvailable_bytes": 4e9, "node_memory_MemTotal_bytes": 10e9,
    "node_filesystem_avail_bytes": 40e9, "node_filesystem_size_bytes": 100e9,
    "process_resident_memory_bytes": 300e6, "container_memory_usage_bytes": 200e6,
    'kube_pod_status_reason{reason="Evicted"}': 0,
    'kube_pod_status_ready{condition="false"}': 0,
    "kube_horizontalpodautoscaler_status_desired_replicas": 3,
    "kube_horizontalpodautoscaler_status_current_replicas": 3,
    'kube_node_status_condition{condition="Ready",status="true"}': 1,
}  # fmt: skip
COUNTERS = {
    'http_requests_total{status="200"}': 1100.0,
    'http_requests_total{status="500"}': 0.55,
    'http_requests_total{status="404"}': 0.11,
    "pg_stat_database_xact_commit": 900,
    "pg_stat_bgwriter_checkpoint_write_time_total": 20,
    "pg_stat_bgwriter_checkpoints_timed_total": 0.002,
    "redis_keyspace_hits_total": 90, "redis_keyspace_misses_total": 10,
    "monitoring_seconds_sum": 2, "monitoring_seconds_count": 100,
    'external_calls_total{outcome="success"}': 9.95,
    'external_calls_total{outcome="error"}': 0.05,
    'token_cache_lookups_total{result="hit"}': 9,
    'token_cache_lookups_total{result="miss"}': 1,
    'node_cpu_seconds_total{mode="idle"}': 0.5,
    'node_cpu_seconds_total{mode="user"}': 0.5,
    "node_network_receive_bytes_total": 1000,
    "node_network_transmit_bytes_total": 2000,
    "kube_pod_container_status_restarts_total": 0,
}  # fmt: skip
HISTOGRAMS = (
    "http_request_duration_seconds", "pg_query_seconds", "external_call_seconds",
)  # fmt: skip
# Half of all within 10 ms, nine of ten within 20 ms, all within 40 ms.
BUCKETS = {"0.01": 50, "0.02": 90, "0.04": 100, "+Inf": 100}
# What those samples make of the template; the exact value where it is plain.
VALUES = {
    "request-rate": 1100.66, "error-rate": 0.05, "error-rate-day": 0.05,
    "refused-rate": 0.06, "error-trend": 1, "latency-p50": 10, "latency-p95": 30,
    "latency-p99": 38, "latency-trend": 1, "latency-mean": 0.012, "throughput": 1100.66,
    "errors-counted": 165, "throughput-band": 66039.6, "monitoring-overhead": 20,
    "authority-calls": 99.5, "token-cache": 90, "availability-day": 100,
    "replication-lag": 50, "connections-share-metrics": 12, "query-time-p99": 38,
    "transactions": 900, "checkpoints": 10000, "database-cpu": 40, "database-io": 4,
    "cache-hit-ratio": 90, "cache-hit-quarter": 90, "cpu": 50, "memory": 60,
    "disk-used": 60, "disk-in-a-week": 40e9, "network": 3000, "cpu-week": 50,
    "memory-quarter": 60, "disk-days-month": 3650, "pod-restarts": 0,
    "pods-ready": 0, "autoscaler": 0, "nodes-ready": 1, "agents-down": 0,
    "agents-known": 1, "pod-memory-growth": 0,
}  # fmt: skip
# The samples are of a busy service, and these are about others.
FAILING = {"errors-counted", "throughput-band"}


def samples(now: int):
    """Yield every line of the exposition: half hours, and minutes of the last hour."""
    start = now - DAYS * 86400
    stamps = [*range(start, now - 3600, STEP), *range(now - 3600, now + 1, 60)]
    series = [(name, lambda _, value=value: value) for name, value in GAUGES.items()]
    rates = dict(COUNTERS)
    for name in HISTOGRAMS:
        rates |= {f'{name}_bucket{{le="{le}"}}': n for le, n in BUCKETS.items()}
        rates |= {f"{name}_count": 100, f"{name}_sum": 1.2}
    series += [
        (name, lambda passed, rate=rate: passed * rate) for name, rate in rates.items()
    ]
    for name, value_at in series:
        for stamp in stamps:
            yield f"{name} {value_at(stamp - start):.15g} {stamp}"
    yield "# EOF\n"


def test_a_real_prometheus_answers_every_template(need, tmp_path):
    program, tool = need("prometheus"), need("promtool")
    (tmp_path / "samples").write_text("\n".join(samples(int(time.time()))))
    command = (
        tool, "tsdb", "create-blocks-from", "--max-block-duration=1440h", "openmetrics",
        "samples", "data",
    )  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "config.yml").write_text("{}")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(
        tmp_path,
        program,
        "--config.file=config.yml",
        "--storage.tsdb.path=data",
        "--storage.tsdb.retention.time=10y",
        f"--web.listen-address=127.0.0.1:{port}",
    ):
        wait_for(lambda: is_up(url), tmp_path)
        seen = ask_all(url)
    for key, value in VALUES.items():
        assert seen[key].fields.get("value") == pytest.approx(value, rel=0.02), key
    assert {key for key, each in seen.items() if each.failure} == set()
    now = datetime.now(UTC)
    judged = {
        each.key: parse(fill_text(each.condition, places()), each.unit or None).holds(
            seen[each.key].fields, now, None
        )
        for each in TEMPLATES
        if each.key in seen and each.condition and "delta" not in each.condition
    }
    assert {key for key, holds in judged.items() if holds is not True} == FAILING


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=5):  # noqa: S310
            return True
    except OSError:
        return False


def places(url: str = "") -> dict[str, str]:
    defaults = {name: place.default for name, place in PLACES_BY_NAME.items()}
    return defaults | {"prometheus": url}


def ask_all(url: str) -> dict:
    policy = EgressPolicy(allowed=parse_allow_list("127.0.0.0/8:*"))
    jobs = [
        ProbeJob(
            each.key,
            each.kind,
            fill_spec(each, places(url), KINDS),
            timedelta(seconds=10),
        )
        for each in TEMPLATES
        if each.kind == "prometheus"
    ]
    results = run_probes(jobs, now=datetime.now(UTC), policy=policy)
    assert json.dumps([job.spec for job in jobs]).count("<") == 0
    return {result.id: result.observation for result in results}
