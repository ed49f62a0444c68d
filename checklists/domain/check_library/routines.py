"""Templates: jobs, backups, reviews, and what a service says of itself."""

from checklists.domain.check_library.writing import (
    AMAS,
    ARCA,
    ARCHITECT,
    ARQ,
    HIGH,
    QENERGYZ,
    QUARTER,
    inside,
    job,
    look,
)

JOBS, OWN = "Jobs and backups", "Self-monitoring"
_REPORT = (
    'json("$.p95_ms") < 200 and json("$.p99_ms") < 500 '
    'and json("$.error_percent") < 1 and json("$.alerts") == 0'
)
_METRICS = {"url": "<metrics>"}

TEMPLATES = (
    job(
        "backup", "Backup job reported success", (ARQ, QENERGYZ),
        "age < 26h and exit_code == 0", alerts=True,
    ),
    look(
        "backup-file", "Newest backup is fresh and whole", JOBS,
        (ARQ, QENERGYZ, ARCHITECT, ARCA), "file",
        {"path": "<backups>", "pattern": "<backup_pattern>"},
        "age < 26h and size >= 0.5 * median_size and size > 0", every=QUARTER,
        alerts=True,
    ),
    look(
        "backup-object", "Newest backup in the object store is fresh and whole", JOBS,
        (ARQ, QENERGYZ, ARCHITECT, ARCA), "object",
        {
            "region": "<bucket_region>", "endpoint": "<object_store>",
            "bucket": "<bucket>", "prefix": "<backup_prefix>",
            "pattern": "<object_pattern>", "access_key": "<access_key>",
            "secret_key": "<secret_key>",
        },
        "age < 26h and size >= 0.5 * median_size and size > 0", every=QUARTER,
        alerts=True, about="For stores that speak S3; needs boto3.",
    ),
    look(
        "dump-today", "Today's dump is there", JOBS, (AMAS,), "file",
        {"path": "<backups>", "pattern": "<dump_pattern>"}, "age < 26h and size > 0",
        every=QUARTER, alerts=True,
    ),
    job(
        "snapshot", "Daily snapshot reported success", (ARCA, ARCHITECT), "age < 26h",
        alerts=True, about="For snapshots that no bucket shows: their job reports here.",
    ),
    job(
        "bucket-replication", "Versioning and replication of the bucket", (ARCA,),
        'age < 26h and json("$.versioning") == true and json("$.lag_seconds") < 900',
    ),
    job("restore-test", "Restore of the backup", (AMAS, ARCA),
        'age < 7d and json("$.rows") > 0'),
    job("load-test", "Weekly load test", (AMAS,), f"age < 24h and {_REPORT}"),
    job("peak-load-test", "Load test at peak traffic", (AMAS,),
        f"age < 92d and {_REPORT}"),
    job("benchmark", "Benchmark against the last one", (AMAS,),
        'age < 31d and json("$.ratio") <= 1.10'),
    job("dependency-audit", "Audit of the dependencies", (AMAS,),
        'age < 7d and json("$.critical") == 0'),
    job("recovery-time", "Time and data that a recovery costs", (ARCA,),
        'age < 92d and json("$.rto_minutes") < 60 and json("$.rpo_minutes") < 5'),
    inside(
        "overnight-alerts", "Overnight alerts reviewed", (ARQ, QENERGYZ),
        "alerts_reviewed", asks={"auto_when_zero": True},
    ),
    inside("security-alerts", "Security alerts reviewed", (QENERGYZ,),
           "alerts_reviewed"),
    inside("on-call-coverage", "Somebody is on call", (ARQ,), "oncall_coverage",
           asks={"days": 14}),
    inside("all-checks", "Checks of the service that fail", (QENERGYZ,),
           "service_checks"),
    inside(
        "alert-storm", "Alerts of the last minute", (AMAS,), "alert_rate",
        "value <= 50", ladder=((HIGH, "value > 50"),),
    ),
    inside("message-rate", "Channel messages of the last minute", (AMAS,),
           "notification_rate", "value <= 12"),
    inside(
        "repeated-alerts", "Alerts that came back in a week", (AMAS, QENERGYZ),
        "repeated_alerts", asks={"days": 7, "most": 3, "auto_when_zero": True},
    ),
    inside("noise-month", "Noisy alerts of the month", (AMAS, QENERGYZ),
           "repeated_alerts", every=QUARTER, asks={"days": 30, "most": 10}),
    inside("noise-quarter", "Noisy alerts of the quarter", (AMAS,), "repeated_alerts",
           every=QUARTER, asks={"days": 92, "most": 30}),
    inside("incident-log", "Incidents of the week without a review", (AMAS, ARCA),
           "unreviewed_incidents", asks={"days": 7, "auto_when_zero": True}),
    inside("incident-reports", "Incidents of the month without a review", (QENERGYZ,),
           "unreviewed_incidents", every=QUARTER, asks={"days": 31}),
    inside("drill-week", "Recovery drill of the week", (ARQ,), "drills", "value >= 1",
           every=QUARTER, asks={"days": 7}),
    inside("drill-quarter", "Recovery drill of the quarter", (AMAS, ARCA), "drills",
           "value >= 1", every=QUARTER, asks={"days": 92}),
    inside(
        "error-budget", "Error budget of 99.95 %", (ARCA,), "error_budget",
        "value < 50%", unit="%", alerts=True,
        asks={"objective": 99.95, "days": 30, "check": "<uptime_check>"},
        about="21.6 minutes a month; it alerts at half.",
    ),
    look(
        "stale-documents", "Documents that wait for review", JOBS, (ARQ, QENERGYZ),
        "json", {"url": "<documents>", "path": "$.stale"}, 'len(json("$.stale")) == 0',
        every=QUARTER,
    ),
    look(
        "log-retention", "Log retention of 30, 7 and 3 days", JOBS, (QENERGYZ,), "json",
        {"url": "<retention>"},
        'json("$.production") == 30 and json("$.staging") == 7 '
        'and json("$.development") == 3', every=QUARTER,
    ),
    look(
        "record-retention", "Records kept for 90 days, audit for a year", JOBS, (ARCA,),
        "json", {"url": "<retention>"},
        'json("$.operational") >= 90 and json("$.audit") >= 365', every=QUARTER,
    ),
    look(
        "waiting-writes", "Writes that wait below 500", OWN, (AMAS,), "metrics",
        {**_METRICS, "metric": "<waiting>"}, "value < 500", alerts=True,
    ),
    look(
        "write-time", "Writes done within 500 ms, 99 of 100", OWN, (AMAS,), "metrics",
        {**_METRICS, "le_ratio": {"histogram": "<writes>", "le": 500}},
        "value >= 99%", unit="ratio", alerts=True,
    ),
    look(
        "own-errors", "Failed requests below 1 %", OWN, (AMAS,), "metrics",
        {**_METRICS, "ratio": {"above": "<failed>", "below": "<total>"}}, "value < 1%",
        unit="ratio", alerts=True,
    ),
    look(
        "collection", "Metrics are collected", OWN, (AMAS,), "metrics",
        {**_METRICS, "metric": "<waiting>"}, "exists(value) and age < 3 * 30s",
        alerts=True,
    ),
    look(
        "active-alerts", "No alert of its own is active", OWN, (AMAS,), "json",
        {"url": "<active_alerts>"}, 'status == 200 and len(json("$")) == 0',
    ),
    look(
        "alert-engine", "Alert engine answers with a list", OWN, (AMAS,), "json",
        {"url": "<active_alerts>"}, 'type(json("$")) == "array"',
    ),
    look(
        "alert-history", "Alert history of 200 at most", OWN, (AMAS,), "json",
        {"url": "<past_alerts>"}, 'len(json("$")) <= 200',
    ),
)  # fmt: skip
