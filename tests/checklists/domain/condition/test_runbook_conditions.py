"""Every condition that the recurring items and thresholds need, judged thrice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from checklists.domain.condition import parse
from checklists.domain.observation import Outcome

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Past:
    """A history that answers the same for every window."""

    then: float | None = None
    middle: float | None = None
    a_day: float | None = None

    def at(self, ago: timedelta, /) -> float | None:
        return self.then

    def median(self, window: timedelta, /) -> float | None:
        return self.middle

    def slope(self, window: timedelta, /) -> float | None:
        return self.a_day


@dataclass(frozen=True)
class Row:
    name: str
    text: str
    good: Mapping[str, object]
    bad: Mapping[str, object]
    unit: str | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    past: Past | None = None
    missing: Mapping[str, object] = field(default_factory=dict)


def value(name, text, good, bad, unit=None, past=None):
    return Row(name, text, {"value": good}, {"value": bad}, unit, past=past)


AN_HOUR_AGO = NOW - timedelta(hours=1)
HEALTHY = {"status": "ok", "timestamp": "2026-01-14T10:28:00Z"}
OLD = {"status": "ok", "timestamp": "2026-01-14T10:20:00Z"}

ROWS = [
    value("A01 alerts reviewed", "value == 0", 0, 3),
    Row(
        "A02 last success ping",
        "age < 26h and exit_code == 0",
        {"age": timedelta(hours=25), "exit_code": 0},
        {"age": timedelta(hours=25), "exit_code": 1},
    ),
    Row(
        "A02 newest object",
        "age < 26h and value >= 0.5 * baseline(7d) and value > 0",
        {"age": 3600, "value": 600},
        {"age": 3600, "value": 400},
        unit="B",
        past=Past(middle=1000.0),
        missing={"age": 3600},
    ),
    value("A03 lag by query", "value < 0.1", 0.05, 0.1),
    value("A03 lag by SQL", "value < 100ms", 42, 100, "ms"),
    value("A03 lag in seconds", "value < 100ms", 0.042, 5, "s"),
    value("A04 error rate", "value < 0.1%", 0.05, 0.1, "%"),
    Row(
        "A05 cache hits",
        "value > 85% given lookups >= 1000",
        {"value": 91, "lookups": 5000},
        {"value": 80, "lookups": 5000},
        unit="%",
        missing={"value": 80, "lookups": 12},
    ),
    Row(
        "A05 hits by counters",
        "hits / (hits + misses) > 85% given hits + misses >= 1000",
        {"hits": 950, "misses": 50},
        {"hits": 500, "misses": 500},
        missing={"hits": 0, "misses": 0},
    ),
    Row(
        "A06 certificate",
        "cert_days > 30 and chain_valid and hostname_valid",
        {"cert_days": 31, "chain_valid": True, "hostname_valid": True},
        {"cert_days": 90, "chain_valid": True, "hostname_valid": False},
        missing={"cert_days": 90, "chain_valid": True},
    ),
    value("A07 disk full", "value < 80%", 79.9, 80, "%"),
    value("A07 disk steady", "abs(delta(24h)) <= 5", 74, 60, "%", Past(then=70.0)),
    value("A07 bytes left in a week", "value > 0", 1, -5, "B"),
    value(
        "A07 full in a week",
        "value + slope(7d) * 7d < 100%",
        50,
        99,
        "%",
        Past(a_day=1.0),
    ),
    value(
        "A08 slow queries", "value <= 1.5*baseline(7d)", 15, 16, past=Past(middle=10.0)
    ),
    Row(
        "A09 agents",
        "down == 0 and value >= expected_targets",
        {"down": 0, "value": 12, "expected_targets": 12},
        {"down": 0, "value": 11, "expected_targets": 12},
        missing={"down": 0, "value": 11},
    ),
    value("A10 uncovered time", "value == 0", 0, 60, "s"),
    value("A11 error trend", "delta_ratio(7d) <= 10%", 1.05, 1.2, "%", Past(then=1.0)),
    Row(
        "A12 capacity",
        "cpu < 70 and mem < 80 and disk_days_to_full > 30",
        {"cpu": 60, "mem": 70, "disk_days_to_full": 90},
        {"cpu": 60, "mem": 80, "disk_days_to_full": 90},
        missing={"cpu": 60, "mem": 70},
    ),
    value(
        "A13 baseline", "value <= 1.10 * baseline(28d)", 210, 230, "ms", Past(None, 200)
    ),
    value("A15 last drill", "value < 7d", 3, 8, "d"),
    value("A16 old runbooks", "value == 0", 0, 1),
    value("A20 request rate", "value >= 1000/s", 1000, 999, "/s"),
    value("A21 minor", "value > 0.1%", 0.2, 0.1, "%"),
    value("A21 critical", "value > 1%", 1.1, 1, "%"),
    value("A22 p95", "value < 1s", 900, 1000, "ms"),
    value("A22 p99 critical", "value > 5s", 5.1, 5, "s"),
    value("A25 cache ratio major", "value < 70%", 0.69, 0.7, "ratio"),
    value("A26 pool", "value <= 80%", 80, 81, "%"),
    value("A27 query time", "value < 500ms", 499, 500, "ms"),
    value(
        "A32 slow queries", "value > 1.5 * baseline(7d)", 16, 15, past=Past(None, 10)
    ),
    value("A34 memory left", "value >= 10%", 10, 9.9, "%"),
    value("A37 restarts", "== 0", 0, 1),
    value("A38 nodes ready", "== 1", 1, 0),
    value("A40 command latency", "value < 5ms", 900, 5000, "us"),
    value("A41 availability", "value >= 99.5%", 99.5, 99.4, "%"),
    Row(
        "B01 health",
        'status == 200 and json("$.status") == "ok" and age(json("$.timestamp")) < 5m',
        {"status": 200, "json": HEALTHY},
        {"status": 200, "json": OLD},
        missing={"status": 200, "json": {"status": "ok"}},
    ),
    Row(
        "B02 queue depth",
        'amas_queue_size{type="decision"} < 500',
        {'amas_queue_size{type="decision"}': 499.0},
        {'amas_queue_size{type="decision"}': 500.0},
        missing={'amas_queue_size{type="event"}': 1.0},
    ),
    Row(
        "B03 write P99",
        'bucket{le="500"}/count >= 0.99',
        {'bucket{le="500"}': 995, "count": 1000},
        {'bucket{le="500"}': 900, "count": 1000},
        missing={'bucket{le="500"}': 0, "count": 0},
    ),
    Row(
        "B04 error rate",
        "errors / total < 1%",
        {"errors": 9, "total": 1000},
        {"errors": 10, "total": 1000},
        missing={"errors": 10},
    ),
    Row(
        "B05 active alerts",
        'status == 200 and len(json("$")) == 0',
        {"status": 200, "json": []},
        {"status": 200, "json": [{"id": 1}]},
        missing={"status": 200, "json": 7},
    ),
    Row(
        "B06 collection works",
        "exists(amas_queue_size) and age(sample_at) < 3 * 30s",
        {"amas_queue_size": 0.0, "sample_at": NOW - timedelta(seconds=80)},
        {"sample_at": NOW},
        missing={"amas_queue_size": 0.0},
    ),
    Row(
        "B07 alert engine",
        'type(json("$")) == "array"',
        {"json": []},
        {"json": {"error": "no"}},
    ),
    Row(
        "B08 alert history",
        'len(json("$")) <= 200',
        {"json": [0] * 200},
        {"json": [0] * 201},
    ),
    value("B09 insights an hour", "value between 100 and 500", 100, 501),
    Row(
        "B10 daily dump",
        'name matches "decision_insights_*.sql" and age < 26h and size > 0',
        {"name": "decision_insights_20260114.sql", "age": 60, "size": 1},
        {"name": "decision_insights_20260114.sql", "age": 60, "size": 0},
        missing={"name": "decision_insights_20260114.sql", "age": 60},
    ),
    Row(
        "B11 alert storm",
        "count(alerts, 1m) <= 50",
        {"alerts": [AN_HOUR_AGO] * 99 + [NOW] * 50},
        {"alerts": [NOW] * 51},
    ),
    value("B12 webhooks", "value <= 12/min", 12, 13, "/min"),
    value("B21 growth", "value <= 1.25 * baseline(28d)", 125, 126, "MB", Past(None, 100)),
    Row(
        "B22 restore test",
        "age < 7d and rows > 0",
        {"age": 6 * 86400, "rows": 5},
        {"age": 6 * 86400, "rows": 0},
    ),
    Row(
        "B23 load test",
        "age < 24h and p95 < 200ms and p99 < 500ms and error_rate < 1% and alerts == 0",
        {"age": 60, "p95": 150, "p99": 400, "error_rate": 0.2, "alerts": 0},
        {"age": 60, "p95": 150, "p99": 500, "error_rate": 0.2, "alerts": 0},
        units={"p95": "ms", "p99": "ms", "error_rate": "%"},
        missing={"age": 60, "p95": 150, "p99": 400, "error_rate": 0.2},
    ),
    value("B31 old insights", "value == 0", 0, 1),
    Row(
        "B33 audit",
        "age < 7d and critical == 0",
        {"age": 60, "critical": 0},
        {"age": 60, "critical": 1},
    ),
    value("B50 throughput", "value >= 800/s", 800, 799, "/s"),
    value("B53 error alert", "value > 2%", 2.5, 2, "%"),
    value("B57 memory", "value <= 0.8 * 512MB", 400, 410, "MB"),
    value("C22 throughput", "value between 100/min and 1000/min", 100, 99, "/min"),
    value("C27 storage latency", "value < 10ms", 9, 10, "ms"),
    value("C28 errors", "value > 10", 11, 10),
    value("D06 Redis answers", '== "PONG"', "PONG", "LOADING"),
    value("D09 locks", "== 0", 0, 1),
    Row(
        "D12 replication slots",
        "active and retained_bytes < 10GiB",
        {"active": True, "retained_bytes": 2**30},
        {"active": False, "retained_bytes": 2**30},
    ),
    Row(
        "D13 newest key",
        'key matches "backup_*.sql.gz" and age < 26h',
        {"key": "backup_1768380000.sql.gz", "age": 60},
        {"key": "backup_1768380000.sql", "age": 60},
    ),
    value("D15 memory growth", "slope(1h) <= 1GiB/d", 1, 2, "GiB", Past(a_day=0.5)),
    Row("C31 health", "status in (200, 204)", {"status": 204}, {"status": 503}),
    value("E08 budget spent", "value < 50%", 49, 50, "%"),
    value("E20 availability", "value >= 99.95%", 99.95, 99.9, "%"),
    Row("E24 success", "ok / total > 99%", {"ok": 995, "total": 1000}, {"ok": 9, "total": 10}),
    value("E29 archive age", "value < 5m", 200, 300, "s"),
    value("I02 review in time", "value <= 48h", 2, 2.1, "d"),
]  # fmt: skip
# Slopes come from the history alone, so the value cannot make them fail.
FIXED = {"D15 memory growth"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_condition_of_the_runbooks_passes_fails_and_stays_unknown(row):
    condition = parse(row.text, row.unit, units=row.units)

    def judge(fields, past=row.past):
        return condition.evaluate(fields, now=NOW, history=past).outcome

    assert judge(row.good) is Outcome.PASS
    assert row.name in FIXED or judge(row.bad) is Outcome.FAIL
    if row.name not in FIXED:
        assert judge(row.missing) is Outcome.UNKNOWN
    assert parse(condition.text, row.unit, units=row.units) == condition


def test_history_that_knows_nothing_yet_leaves_a_condition_unknown():
    for row in ROWS:
        if row.past is not None:
            condition = parse(row.text, row.unit, units=row.units)
            assert condition.holds(row.good, NOW, None) is None
            assert condition.holds(row.good, NOW, Past()) is None


def test_memory_that_grows_too_fast_fails():
    condition = parse("slope(1h) <= 1GiB/d", "GiB")
    assert condition.holds({}, NOW, Past(a_day=1.5)) is False
    assert condition.holds({}, NOW, Past(a_day=float("nan"))) is None
