"""What is looked at of ARQ."""

from opsportal.demo.shapes import MINUTE, CheckPlan, Play, look, prom

CRITICAL, MAJOR, MINOR = "Critical", "Major", "Minor"
_REQUESTS = 'http_requests_total{job="arq"}'
_ERRORS = 'http_requests_total{job="arq",status=~"5.."}'
_BUCKET = 'http_request_duration_seconds_bucket{job="arq"}'


def _quantile(quantile: str, window: str = "5m") -> str:
    return f"histogram_quantile({quantile}, sum by (le) (rate({_BUCKET}[{window}])))"


def _error_share(window: str) -> str:
    return f"100 * sum(rate({_ERRORS}[{window}])) / sum(rate({_REQUESTS}[{window}]))"


# What the items of the daily and the weekly checklist look at.
FOR_ITEMS: tuple[CheckPlan, ...] = (
    look(
        "A41", "health", "ARQ answers", "http", {"url": "<target>/arq/health"},
        'status == 200 and json("$.status") == "ok"',
        every=MINUTE, alerts=True, measures_uptime=True, seen="200, 61 bytes, 12 ms",
    ),
    look(
        "A01", "overnight-alerts", "Overnight alerts reviewed", "internal",
        {"source": "alerts_reviewed", "auto_when_zero": True},
        "value == 0", value=3, seen="3 to review", was="0 alerts", is_failing=True,
    ),
    look(
        "A02", "backup-job", "Backup job reported success", "heartbeat",
        {"job": "backup"}, "age < 26h and exit_code == 0",
        every=5 * MINUTE, alerts=True, report={"bytes": 734_003_200},
        seen="6 h < 26 h",
    ),
    look(
        "A02", "backup-file", "Newest backup is fresh and whole", "file",
        {"path": "<backups>", "pattern": "arq_*.dump"},
        "age < 26h and size >= 0.5 * median_size and size > 0",
        every=5 * MINUTE, alerts=True, seen="6 h < 26 h",
    ),
    prom(
        "A03 A29", "replication-lag", "Replication lag",
        'max(pg_replication_lag_seconds{job="arq"}) * 1000', "value < 100ms",
        Play(low=28, high=71, decimals=0), unit="ms",
        ladder=((CRITICAL, "value > 1s"),), alerts=True,
    ),
    prom(
        "A04", "error-rate-24h", "Error rate of the last day", _error_share("24h"),
        "value < 0.1%", Play(low=0.02, high=0.06), unit="%",
    ),
    prom(
        "A05 A25", "cache-hit-ratio", "Cache hit ratio",
        "100 * sum(increase(redis_keyspace_hits_total[24h])) / (sum(increase("
        "redis_keyspace_hits_total[24h])) + sum(increase(redis_keyspace_misses_total"
        "[24h])) >= 1000)",
        "value > 85%", Play(low=89.5, high=93.5, decimals=1), unit="%",
        ladder=((MAJOR, "value < 70%"),), alerts=True,
        description="Fewer than 1,000 lookups in a day are no ground to judge by.",
    ),
    look(
        "A06", "certificates", "TLS certificates of api.arq", "tls",
        {"hosts": ["<tls-soon>", "<tls>"]}, "cert_days > 30 and valid",
        unit="d", every=5 * MINUTE, ladder=((MAJOR, "cert_days <= 30"),), alerts=True,
        seen="19 d, not > 30 d", was="34 d > 30 d",
        is_failing=True,
    ),
    prom(
        "A07 A35", "disk-used", "Disk used, fullest volume",
        'max(100 * (1 - node_filesystem_avail_bytes{job="arq"} / '
        'node_filesystem_size_bytes{job="arq"}))',
        "value < 80%", Play(low=61, high=64, decimals=1), unit="%",
        ladder=((CRITICAL, "value > 95%"), (MINOR, "value > 80%")), alerts=True,
    ),
    prom(
        "A07", "disk-change", "Disk used, change in a day",
        'max(abs(delta(arq:disk_used:percent[24h])))', "value <= 5",
        Play(low=0.2, high=1.8, decimals=2), unit="",
    ),
    prom(
        "A07", "disk-in-a-week", "Disk left in seven days",
        'min(predict_linear(node_filesystem_avail_bytes{job="arq"}[24h], 7 * 86400))',
        "value > 0B", Play(low=61e9, high=66e9, decimals=0), unit="B",
    ),
    look(
        "A08 A32", "slow-queries", "Queries slower than 500 ms", "sql",
        {
            "source": "arq",
            "query": "SELECT count(*) FROM pg_stat_statements "
            "WHERE mean_exec_time > 500",
        },
        "value <= 1.5 * baseline(7d)", source="arq",
        ladder=((MAJOR, "value > 1.5 * baseline(7d)"),), alerts=True,
        every=5 * MINUTE, plays=Play(low=3, high=3, decimals=0),
    ),
    prom(
        "A09", "agents-down", "Monitoring agents that do not report",
        'count(up{job="arq"} == 0) or vector(0)', "value == 0",
        Play(low=0, high=0, decimals=0),
    ),
    prom(
        "A09", "agents-known", "Monitoring agents that are known",
        'count(up{job="arq"})', "value >= 12", Play(low=12, high=12, decimals=0),
    ),
    look(
        "A10", "oncall-coverage", "Somebody is on call", "internal",
        {"source": "oncall_coverage", "days": 14}, "value == 0",
        value=0, every=5 * MINUTE, seen="no gap for 14 days",
    ),
    prom(
        "A11", "error-trend", "Error rate against last week",
        f"({_error_share('7d')}) / ({_error_share('7d offset 7d')})",
        "value <= 1.10", Play(low=0.93, high=1.04, decimals=2), every=15 * MINUTE,
    ),
    prom(
        "A12", "cpu-week", "CPU, 95th percentile of the week",
        "quantile_over_time(0.95, arq:cpu:percent[7d])", "value < 70%",
        Play(low=54, high=61, decimals=1), unit="%", every=15 * MINUTE,
    ),
    prom(
        "A12", "memory-week", "Memory, most of the week",
        "max_over_time(arq:memory:percent[7d])", "value < 80%",
        Play(low=70, high=74, decimals=1), unit="%", every=15 * MINUTE,
    ),
    prom(
        "A12", "disk-days", "Days until the disk is full",
        "arq:disk:days_to_full", "value > 30d",
        Play(low=118, high=124, decimals=0), unit="d", every=15 * MINUTE,
    ),
    prom(
        "A13", "latency-baseline", "p99 against the last four weeks",
        f"({_quantile('0.99', '7d')}) / ({_quantile('0.99', '28d')})",
        "value <= 1.10", Play(low=0.96, high=1.05, decimals=2), every=15 * MINUTE,
    ),
    look(
        "A15", "recovery-drill", "Recovery drill of the last week", "internal",
        {"source": "drills", "days": 7}, "value >= 1", value=1, every=15 * MINUTE,
        seen="1 drills in the last 7 days",
    ),
    look(
        "A16", "stale-documents", "Documents that wait for review", "json",
        {"url": "<target>/arq/documents", "path": "$.stale"},
        'len(json("$.stale")) == 0', every=15 * MINUTE, seen="0 == 0",
    ),
)  # fmt: skip

# The other metrics of the runbook; without a condition a check only records.
LIBRARY: tuple[CheckPlan, ...] = (
    prom(
        "A20", "request-rate", "Request rate", f"sum(rate({_REQUESTS}[5m]))",
        "value >= 1000/s", Play(low=1120, high=1690, decimals=0), unit="/s",
    ),
    prom(
        "A21", "error-rate", "Error rate", _error_share("5m"), "value < 0.1%",
        Play(low=0.01, high=0.07), unit="%", alerts=True,
        ladder=(
            (CRITICAL, "value > 1%"), (MAJOR, "value > 0.5%"), (MINOR, "value > 0.1%"),
        ),
    ),
    prom(
        "A22", "latency-p50", "Latency p50", _quantile("0.5") + " * 1000",
        "value < 200ms", Play(low=72, high=110, decimals=0), unit="ms",
    ),
    prom(
        "A22", "latency-p95", "Latency p95", _quantile("0.95") + " * 1000",
        "value < 1s", Play(low=310, high=480, decimals=0), unit="ms",
    ),
    prom(
        "A22", "latency-p99", "Latency p99", _quantile("0.99") + " * 1000",
        "value < 2s", Play(low=620, high=910, decimals=0), unit="ms", alerts=True,
        ladder=((CRITICAL, "value > 5s"), (MAJOR, "value > 2s"), (MINOR, "value > 1s")),
        description="The target is 2 s, and a minor alert comes at 1 s already.",
    ),
    prom(
        "A23", "connections", "Open connections", 'sum(arq_connections_open)', "",
        Play(low=820, high=1460, decimals=0),
    ),
    prom(
        "A24", "queue-depth", "Messages that wait", "sum(arq_queue_messages)", "",
        Play(low=4, high=96, decimals=0),
    ),
    look(
        "A26", "database-connections", "Database connections in use", "sql",
        {
            "source": "arq",
            "query": "SELECT 100.0 * count(*) / (SELECT setting FROM pg_settings "
            "WHERE name = 'max_connections') FROM pg_stat_activity",
        },
        "value <= 80%", unit="%", source="arq", alerts=True,
        ladder=((MAJOR, "value > 80%"),), plays=Play(low=41, high=41, decimals=0),
    ),
    prom(
        "A27", "query-time", "Query time p99",
        "histogram_quantile(0.99, sum by (le) (rate(pg_query_seconds_bucket[5m]))) "
        "* 1000",
        "value < 500ms", Play(low=120, high=240, decimals=0), unit="ms",
    ),
    prom(
        "A28", "transactions", "Transactions", "sum(rate(pg_stat_database_xact_commit"
        '{job="arq"}[5m]))', "", Play(low=840, high=1310, decimals=0), unit="/s",
    ),
    look(
        "A30", "database-size", "Database size", "sql",
        {
            "source": "arq",
            "query": "SELECT bytes FROM database_sizes ORDER BY on_date DESC LIMIT 1",
        },
        unit="B", source="arq", every=15 * MINUTE,
        plays=Play(low=84e9, high=84e9, decimals=0),
    ),
    prom(
        "A31", "checkpoints", "Checkpoint duration",
        "max(pg_checkpoint_write_seconds)", "", Play(low=11, high=27, decimals=1),
        unit="s",
    ),
    prom(
        "A33", "cpu", "CPU", "avg(arq:cpu:percent)", "value < 70%",
        Play(low=38, high=59, decimals=1), unit="%",
    ),
    prom(
        "A33", "database-cpu", "Database CPU", "avg(arq:database_cpu:percent)",
        "value <= 90%", Play(low=31, high=52, decimals=1), unit="%", alerts=True,
        ladder=((CRITICAL, "value > 90%"),),
    ),
    prom(
        "A34", "memory", "Memory", "avg(arq:memory:percent)", "value < 80%",
        Play(low=64, high=73, decimals=1), unit="%", alerts=True,
        ladder=((CRITICAL, "100% - value < 10%"),),
    ),
    prom(
        "A36", "network", "Network, in and out",
        "sum(rate(node_network_receive_bytes_total[5m]) + "
        "rate(node_network_transmit_bytes_total[5m]))",
        "", Play(low=31e6, high=58e6, decimals=0), unit="B",
    ),
    prom(
        "A37", "pod-restarts", "Pod restarts in an hour",
        "sum(increase(kube_pod_container_status_restarts_total[1h]))", "value == 0",
        Play(low=0, high=0, decimals=0), alerts=True,
        ladder=((MAJOR, "value >= 5"),),
        description="Five restarts in an hour stand for the runbook's restart loop.",
    ),
    prom(
        "A37", "pod-evictions", "Pod evictions in an hour",
        'sum(increase(kube_pod_status_reason{reason="Evicted"}[1h]))', "value == 0",
        Play(low=0, high=0, decimals=0), alerts=True,
        ladder=((MINOR, "value > 0"),),
    ),
    prom(
        "A38", "nodes-ready", "Nodes that are ready",
        'min(kube_node_status_condition{condition="Ready",status="true"})',
        "value == 1", Play(low=1, high=1, decimals=0),
    ),
    look(
        "A39", "cache-evictions", "Keys evicted since the start", "redis",
        {"host": "<host>", "port": "<redis>", "command": "info",
         "field": "evicted_keys"},
        plays=Play(low=1204, high=1204, decimals=0),
    ),
    look(
        "A39", "cache-memory", "Cache memory", "redis",
        {"host": "<host>", "port": "<redis>", "command": "info",
         "field": "used_memory"},
        unit="B", plays=Play(low=412e6, high=431e6, decimals=0),
    ),
    prom(
        "A39", "cache-keys", "Keys in the cache", "sum(redis_db_keys)", "",
        Play(low=181_000, high=196_000, decimals=0),
    ),
    look(
        "A40", "cache-latency", "Cache command latency", "redis",
        {"host": "<host>", "port": "<redis>", "command": "ping", "repeat": 20},
        "latency < 5ms", seen="0.2 ms < 5 ms",
    ),
    prom(
        "A41", "availability", "API availability of the last day",
        "100 * avg_over_time(probe_success{job=\"arq\"}[24h])", "value >= 99.5%",
        Play(low=99.96, high=99.99, decimals=2), unit="%", alerts=True,
        ladder=((CRITICAL, "value < 99%"), (MAJOR, "value < 99.5%")),
    ),
)  # fmt: skip
