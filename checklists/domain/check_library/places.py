"""The places of the library: what one service says once."""

from checklists.domain.check_library.template import Place, PlaceKind

URL, HOST, PORT = PlaceKind.URL, PlaceKind.HOST, PlaceKind.PORT
METRIC, SERIES, LABELS = PlaceKind.METRIC, PlaceKind.SERIES, PlaceKind.MATCHERS
SOURCE, TABLE, TEXT = PlaceKind.SOURCE, PlaceKind.TABLE, PlaceKind.TEXT

# (heading, places): in this order on the page of a service.
PLACES: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (
        "Prometheus",
        (
            Place("prometheus", "Prometheus", URL, "", "http://prometheus:9090"),
            Place(
                "authorization", "Authorization header", TEXT,
                about="Such as Bearer {{secret:prometheus}}", is_optional=True,
            ),
            Place(
                "labels", "Labels of the service", LABELS,
                about='Such as job="api"', is_optional=True,
            ),
            Place(
                "node_labels", "Labels of its machines", LABELS,
                about='Such as cluster="a"', is_optional=True,
            ),
            Place(
                "pod_labels", "Labels of its pods", LABELS,
                about='Such as namespace="api"', is_optional=True,
            ),
            Place(
                "database_labels", "Labels of its database", LABELS,
                about='Such as datname="api"', is_optional=True,
            ),
            Place(
                "targets", "Targets that must report", PlaceKind.NUMBER, "1"
            ),
        ),
    ),
    (
        "Addresses",
        (
            Place("health", "Health page", URL, "", "https://api.example.com/health"),
            Place("dependency", "Health page of what it depends on", URL),
            Place("metrics", "Page of text metrics", URL),
            Place("active_alerts", "Its active alerts, as JSON", URL),
            Place("past_alerts", "Its alert history, as JSON", URL),
            Place("documents", "Stale documents, as JSON with $.stale", URL),
            Place("retention", "Its log retention, as JSON in days", URL),
            Place("tls_hosts", "Hosts with certificates", PlaceKind.HOSTS),
            Place("redis", "Redis host", HOST),
            Place("redis_port", "Redis port", PORT, "6379"),
            Place("database", "Database host", HOST),
            Place("database_port", "Database port", PORT, "5432"),
            Place("source", "Data source for SQL", SOURCE),
            Place("backups", "Folder of backups", TEXT),
            Place("backup_pattern", "Backup files", TEXT, "*.dump"),
            Place("dump_pattern", "Today's dump", TEXT, "dump_%Y%m%d.sql"),
            Place("bucket", "Bucket of backups", TEXT),
            Place("bucket_region", "Its region", TEXT, "eu-west-1"),
            Place(
                "object_store", "Its store, where it is not AWS", URL,
                about="Such as https://minio.example.com", is_optional=True,
            ),
            Place(
                "backup_prefix", "Keys of backups begin with", TEXT,
                about="Such as backups/arq/%Y/", is_optional=True,
            ),
            Place("object_pattern", "Names of backups", TEXT, "*.gz"),
            Place("access_key", "Access key of the bucket", TEXT),
            Place(
                "secret_key", "Secret key of the bucket", TEXT,
                about="As {{secret:backups}}",
            ),
            Place("uptime_check", "Check of availability", PlaceKind.SLUG, "service-answers"),
        ),
    ),
    (
        "Names of metrics",
        (
            Place("requests", "Requests, counter", METRIC, "http_requests_total"),
            Place("error_labels", "Labels of an error", LABELS, 'status=~"5.."'),
            Place(
                "all_errors", "Labels of any refused request", LABELS,
                'status=~"[45].."',
            ),
            Place(
                "duration", "Response time, histogram in seconds", METRIC,
                "http_request_duration_seconds",
            ),
            Place(
                "connections", "Open connections", METRIC, "http_connections_open"
            ),
            Place("queue", "Messages that wait", METRIC, "queue_messages"),
            Place("users", "Active users", METRIC, "active_users"),
            Place(
                "query_time", "Query time, histogram in seconds", METRIC,
                "pg_query_seconds",
            ),
            Place(
                "replication_lag", "Replication lag in seconds", METRIC,
                "pg_replication_lag_seconds",
            ),
            Place(
                "commits", "Transactions, counter", METRIC,
                "pg_stat_database_xact_commit",
            ),
            Place("backends", "Database connections", METRIC,
                  "pg_stat_activity_count"),
            Place("most_backends", "Most database connections", METRIC,
                  "pg_settings_max_connections"),
            Place("checkpoints", "Checkpoint write time in ms, counter", METRIC,
                  "pg_stat_bgwriter_checkpoint_write_time_total"),
            Place("checkpoint_count", "Checkpoints, counter", METRIC,
                  "pg_stat_bgwriter_checkpoints_timed_total"),
            Place("database_cpu", "CPU of the database in percent", METRIC,
                  "rds_cpu_percent"),
            Place("database_io", "Read and write latency in seconds", METRIC,
                  "rds_io_latency_seconds"),
            Place("hits", "Cache hits, counter", METRIC, "redis_keyspace_hits_total"),
            Place("misses", "Cache misses, counter", METRIC,
                  "redis_keyspace_misses_total"),
            Place("keys", "Keys in the cache", METRIC, "redis_db_keys"),
            Place("overhead", "Monitoring, seconds of a request", METRIC,
                  "monitoring_seconds"),
            Place("calls", "Calls to the authority, counter", METRIC,
                  "external_calls_total"),
            Place("call_errors", "Labels of a failed call", LABELS,
                  'outcome!="success"'),
            Place("call_time", "Call time, histogram in seconds", METRIC,
                  "external_call_seconds"),
            Place("tokens", "Token cache lookups, counter", METRIC,
                  "token_cache_lookups_total"),
            Place("token_hits", "Labels of a hit", LABELS, 'result="hit"'),
        ),
    ),
    (
        "Names on the page of text metrics",
        (
            Place("waiting", "Writes that wait", SERIES,
                  'amas_queue_size{type="decision"}'),
            Place("writes", "Write time, histogram in ms", METRIC,
                  "amas_decision_write_duration"),
            Place("failed", "Failed requests, counter", SERIES,
                  'http_errors_total{status="500"}'),
            Place("total", "All requests, counter", SERIES, "http_requests_total"),
        ),
    ),
    (
        "Tables",
        (
            Place("insights", "Table of insights", TABLE, "decision_insights"),
            Place("insight_time", "Its column of time", TABLE, "created_at"),
        ),
    ),
)  # fmt: skip
