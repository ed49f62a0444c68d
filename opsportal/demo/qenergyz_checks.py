"""What is looked at of Qenergyz."""

from opsportal.demo.shapes import MINUTE, CheckPlan, Play, look, prom

P0, P1, P2, P3 = "P0", "P1", "P2", "P3"
_ERRORS = 'sum(rate(elb_target_5xx_total{app="qenergyz"}[%s]))'
_REQUESTS = 'sum(rate(elb_requests_total{app="qenergyz"}[%s]))'
_BUCKET = 'elb_response_seconds_bucket{app="qenergyz"}'


def _error_share(window: str) -> str:
    return f"100 * {_ERRORS % window} / {_REQUESTS % window}"


def _p95(window: str) -> str:
    rate = f"sum by (le) (rate({_BUCKET}[{window}]))"
    return f"1000 * histogram_quantile(0.95, {rate})"


FOR_ITEMS: tuple[CheckPlan, ...] = (
    look(
        "C31 C02", "health", "Qenergyz answers", "http",
        {"url": "<target>/qenergyz/health"}, "status in (200, 204)",
        alerts=True, measures_uptime=True, seen="200 in (200, 204)",
    ),
    look(
        "C01", "overnight-alerts", "Overnight alerts reviewed", "internal",
        {"source": "alerts_reviewed", "auto_when_zero": True}, "value == 0",
        value=0, seen="0 alerts",
    ),
    look(
        "C02", "all-checks", "Checks of the service that fail", "internal",
        {"source": "service_checks"}, "value == 0", value=0,
        seen="0 of 24 checks fail",
    ),
    look(
        "C03", "backup-job", "Backup job reported success", "heartbeat",
        {"job": "backup"}, "age < 26h and exit_code == 0", every=5 * MINUTE,
        alerts=True, report={"bytes": 1_288_490_188}, seen="7 h < 26 h",
    ),
    look(
        "C03", "backup-file", "Newest backup is fresh and whole", "file",
        {"path": "<backups>", "pattern": "qenergyz_*.dump"},
        "age < 26h and size >= 0.5 * median_size and size > 0",
        every=5 * MINUTE, alerts=True, seen="7 h < 26 h",
    ),
    prom(
        "C04", "error-rate-day", "Error rate of the last day", _error_share("24h"),
        "value < 0.1%", Play(low=0.02, high=0.07), unit="%", alerts=True,
        ladder=((P1, "value > 5%"), (P2, "value > 1%")),
    ),
    prom(
        "C05", "latency-trend", "p95 of the week against the one before",
        f"({_p95('7d')}) / ({_p95('7d offset 7d')})", "value <= 1.10",
        Play(low=0.95, high=1.06, decimals=2), every=15 * MINUTE,
    ),
    look(
        "C06", "noise-week", "Noisy alerts of the week", "internal",
        {"source": "repeated_alerts", "days": 7, "most": 3, "auto_when_zero": True},
        "value == 0", value=0, every=15 * MINUTE,
        seen="0 alerts repeated more than 3 times in 7 days",
    ),
    prom(
        "C07 C23", "cpu", "CPU", 'avg(ecs_cpu_percent{service="qenergyz-backend"})',
        "value < 70%", Play(low=41, high=63, decimals=1), unit="%", alerts=True,
        ladder=((P1, "value > 90%"), (P2, "value > 80%")),
    ),
    prom(
        "C07 C24", "memory", "Memory",
        'avg(ecs_memory_percent{service="qenergyz-backend"})',
        "value < 80%", Play(low=58, high=71, decimals=1), unit="%", alerts=True,
        ladder=((P1, "value > 95%"), (P2, "value > 85%")),
    ),
    prom(
        "C07 C26 C29", "connections", "Database connections in use",
        "100 * rds_connections / rds_connections_max", "value < 80%",
        Play(low=33, high=49, decimals=0), unit="%", alerts=True,
        ladder=((P2, "value > 80%"),),
    ),
    look(
        "C08", "security-alerts", "Security alerts reviewed", "internal",
        {"source": "alerts_reviewed"}, "value == 0", value=0, every=5 * MINUTE,
        seen="0 alerts",
    ),
    look(
        "C09", "incident-reports", "Incidents of the month without a review",
        "internal", {"source": "unreviewed_incidents", "days": 31}, "value == 0",
        value=0, every=15 * MINUTE,
        seen="0 of 2 incidents lack a summary or an owner",
    ),
    look(
        "C10 I01", "documents", "Documents not reviewed this month", "json",
        {"url": "<target>/qenergyz/documents", "path": "$.stale"},
        'len(json("$.stale")) == 0', every=15 * MINUTE, seen="0 == 0",
    ),
    look(
        "C11", "noise-month", "Noisy alerts of the month", "internal",
        {"source": "repeated_alerts", "days": 30, "most": 10}, "value == 0",
        value=0, every=15 * MINUTE,
        seen="0 alerts repeated more than 10 times in 30 days",
    ),
    prom(
        "C12", "cpu-month", "CPU, 95th percentile of the month",
        'quantile_over_time(0.95, qenergyz:cpu:percent[30d])', "value < 70%",
        Play(low=59, high=64, decimals=1), unit="%", every=15 * MINUTE,
    ),
    prom(
        "C12", "memory-month", "Memory, most of the month",
        "max_over_time(qenergyz:memory:percent[30d])", "value < 80%",
        Play(low=72, high=76, decimals=1), unit="%", every=15 * MINUTE,
    ),
    prom(
        "C12", "disk-days", "Days until the disk is full",
        "qenergyz:disk:days_to_full", "value > 30d",
        Play(low=88, high=91, decimals=0), unit="d", every=15 * MINUTE,
    ),
)  # fmt: skip

LIBRARY: tuple[CheckPlan, ...] = (
    prom(
        "C20", "latency-p95", "Response time p95", _p95("5m"), "value < 200ms",
        Play(low=104, high=178, decimals=0), unit="ms", alerts=True,
        ladder=((P1, "value > 1000ms"), (P2, "value > 500ms")),
    ),
    prom(
        "C21", "error-rate", "Error rate", _error_share("5m"), "value < 0.1%",
        Play(low=0.01, high=0.08), unit="%", alerts=True,
        ladder=((P1, "value > 5%"), (P2, "value > 1%")),
        description="An error rate above 5 % is critical as a metric and P1 as an "
        "incident.",
    ),
    prom(
        "C22", "throughput", "Throughput", f"60 * {_REQUESTS % '5m'}",
        "value between 100/min and 1000/min", Play(low=310, high=720, decimals=0),
        unit="/min", alerts=True,
        ladder=((P1, "value < 10/min"), (P2, "value < 50/min"),
                (P3, "value < 100/min")),
        description="Between 50 and 100 the runbook says nothing: shown as low.",
    ),
    prom(
        "C25", "database-cpu", "Database CPU",
        'avg(rds_cpu_percent{db="qenergyz-production-db"})', "value < 75%",
        Play(low=28, high=47, decimals=1), unit="%",
    ),
    prom(
        "C27", "database-latency", "Read and write latency of the database",
        "1000 * max(rds_io_latency_seconds)", "value < 10ms",
        Play(low=2.1, high=4.8, decimals=1), unit="ms",
    ),
    prom(
        "C28", "alarm-5xx", "Alarm: answers with 5xx in 5 minutes",
        'sum(increase(elb_target_5xx_total{app="qenergyz"}[5m]))', "value <= 10",
        Play(low=0, high=3, decimals=0), alerts=True,
        ladder=((P0, "value > 10", "10m"),),
    ),
    prom(
        "C28", "alarm-response", "Alarm: average response time",
        'avg(elb_response_seconds{app="qenergyz"})', "value <= 1.0s",
        Play(low=0.11, high=0.2), unit="s", alerts=True,
        ladder=((P1, "value > 1.0s", "10m"),),
    ),
    prom(
        "C28", "alarm-cpu", "Alarm: CPU of the service",
        'avg(avg_over_time(ecs_cpu_percent{service="qenergyz-backend"}[5m]))',
        "value <= 80%", Play(low=42, high=62, decimals=1), unit="%", alerts=True,
        ladder=((P1, "value > 80%", "10m"),),
    ),
    prom(
        "C28", "alarm-database-cpu", "Alarm: CPU of the database",
        'avg(avg_over_time(rds_cpu_percent{db="qenergyz-production-db"}[5m]))',
        "value <= 75%", Play(low=29, high=46, decimals=1), unit="%", alerts=True,
        ladder=((P2, "value > 75%", "10m"),),
    ),
    prom(
        "C29", "scale-up", "Time to scale up",
        "avg(avg_over_time(qenergyz:cpu:percent[10m]))", "value <= 70%",
        Play(low=44, high=61, decimals=1), unit="%", alerts=True,
        ladder=((P3, "value > 70%", "10m"),),
    ),
    prom(
        "C29", "scale-down", "Time to scale down",
        "avg(avg_over_time(qenergyz:cpu:percent[30m]))", "value >= 30%",
        Play(low=45, high=60, decimals=1), unit="%", alerts=True,
        ladder=((P3, "value < 30%", "30m"),),
    ),
    look(
        "C30", "log-retention", "Log retention", "json",
        {"url": "<target>/qenergyz/retention"},
        'json("$.production") == 30 and json("$.staging") == 7 '
        'and json("$.development") == 3',
        every=15 * MINUTE, seen="30 == 30 and 7 == 7 and 3 == 3",
    ),
    look(
        "C32", "external-service", "The external service answers", "http",
        {"url": "<target>/external/health"}, "status == 200", alerts=True,
        seen="200 == 200",
    ),
    look(
        "C33", "database-port", "The database takes connections", "tcp",
        {"host": "<host>", "port": "<database>"}, alerts=True,
        seen="connected in 1 ms",
    ),
)  # fmt: skip
