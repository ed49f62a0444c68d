"""ARCA API: what its plans ask for again and again, and whom it calls."""

from opsportal.demo.shapes import (
    MINUTE,
    ChecklistRow,
    CheckPlan,
    Outage,
    Play,
    ServicePlan,
    Severity,
    Step,
    item,
    look,
    prom,
    timing,
)

SEV1, SEV2, SEV3, SEV4 = "SEV1", "SEV2", "SEV3", "SEV4"
_BUCKET = 'http_request_duration_seconds_bucket{job="arca"}'

_FOR_ITEMS: tuple[CheckPlan, ...] = (
    look(
        "E20", "health", "ARCA API answers", "http", {"url": "<target>/arca/health"},
        'status == 200 and json("$.status") == "ok"',
        alerts=True, measures_uptime=True, seen="200 == 200 and ok == ok",
    ),
    look(
        "E01", "snapshot", "Daily snapshot", "file",
        {"path": "<backups>", "pattern": "arca_snapshot_*.tar"},
        "age < 26h and size > 0", every=5 * MINUTE, alerts=True, seen="4 h < 26 h",
    ),
    look(
        "E02", "bucket-replication", "Versioning and replication of the bucket",
        "heartbeat", {"job": "bucket-replication"},
        'age < 26h and json("$.versioning") == "Enabled" and json("$.failed") == 0',
        every=5 * MINUTE, report={"versioning": "Enabled", "failed": 0},
        seen="3 h < 26 h and Enabled == Enabled",
    ),
    look(
        "E04", "restore-test", "Restore from backup", "heartbeat",
        {"job": "restore-test"}, 'age < 92d and json("$.rows") > 0',
        every=15 * MINUTE, report={"rows": 18_377}, seen="20 d < 92 d",
    ),
    look(
        "E08", "error-budget", "Error budget used", "internal",
        {"source": "error_budget", "objective": 99.95, "days": 30,
         "check": "health"},
        "value < 50%", unit="%", every=5 * MINUTE, value=0, alerts=True,
        ladder=((SEV2, "value >= 100%"), (SEV3, "value >= 50%")),
        seen="0 % used: 0 min of 21.6 min in 30 days",
        description="99.95 % leaves 21.6 minutes in 30 days and 4.38 hours a year.",
    ),
    look(
        "E09", "post-mortems", "Incidents without a summary or an owner", "internal",
        {"source": "unreviewed_incidents", "days": 90}, "value == 0", value=0,
        every=15 * MINUTE, seen="0 of 1 incidents lack a summary or an owner",
    ),
    look(
        "E10", "certificate", "TLS certificate", "tls", {"hosts": ["<tls>"]},
        "cert_days > 30 and valid", every=5 * MINUTE, alerts=True, seen="80 d > 30 d",
    ),
)  # fmt: skip

_LIBRARY: tuple[CheckPlan, ...] = (
    prom(
        "E20", "availability", "API availability of 30 days",
        "100 * avg_over_time(probe_success{job=\"arca\"}[30d])", "value >= 99.95%",
        Play(low=99.98, high=100, decimals=2), unit="%", alerts=True,
        ladder=((SEV2, "value < 99.95%"),),
    ),
    prom(
        "E21", "latency-p95", "Latency p95",
        f"1000 * histogram_quantile(0.95, sum by (le) (rate({_BUCKET}[5m])))",
        "value < 200ms", Play(low=92, high=164, decimals=0), unit="ms",
    ),
    prom(
        "E22", "error-rate", "Error rate, 4xx and 5xx",
        '100 * sum(rate(http_requests_total{job="arca",status=~"[45].."}[5m])) / '
        'sum(rate(http_requests_total{job="arca"}[5m]))',
        "value < 0.1%", Play(low=0.02, high=0.08), unit="%",
        description="The objective counts the errors of clients too.",
    ),
    prom(
        "E23", "query-p95", "Query latency p95",
        "1000 * histogram_quantile(0.95, sum by (le) (rate("
        'pg_query_seconds_bucket{job="arca"}[5m])))',
        "value < 50ms", Play(low=14, high=33, decimals=0), unit="ms",
    ),
    prom(
        "E24", "arca-success", "Invoices that ARCA accepted",
        "100 * sum(rate(arca_cae_total{result=\"ok\"}[1h])) / "
        "sum(rate(arca_cae_total[1h]))",
        "value > 99%", Play(low=99.4, high=99.9, decimals=2), unit="%", alerts=True,
        ladder=((SEV2, "value <= 99%"),),
    ),
    prom(
        "E25", "token-cache", "Token cache hit rate",
        "100 * arca_token_cache_hits / arca_token_cache_lookups", "",
        Play(low=96.2, high=98.8, decimals=1), unit="%",
    ),
    prom(
        "E25", "arca-latency", "Latency of calls to ARCA", "arca_call_ms_p95", "",
        Play(low=640, high=1130, decimals=0), unit="ms",
    ),
    prom(
        "E26", "redis-hit-rate", "Redis hit rate", 'redis_hit_percent{job="arca"}', "",
        Play(low=93, high=97, decimals=1), unit="%",
    ),
    look(
        "E26", "redis-memory", "Redis memory", "redis",
        {"host": "<host>", "port": "<redis>", "command": "info",
         "field": "used_memory"},
        unit="B", plays=Play(low=412e6, high=431e6, decimals=0),
    ),
    look(
        "E26", "redis-evictions", "Redis evictions", "redis",
        {"host": "<host>", "port": "<redis>", "command": "info",
         "field": "evicted_keys"},
        plays=Play(low=1204, high=1204, decimals=0),
    ),
    look(
        "E27", "log-retention", "Log retention", "json",
        {"url": "<target>/arca/retention"},
        'json("$.operational_days") >= 90 and json("$.audit_days") >= 365',
        every=15 * MINUTE, seen="90 >= 90 and 365 >= 365",
    ),
    look(
        "E28", "recovery-objectives", "RTO and RPO of the last drill", "json",
        {"url": "<target>/arca/last-drill"},
        'json("$.rto_minutes") < 60 and json("$.rpo_minutes") < 5',
        every=15 * MINUTE, seen="42 < 60 and 3 < 5",
    ),
    look(
        "E29", "archive-age", "Age of the last archived WAL", "sql",
        {
            "source": "arca",
            "query": "SELECT strftime('%s', 'now') - strftime('%s', "
            "last_archived_time) FROM pg_stat_archiver",
        },
        "value < 5m", unit="s", source="arca", alerts=True,
        ladder=((SEV3, "value >= 5m"),), plays=Play(low=12, high=80, decimals=0),
        description="Daily snapshots alone cannot keep a recovery point below five "
        "minutes; archived WAL can.",
    ),
)  # fmt: skip

_DAILY = ChecklistRow(
    name="ARCA API daily checks",
    description="What the plans say has to hold every day. All of it ticks itself.",
    title="Daily checks",
    items=(
        item("E01", "Automated daily snapshot exists", "A", "snapshot"),
        item("E02", "Bucket versioning and cross-region replication", "A",
             "bucket-replication"),
        item("E08", "Less than half of the error budget is used", "A",
             "error-budget"),
        item("E09", "Post-mortem of every SEV1 and SEV2", "A", "post-mortems"),
        item("E10", "Certificate is valid for more than 30 days", "A",
             "certificate"),
    ),
)  # fmt: skip

_QUARTERLY = ChecklistRow(
    name="ARCA API recovery testing",
    title="Quarterly recovery testing",
    assignee="team",
    sign_off="one",
    items=(
        item("E03", "Disaster recovery drill", needs_note=True, is_critical=True,
             instructions="Service back in less than an hour, less than five minutes "
             "of data lost."),
        item("E04", "Restore from backup test", "S", "restore-test"),
        item("E05", "Cross-region failover test", needs_note=True),
        item("E06", "Document test results", kind="link",
             instructions="Link the report."),
    ),
)  # fmt: skip

_HANDOFF = ChecklistRow(
    name="ARCA API on-call handoff",
    title="At every handoff",
    description="Due when the rotation hands over, whenever that is.",
    rule={"kind": "handoff"},
    timing=timing("10:00", "10h", "1h", "14h"),
    items=(
        item("E07", "Handoff meeting of primary and secondary", needs_note=True,
             instructions="Open incidents, noisy alerts, what is planned for the "
             "week."),
    ),
)  # fmt: skip

SERVICE = ServicePlan(
    slug="arca-api",
    name="ARCA API",
    team="invoicing",
    description="Invoicing API in front of the tax authority.",
    chat_channel="#arca-incidents",
    outages=(
        Outage(61, 14, SEV1, "The tax authority's endpoint refused its own "
               "certificate"),
    ),
    severities=(
        Severity(label=SEV1, pages=True, postmortem_required=True,
                 description="Critical: complete outage, data loss"),
        Severity(label=SEV2, pages=True, postmortem_required=True,
                 description="High: partial outage, degraded"),
        Severity(label=SEV3, description="Medium: minor, there is a way around"),
        Severity(label=SEV4, description="Low: cosmetic"),
    ),
    asks_schedule=("Primary on call", "Secondary on call"),
    steps=(
        # SEV3 goes to the backlog and SEV4 to the next sprint: nobody is paged.
        Step(who="Primary on call", targets=("on-call",), min_level=2),
        Step(who="Secondary on call", targets=("secondary",), min_level=2,
             instructions="The runbook names no time."),
        Step(who="Tech lead", targets=("tech.lead: Tech lead",), min_level=2,
             condition="unresolved", instructions="If needed; no time is named."),
    ),
    checks=_FOR_ITEMS + _LIBRARY,
    checklists=(_DAILY, _QUARTERLY, _HANDOFF),
)  # fmt: skip
