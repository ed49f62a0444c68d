"""AMAS: its health check every four hours, its routine work, and whom it calls."""

from opsportal.demo.amas_checks import EMERGENCY, FOR_ITEMS, HIGH, LIBRARY
from opsportal.demo.shapes import (
    MINUTE,
    WHEN_ASKED,
    ChecklistRow,
    Outage,
    ServicePlan,
    Severity,
    Step,
    item,
)

_EVERY_FOUR_HOURS = ChecklistRow(
    name="AMAS health check, every 4 hours",
    description="Ticks itself; a person is only asked when it does not.",
    title="Health check",
    items=(
        item("B01", "Health Check Protocol", "A", "health",
             instructions="`/health` answers 200 and `ok`, with a time of the last "
             "five minutes."),
    ),
)  # fmt: skip

_DAILY = ChecklistRow(
    name="AMAS daily operations",
    description="Metrics, alerts, and whether the monitoring itself is well.",
    title="Daily operations checklist",
    items=(
        item("B02", "Queue depth < 500", "A", "queue-depth",
             section="Metrics review",
             instructions="Decisions that wait to be written. When they pile up, add "
             "workers first."),
        item("B03", "Decision write latency P99 < 500ms", "A", "decision-writes",
             section="Metrics review",
             instructions="99 of 100 writes within 500 ms. Then: more connections in "
             "the pool, then slow queries."),
        item("B04", "Error rate < 1%", "A", "errors", section="Metrics review",
             instructions="Connection pool, exceptions in background code, cache "
             "misses, partitions: the usual four."),
        item("B05", "Active alerts check: none", "A", "active-alerts",
             section="Active alerts",
             instructions="The list is empty when all is well."),
        item("B06", "Metrics collection is working", "A", "collection",
             section="Monitoring the monitor",
             instructions="Collected every 30 s; three lost rounds are too many."),
        item("B07", "Alert engine returns a count", "A", "alert-engine",
             section="Monitoring the monitor"),
        item("B08", "Alert history holds at most 200", "A", "alert-history",
             section="Monitoring the monitor"),
        item("B09", "Insights written: 100 to 500 per hour", "A", "insights-an-hour",
             section="Monitoring the monitor",
             instructions="None at all means that writing has stopped."),
        item("B10", "Daily backup of decision insights", "A", "insights-backup",
             section="Backup and limits"),
        item("B11", "No alert storm: at most 50 alerts in 1 minute", "A",
             "alert-storm", section="Backup and limits",
             instructions="In a storm: silence the channel, find the common metric, "
             "raise its cooldown to 10 minutes."),
        item("B12", "Webhook stays below 12 per minute", "A", "webhook-rate",
             section="Backup and limits"),
    ),
)  # fmt: skip

_MONDAY = ChecklistRow(
    name="AMAS weekly tasks, Monday",
    title="Weekly tasks",
    items=(
        item("B20", "Review alert history for patterns", "S", "repeated-alerts",
             instructions="A rule that fired more than three times unreviewed is a "
             "pattern."),
        item("B21", "Check database growth rate", "A", "database-growth",
             instructions="At most a quarter more than in an average week of the "
             "last four."),
        item("B22", "Verify backup integrity", "A", "restore-test",
             instructions="The restore job must have brought rows back in the last "
             "seven days."),
    ),
)  # fmt: skip

_FRIDAY = ChecklistRow(
    name="AMAS weekly tasks, Friday",
    title="Weekly tasks",
    items=(
        item("B23", "Run load tests to validate performance", "S", "load-test",
             instructions="P95 under 200 ms, P99 under 500 ms, errors under 1 %, and "
             "no alert while it ran."),
        item("B24", "Review week's incident log", "S", "incident-log",
             instructions="Every incident of the week has a summary and an owner."),
        item("B25", "Update runbook if new issues discovered", "S", "new-issues",
             instructions="Nothing new: the item ticks itself."),
    ),
)  # fmt: skip

_MONTHLY = ChecklistRow(
    name="AMAS monthly tasks",
    title="Monthly tasks",
    assignee="team",
    items=(
        item("B30", "Review and adjust alert thresholds based on actual usage", "S",
             "noise-month"),
        item("B31", "Clean up old decision insights (> 90 days)", "A",
             "old-insights"),
        item("B32", "Performance benchmark comparison", "S", "benchmark",
             instructions="At most 10 % slower than the last one."),
        item("B33", "Dependency updates and security patches", "S",
             "dependency-audit", instructions="No critical finding may be left."),
    ),
)  # fmt: skip

_QUARTERLY = ChecklistRow(
    name="AMAS quarterly tasks",
    title="Quarterly tasks",
    assignee="team",
    sign_off="two",
    items=(
        item("B40", "Comprehensive load test with peak traffic simulation", "S",
             "peak-load-test"),
        item("B41", "Disaster recovery drill", "S", "recovery-drill",
             kind="number", bounds={"hard_min": 0, "unit": "min"}, needs_note=True,
             instructions="Enter the minutes until the service was back, and note "
             "how much data was lost."),
        item("B42", "Capacity planning review", "S",
             "cpu-quarter memory-quarter disk-days", needs_note=True),
        item("B43", "Alert rule effectiveness audit", "S", "rule-precision"),
    ),
)  # fmt: skip

_BEFORE_LOAD_TEST = ChecklistRow(
    name="AMAS load test",
    title="Before a load test in production",
    description="Before a load test in production. The portal starts it between 02:00 "
    "and 04:00 of the team's clock and at no other time.",
    rule={"kind": "on_demand", "starts_from": "02:00", "starts_until": "04:00"},
    timing=WHEN_ASKED,
    items=(
        item("I04", "Test environment mirrors production", section="Before"),
        item("I04", "Cache cleared and counters reset", section="Before"),
        item("I04", "Team told of the load test window", section="Before"),
        item("I05", "Traffic is low: 50 at once first, then 100", section="Before",
             instructions="Stop at once when an alert fires. What was started is due "
             "when the window ends."),
        item("I04", "P95 latency < 200ms", "M", kind="number", section="After",
             bounds={"hard_min": 0, "warn_max": 200, "unit": "ms"}),
        item("I04", "P99 latency < 500ms", "M", kind="number", section="After",
             bounds={"hard_min": 0, "warn_max": 500, "unit": "ms"}),
        item("I04", "Error rate < 1%", "M", kind="number", section="After",
             bounds={"hard_min": 0, "hard_max": 100, "warn_max": 1, "unit": "%"}),
        item("I04", "No alerts fired during the test", section="After"),
    ),
)  # fmt: skip

_SUGGESTED = ChecklistRow(
    name="AMAS query performance review",
    title="Query performance review (on demand)",
    description="A suggestion of the incident template: weekly once somebody wants "
    "it, until then started by hand.",
    items=(
        item("I03", "Query performance review", needs_note=True,
             instructions="The ten slowest queries and what becomes of them."),
    ),
)  # fmt: skip

SERVICE = ServicePlan(
    slug="amas",
    name="AMAS",
    team="platform",
    description="Decision service: Express, TimescaleDB, Redis, its own alert engine.",
    chat_channel="#platform-ops",
    outages=(
        Outage(26, 19, HIGH, "Workers restarted in a loop after a release"),
        Outage(2, 58, EMERGENCY, "The connection pool of the database was exhausted"),
        Outage(1, 47, HIGH, "The same long queries held the pool again"),
    ),
    severities=(
        Severity(label=EMERGENCY, pages=True,
                 description="Risk of data loss, or a complete outage: at once"),
        Severity(label=HIGH, pages=True),
    ),
    asks_schedule=("On-Call Rotation",),
    steps=(
        Step(who="On-call engineer", targets=("on-call",)),
        Step(who="Senior engineer", targets=("engineer.a: Senior engineer",),
             condition="unresolved"),
        Step(who="Platform lead", targets=("team.lead: Platform lead",),
             condition="unresolved", requires="customer_impact"),
        # The runbook names no time: everybody hears at once.
        Step(who="Emergency", delay=0 * MINUTE, requires="emergency",
             targets=("on-call", "secondary", "team.lead: Platform lead"),
             condition="unresolved"),
    ),
    checks=FOR_ITEMS + LIBRARY,
    checklists=(
        _EVERY_FOUR_HOURS,
        _DAILY,
        _MONDAY,
        _FRIDAY,
        _MONTHLY,
        _QUARTERLY,
        _BEFORE_LOAD_TEST,
        _SUGGESTED,
    ),
)  # fmt: skip
