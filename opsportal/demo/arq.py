"""ARQ: its daily and weekly work, and whom it calls."""

from opsportal.demo.arq_checks import CRITICAL, FOR_ITEMS, LIBRARY, MAJOR, MINOR
from opsportal.demo.shapes import (
    ChecklistRow,
    Outage,
    ServicePlan,
    Severity,
    Step,
    item,
)

_DAILY = ChecklistRow(
    name="ARQ daily checklist",
    description="What the primary looks at every day.",
    title="Daily checklist",
    sign_off="one",
    items=(
        item("A03", "Verify replication lag < 100ms", "A", "replication-lag",
             instructions="The standby may trail by less than **100 ms**. Over 1 s "
             "somebody is paged: look at long transactions on the standby first."),
        item("A05", "Check cache hit ratio > 85%", "A", "cache-hit-ratio",
             instructions="Below 70 % look at node health, memory, the eviction rate "
             "and connectivity."),
        item("A06", "SSL cert expiration > 30 days", "A", "certificates",
             instructions="Every host of the API, chain and name included. Order the "
             "renewal when fewer than 30 days are left."),
        item("A02", "Check backup completion", "A", "backup-job backup-file",
             instructions="The job must have reported success within 26 hours, and "
             "its newest file be at least half of the usual size."),
        item("A10", "On-call coverage verified", "A", "oncall-coverage",
             instructions="No minute without a primary and a secondary, and each of "
             "them reachable."),
        item("A04", "Review error rate < 0.1%", "A", "error-rate-24h",
             instructions="Recent deployments, error logs, database, cache, external "
             "APIs: in this order when it is higher."),
        item("A07", "Stable disk usage", "A",
             "disk-used disk-change disk-in-a-week",
             instructions="Under 80 %, moved by at most 5 points since yesterday, "
             "and not full within a week."),
        item("A09", "All monitoring agents reporting", "A",
             "agents-down agents-known",
             instructions="An agent that vanished is not down, it is missing: all 12 "
             "must be known as well."),
        item("A01", "Review overnight alerts", "S", "overnight-alerts",
             instructions="Open each alert since 18:00, say what it was, mark it "
             "reviewed. Without any the item ticks itself."),
        item("A08", "Review slow queries", "S", "slow-queries", needs_note=True,
             instructions="More than half again as many as usual is a reason to look "
             "at the ten slowest. Note what you found."),
    ),
)  # fmt: skip

_WEEKLY = ChecklistRow(
    name="ARQ weekly tasks",
    description="Done by the team in the course of the week.",
    title="Weekly tasks",
    assignee="team",
    items=(
        item("A11", "Error trend analysis", "S", "error-trend",
             instructions="This week against the one before: up to 10 % more is noise."),
        item("A12", "Capacity planning review", "S", "cpu-week memory-week disk-days",
             kind="number", bounds={"hard_min": 0, "warn_min": 30, "unit": "d"},
             instructions="Enter the days until the first resource runs out. CPU "
             "below 70 %, memory below 80 %, disk for more than 30 days."),
        item("A13", "Baseline comparison", "S", "latency-baseline",
             instructions="Latency at most 10 % above the last four weeks."),
        item("A14", "Security audit logs", "M", kind="number", needs_note=True,
             bounds={"hard_min": 0, "unit": "findings"},
             instructions="Enter the number of findings, with the link to the "
             "evidence as a note. None is 0."),
        item("A15", "DR testing", "S", "recovery-drill", needs_note=True,
             instructions="A drill with its outcome in the last seven days."),
        item("A16", "Documentation updates", "S", "stale-documents",
             instructions="The documents that were not reviewed for 90 days."),
        item("A17", "Team sharing", "M", kind="link",
             instructions="Link the notes of what was shared."),
    ),
)  # fmt: skip

_UPDATES = ChecklistRow(
    name="ARQ stakeholder update",
    title="During an incident at level 4",
    description="Started by hand during an incident at level 4, every 5 minutes.",
    items=(
        item("I06", "Stakeholder update every 5 minutes", "M", kind="text",
             instructions="What is known, what is done, when the next update comes."),
    ),
)  # fmt: skip

SERVICE = ServicePlan(
    slug="arq",
    name="ARQ",
    team="platform",
    description="Message broker API with PostgreSQL, a cache and Kubernetes nodes.",
    chat_channel="#arq-incidents",
    outages=(
        Outage(17, 8.6, CRITICAL, "A node was drained before its pods had moved"),
        Outage(71, 22, CRITICAL, "The certificate of the load balancer had ended"),
    ),
    severities=(
        Severity(label=CRITICAL, pages=True, description="Page on-call"),
        Severity(label=MAJOR, description="Notify the team"),
        Severity(label=MINOR, description="Log, tell nobody"),
    ),
    asks_schedule=("On-Call",),
    steps=(
        # Major notifies the team, Minor is only logged: both page nobody.
        Step(who="Automated", targets=("channel",), min_level=2),
        Step(who="On-call engineer", targets=("on-call",), min_level=1),
        Step(who="Engineering lead", targets=("team.lead: Engineering lead",),
             condition="unresolved", min_level=1),
        Step(who="Executive", targets=("Executive",), condition="unresolved",
             min_level=1),
    ),
    checks=FOR_ITEMS + LIBRARY,
    checklists=(_DAILY, _WEEKLY, _UPDATES),
)  # fmt: skip
