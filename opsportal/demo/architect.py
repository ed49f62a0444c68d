"""Architect API: no checklist, but thresholds, severities and whom it calls."""

from opsportal.demo.shapes import (
    MINUTE,
    CheckPlan,
    Outage,
    Play,
    ServicePlan,
    Severity,
    Step,
    Trouble,
    look,
    prom,
)

P1, P2, P3, P4 = "P1", "P2", "P3", "P4"
_POD = 'pod=~"architect-api.*"'
_ERRORS = 'sum(rate(http_requests_total{job="architect",status=~"5.."}[5m]))'
_REQUESTS = 'sum(rate(http_requests_total{job="architect"}[5m]))'

_CHECKS: tuple[CheckPlan, ...] = (
    look(
        "D01", "health", "Architect API answers", "http",
        {"url": "<target>/architect/health"},
        'status == 200 and json("$.status") == "ok"',
        alerts=True, measures_uptime=True, seen="200 == 200 and ok == ok",
        description="The runbook's own command skips the check of the certificate; "
        "this one does not.",
    ),
    prom(
        "D02 D03", "error-rate", "Error rate", f"100 * {_ERRORS} / {_REQUESTS}",
        "value <= 0.1%",
        Play(low=0.02, high=0.06, bad=0.34, trouble=Trouble.AT_FIRST), unit="%",
        ladder=((P1, "value >= 100%"), (P2, "value > 0.1%")), alerts=True,
    ),
    prom(
        "D04", "latency-p95", "Latency p95",
        "1000 * histogram_quantile(0.95, sum by (le) (rate("
        'http_request_duration_seconds_bucket{job="architect"}[5m])))',
        "value <= 300ms", Play(low=148, high=236, decimals=0), unit="ms",
        ladder=((P3, "value > 300ms"),), alerts=True,
    ),
    look(
        "D05", "database", "The database answers", "sql",
        {"source": "architect", "query": "SELECT 1"}, "value == 1",
        source="architect", value=1, alerts=True, seen="1 == 1",
    ),
    look(
        "D06", "redis", "Redis answers", "redis",
        {"host": "<host>", "port": "<redis>", "command": "ping"}, 'value == "PONG"',
        alerts=True, seen="PONG == PONG",
    ),
    look(
        "D07", "external-api", "The external API answers", "http",
        {"url": "<target>/external/health", "method": "HEAD"}, "status < 500",
        alerts=True, seen="200 < 500",
    ),
    look(
        "D08", "slowest-query", "Mean time of the slowest query", "sql",
        {
            "source": "architect",
            "query": "SELECT max(mean_exec_time) FROM pg_stat_statements",
        },
        unit="ms", source="architect", every=5 * MINUTE,
        plays=Play(low=812, high=812, decimals=0),
    ),
    look(
        "D09", "locks", "Locks that are waited for", "sql",
        {
            "source": "architect",
            "query": "SELECT count(*) FROM pg_locks WHERE NOT granted",
        },
        "value == 0", source="architect", plays=Play(low=0, high=0, decimals=0),
    ),
    look(
        "D10", "connections", "Database connections", "sql",
        {"source": "architect", "query": "SELECT count(*) FROM pg_stat_activity"},
        source="architect", plays=Play(low=41, high=41, decimals=0),
    ),
    prom(
        "D11", "replication-lag", "Replication lag",
        'max(pg_replication_lag_seconds{job="architect"})', "",
        Play(low=0.02, high=0.08), unit="s",
    ),
    look(
        "D12", "replication-slots", "Replication slots that are not active", "sql",
        {
            "source": "architect",
            "query": "SELECT count(*) FROM pg_replication_slots WHERE NOT active",
        },
        "value == 0", source="architect", plays=Play(low=0, high=0, decimals=0),
    ),
    prom(
        "D12", "retained-wal", "WAL kept for slots",
        "max(pg_replication_slot_retained_bytes)", "value < 10GiB",
        Play(low=0.4e9, high=1.9e9, decimals=0), unit="B",
    ),
    look(
        "D13", "backup", "Newest backup in the bucket", "file",
        {"path": "<backups>", "pattern": "backup_*.sql.gz"},
        "age < 26h and size > 0", every=5 * MINUTE, alerts=True, seen="5 h < 26 h",
        description="The folder stands for s3://backups/architect/.",
    ),
    prom(
        "D14", "cpu", "CPU", f"100 * avg(rate(container_cpu_usage_seconds_total{{{_POD}}}"
        "[5m]))", "value <= 80%", Play(low=38, high=63, decimals=1), unit="%",
        ladder=((P3, "value > 80%"),), alerts=True,
    ),
    prom(
        "D15", "memory-growth", "Memory growth",
        f"max(deriv(container_memory_usage_bytes{{{_POD}}}[1h]))", "",
        Play(low=-900, high=1400, decimals=0), unit="B/s",
        description="A gauge grows by deriv(); the runbook's rate() is for counters.",
    ),
    look(
        "D16", "idle-connections", "Connections idle for more than 10 minutes", "sql",
        {
            "source": "architect",
            "query": "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' "
            "AND state_change < datetime('now', '-10 minutes')",
        },
        "value == 0", source="architect", plays=Play(low=0, high=0, decimals=0),
    ),
    prom(
        "D17", "pods-ready", "Pods that are not ready",
        'sum(kube_pod_status_ready{condition="false",' + _POD + "})", "value == 0",
        Play(low=0, high=0, decimals=0), alerts=True, ladder=((P3, "value > 0"),),
    ),
    prom(
        "D17", "replicas", "Replicas wanted and not there",
        "max(kube_hpa_status_desired_replicas - kube_hpa_status_current_replicas)",
        "value == 0", Play(low=0, high=0, decimals=0),
    ),
    prom(
        "D18", "slow-commands", "Slow Redis commands in the log", "redis_slowlog_length",
        "", Play(low=3, high=9, decimals=0),
    ),
    look(
        "D18", "redis-memory", "Redis memory", "redis",
        {"host": "<host>", "port": "<redis>", "command": "info",
         "field": "used_memory"},
        unit="B", plays=Play(low=412e6, high=431e6, decimals=0),
    ),
)  # fmt: skip

SERVICE = ServicePlan(
    slug="architect-api",
    name="Architect API",
    team="platform",
    description="Dashboard API on Kubernetes, with PostgreSQL and Redis.",
    chat_channel="#incidents",
    war_room_url="https://meet.example.com/war-room",
    status_page_url="https://status.example.com",
    outages=(
        Outage(12, 31, P1, "A migration locked the largest table"),
        Outage(3, 11.5, P1, "All pods were evicted from one node pool"),
    ),
    severities=(
        Severity(label=P1, pages=True, description="API completely down"),
        Severity(label=P2, pages=True, description="High error rate (> 0.1 %)"),
        Severity(label=P3, description="High latency (P95 > 300 ms)"),
        Severity(label=P4, description="Named by the template, defined nowhere"),
    ),
    asks_schedule=("On-Call Schedule",),
    steps=(
        Step(who="Engineer on call", targets=("on-call",),
             instructions="Answers within 5 minutes."),
        Step(name="Emergency - All on-call staff", delay=0 * MINUTE,
             targets=("all on call",), requires="emergency", condition="unresolved",
             instructions="Production is down: everybody on call, at once."),
        Step(who="Manager + Lead engineer", name="P1 or P2", delay=5 * MINUTE,
             targets=("team.lead: Manager", "engineer.a: Lead engineer"),
             min_level=2, condition="unresolved",
             instructions="P1 and P2, answered or not."),
        Step(who="Manager + Lead engineer", name="No response", delay=5 * MINUTE,
             targets=("team.lead: Manager", "engineer.a: Lead engineer"),
             max_level=3, instructions="Nobody answered within 5 minutes."),
        # Without a limit a P3 would reach them 45 minutes before its own time is up.
        Step(who="Director + VP Engineering", min_level=2,
             targets=("Director", "VP Engineering"), condition="unresolved"),
        Step(who="Declare outage, notify customers", min_level=1,
             targets=("channel", "on-call"), condition="unresolved"),
    ),
    checks=_CHECKS,
    checklists=(),
)  # fmt: skip
