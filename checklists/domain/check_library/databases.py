"""Templates: databases and caches."""

from checklists.domain.check_library.template import CheckTemplate
from checklists.domain.check_library.writing import (
    AMAS,
    ARCA,
    ARCHITECT,
    ARQ,
    CRITICAL,
    HIGH,
    LOW,
    MEDIUM,
    QENERGYZ,
    QUARTER,
    look,
    prom,
    quantile,
    sql,
)

GROUP, CACHE = "Database", "Cache"
_REDIS = {"host": "<redis>", "port": "<redis_port>"}
_HITS = "sum(increase(<hits>{<labels>}[%s]))"
_MISSES = "sum(increase(<misses>{<labels>}[%s]))"
_SHARE = f"100 * {_HITS} / ({_HITS} + {_MISSES} >= %s)"


def _info(
    key: str, name: str, field: str, *runbooks: str, unit: str = ""
) -> CheckTemplate:
    spec = {**_REDIS, "command": "info", "field": field}
    return look(key, name, CACHE, runbooks, "redis", spec, unit=unit)


TEMPLATES = (
    prom(
        "replication-lag", "Replication lag below 100 ms", GROUP, (ARQ, ARCHITECT),
        "max(<replication_lag>{<database_labels>}) * 1000", "value < 100ms",
        unit="ms", ladder=((CRITICAL, "value > 1s"),),
    ),
    sql(
        "replication-lag-sql", "Replication lag, asked of the replica", GROUP,
        (ARQ, ARCHITECT),
        "SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() "
        "THEN 0 ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) "
        "* 1000 END",
        "value < 100ms", unit="ms", ladder=((CRITICAL, "value > 1s"),),
        about="A replica that has caught up is not behind, however long nothing was "
        "written.",
    ),
    sql(
        "connections-share", "Database connections in use", GROUP, (ARQ, QENERGYZ),
        "SELECT 100.0 * count(*) / current_setting('max_connections')::int "
        "FROM pg_stat_activity",
        "value <= 80%", unit="%", ladder=((HIGH, "value > 80%"),),
    ),
    prom(
        "connections-share-metrics", "Database connections in use, by metrics", GROUP,
        (ARQ, QENERGYZ),
        "100 * sum(<backends>{<database_labels>}) / "
        "max(<most_backends>)", "value < 80%", unit="%",
        ladder=((HIGH, "value > 80%"),),
    ),
    sql(
        "connections-count", "Database connections", GROUP, (ARCHITECT,),
        "SELECT count(*) FROM pg_stat_activity",
    ),
    prom(
        "capacity-connections", "Database connections against 20", GROUP, (AMAS,),
        "sum(<backends>{<database_labels>})", ladder=((LOW, "value > 0.8 * 20"),),
    ),
    sql(
        "idle-connections", "Connections idle for 10 minutes", GROUP, (ARCHITECT,),
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' "
        "AND state_change < now() - interval '10 minutes'",
        "value == 0",
    ),
    sql(
        "waiting-locks", "Locks that are waited for", GROUP, (ARCHITECT,),
        "SELECT count(*) FROM pg_locks WHERE NOT granted", "value == 0", alerts=True,
    ),
    sql(
        "database-answers", "Database answers", GROUP, (ARCHITECT,), "SELECT 1",
        "value == 1", alerts=True,
    ),
    prom(
        "query-time-p99", "Query time p99 below 500 ms", GROUP, (ARQ,),
        quantile("0.99", "query_time", "database_labels"), "value < 500ms", unit="ms",
    ),
    prom(
        "query-time-p95", "Query time p95 below 50 ms", GROUP, (ARCA,),
        quantile("0.95", "query_time", "database_labels"), "value < 50ms", unit="ms",
        alerts=True,
    ),
    prom(
        "transactions", "Transactions", GROUP, (ARQ,),
        "sum(rate(<commits>{<database_labels>}[5m]))", unit="/s",
    ),
    sql(
        "database-size", "Database size", GROUP, (ARQ,),
        "SELECT pg_database_size(current_database())", unit="B", every=QUARTER,
    ),
    sql(
        "database-growth", "Growth of the database in a week", GROUP, (AMAS,),
        "SELECT pg_database_size(current_database())",
        "delta(7d) <= 1.25 * delta(28d) / 4", unit="B", every=QUARTER,
        about="Against a quarter of what four weeks brought.",
    ),
    prom(
        "checkpoints", "Checkpoint duration", GROUP, (ARQ,),
        "sum(rate(<checkpoints>{<database_labels>}[1h])) / "
        "sum(rate(<checkpoint_count>{<database_labels>}[1h]))", unit="ms",
    ),
    sql(
        "slow-queries", "Queries slower than 500 ms", GROUP, (ARQ,),
        "SELECT count(*) FROM pg_stat_statements WHERE mean_exec_time > 500",
        "value <= 1.5 * baseline(7d)",
        ladder=((HIGH, "value > 1.5 * baseline(7d)"),), every=QUARTER,
    ),
    sql(
        "slowest-query", "Slowest query, on average", GROUP, (ARCHITECT,),
        "SELECT max(mean_exec_time) FROM pg_stat_statements", unit="ms", every=QUARTER,
    ),
    sql(
        "replication-slots", "Replication slots that are not active", GROUP,
        (ARCHITECT,), "SELECT count(*) FROM pg_replication_slots WHERE NOT active",
        "value == 0", alerts=True,
    ),
    sql(
        "retained-wal", "WAL kept for replication slots", GROUP, (ARCHITECT,),
        "SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0) "
        "FROM pg_replication_slots",
        "value < 10GiB", unit="B", alerts=True,
    ),
    sql(
        "archived-wal", "Last archived WAL", GROUP, (ARCA,),
        "SELECT extract(epoch FROM now() - last_archived_time) FROM pg_stat_archiver",
        "value < 5m", unit="s", alerts=True,
        about="Less than 5 minutes of data may be lost: a daily snapshot alone does "
        "not keep that promise.",
    ),
    prom(
        "database-cpu", "CPU of the database, critical above 90 %", GROUP, (ARQ,),
        "avg(<database_cpu>{<database_labels>})", "value <= 90%", unit="%",
        ladder=((CRITICAL, "value > 90%"),),
    ),
    prom(
        "database-cpu-low", "CPU of the database below 75 %", GROUP, (QENERGYZ,),
        "avg(<database_cpu>{<database_labels>})", "value < 75%", unit="%",
    ),
    prom(
        "database-cpu-held", "CPU of the database, 10 minutes above 75 %", GROUP,
        (QENERGYZ,),
        "avg(avg_over_time(<database_cpu>{<database_labels>}[5m]))", "value <= 75%",
        unit="%", ladder=((HIGH, "value > 75%", "10m"),),
    ),
    prom(
        "database-io", "Read and write latency of the database", GROUP, (QENERGYZ,),
        "1000 * max(<database_io>{<database_labels>})", "value < 10ms", unit="ms",
    ),
    sql(
        "insights-an-hour", "Insights of the last full hour", GROUP, (AMAS,),
        "SELECT count(*) FROM <insights> WHERE <insight_time> >= "
        "date_trunc('hour', now()) - interval '1 hour' "
        "AND <insight_time> < date_trunc('hour', now())",
        "value between 100 and 500", every=QUARTER,
        ladder=((HIGH, "value == 0"), (LOW, "value < 100 or value > 500")),
    ),
    sql(
        "old-insights", "Insights older than 90 days", GROUP, (AMAS,),
        "SELECT count(*) FROM <insights> "
        "WHERE <insight_time> < now() - interval '90 days'",
        "value == 0", every=QUARTER, about="The portal looks, it never deletes.",
    ),
    prom(
        "cache-hit-ratio", "Cache hits above 85 %", CACHE, (ARQ, ARCA),
        _SHARE % ("24h", "24h", "24h", "1000"), "value > 85%", unit="%",
        ladder=((HIGH, "value < 70%"),),
        about="Fewer than 1,000 lookups in a day are no ground to judge by.",
    ),
    prom(
        "cache-hit-quarter", "Cache hits above 80 %, alert below 60 %", CACHE, (AMAS,),
        _SHARE % ("15m", "15m", "15m", "1"), "value > 80%", unit="%",
        ladder=((MEDIUM, "value < 60%", "15m"),),
    ),
    look(
        "redis-answers", "Redis answers", CACHE, (ARCHITECT,), "redis",
        {**_REDIS, "command": "ping"}, 'value == "PONG"', alerts=True,
    ),
    look(
        "cache-latency", "Cache answers in 5 ms", CACHE, (ARQ,), "redis",
        {**_REDIS, "command": "ping", "repeat": 20}, "latency < 5ms",
        about="The 95th percentile of 20.",
    ),
    _info("cache-evictions", "Keys evicted since the start", "evicted_keys", ARQ, ARCA),
    _info("cache-memory", "Cache memory", "used_memory", ARQ, ARCA, ARCHITECT,
          unit="B"),
    prom("cache-keys", "Keys in the cache", CACHE, (ARQ,), "sum(<keys>{<labels>})"),
    prom(
        "cache-slowlog", "Slow commands of the cache", CACHE, (ARCHITECT,),
        "max(redis_slowlog_length{<labels>})",
    ),
)  # fmt: skip
