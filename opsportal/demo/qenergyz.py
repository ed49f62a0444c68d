"""Qenergyz: its daily, weekly and monthly work, and whom it calls."""

from opsportal.demo.qenergyz_checks import FOR_ITEMS, LIBRARY, P0, P1, P2, P3
from opsportal.demo.shapes import (
    ChecklistRow,
    Outage,
    ServicePlan,
    Severity,
    Step,
    item,
)

_DAILY = ChecklistRow(
    name="Qenergyz daily tasks",
    title="Daily tasks",
    holidays="skip",
    items=(
        item("C01", "Review overnight alerts", "S", "overnight-alerts",
             instructions="Since 18:00 of yesterday. Without any the item ticks "
             "itself."),
        item("C02", "Check system health dashboards", "S", "health all-checks",
             instructions="Open the operations dashboard; all checks of the service "
             "should pass."),
        item("C03", "Verify backup completion", "A", "backup-job backup-file"),
        item("C04", "Monitor error rates", "A", "error-rate-day",
             instructions="Below 0.1 % all is well, above 1 % look into it, above 5 % "
             "declare an incident."),
    ),
)  # fmt: skip

_WEEKLY = ChecklistRow(
    name="Qenergyz weekly tasks",
    title="Weekly tasks",
    assignee="team",
    items=(
        item("C05", "Review performance trends", "S", "latency-trend"),
        item("C06", "Update alert thresholds if needed", "S", "noise-week",
             instructions="Nothing noisy: the item ticks itself."),
        item("C07", "Check capacity utilization", "A", "cpu memory connections",
             instructions="CPU below 70 %, memory and connections below 80 %."),
        item("C08", "Review security alerts", "S", "security-alerts"),
    ),
)  # fmt: skip

_MONTHLY = ChecklistRow(
    name="Qenergyz monthly tasks",
    title="Monthly tasks",
    assignee="team",
    items=(
        item("C09", "Review incident reports", "S", "incident-reports"),
        item("C10", "Update monitoring documentation", "S", "documents"),
        item("C11", "Optimize alert configurations", "S", "noise-month"),
        item("C12", "Capacity planning review", "S",
             "cpu-month memory-month disk-days", needs_note=True),
        item("I01", "Review the runbook, or after a significant change", "S",
             "documents"),
    ),
)  # fmt: skip

_AFTER_INCIDENT = ChecklistRow(
    name="Qenergyz post-incident review",
    title="After an incident",
    description="Started by hand 24 to 48 hours after an incident was resolved.",
    items=(
        item("I02", "Post-incident review within 24-48 hours", "M", kind="link",
             instructions="Timeline, root cause, action items, what changes in the "
             "procedures."),
    ),
)  # fmt: skip

SERVICE = ServicePlan(
    slug="qenergyz",
    name="Qenergyz",
    team="energy",
    description="Energy trading platform on ECS, with PostgreSQL and Redis.",
    chat_channel="#incident-response",
    outages=(
        Outage(11, 4.2, P0, "Failover of the database took longer than planned"),
        Outage(52, 31, P0, "A release could not find its secrets"),
    ),
    severities=(
        Severity(label=P0, pages=True,
                 description="Critical: down, data corrupted, or broken into"),
        Severity(label=P1, description="High: degraded, many errors, slow"),
        Severity(label=P2, description="Medium: resources and capacity"),
        Severity(label=P3, description="Low: for information"),
    ),
    asks_schedule=("On-call Engineer",),
    steps=(
        Step(who="On-call engineer", min_level=1, targets=("on-call",)),
        Step(who="Team lead", min_level=2, max_level=2,
             targets=("channel", "energy.lead: Team lead")),
        Step(who="Team", min_level=3, max_level=3, targets=("mail",)),
    ),
    checks=FOR_ITEMS + LIBRARY,
    checklists=(_DAILY, _WEEKLY, _MONTHLY, _AFTER_INCIDENT),
)  # fmt: skip
