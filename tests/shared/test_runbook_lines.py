"""What incidents, promises and figures stand on is read from the runbooks' own lines.

Reads ../shared beside the checkout, which does not ship.
"""

from functools import cache

import pytest

from incidents.domain.postmortem_formats import FORMATS
from incidents.models import SeverityLevel
from runbooks.domain.plan import read_plan
from runbooks.domain.plan_text import write_text

pytestmark = pytest.mark.shared

# By row of the requirements: the runbook, and of its lines what each must say.
LINES = {
    "S0-08": ("arq", {18: "Request Rate >= 1000 req/s", 19: "Error Rate < 0.1 %", 20: "Latency p95 < 1 s", 23: "Cache Hit Ratio > 85 %", 27: "p99 < 500 ms", 29: "Replication Lag < 100 ms", 35: "CPU Utilization < 70 %", 36: "Memory Usage < 80 %", 37: "Disk Usage > 80 %", 39: "Pod Restart Rate == 0", 47: "Latency < 5 ms"}),
    "S0-09": ("arq", {77: "High Error Rate (>0.5%)", 80: "High Latency (p99 > 2s)", 83: "DB Connection Pool Exhausted", 87: "Cache Miss Spike"}),
    "S0-18": ("arq", {136: "ID, Duration, Impact, Root Cause, Detection, Resolution, Action Items, Lessons"}),
    "S0-19": ("arq", {147: "On-Call", 148: "War Room", 149: "#arq-incidents", 150: "Escalation"}),
    "S1-17": ("amas", {306: "Throughput < 800 req/s", 307: "P95 Latency > 250 ms", 308: "P99 Latency > 600 ms", 309: "Error Rate > 2 %", 310: "Monitoring Overhead > 150 ms", 311: "Cache Hit Rate < 60 %"}),
    "S1-18": ("amas", {322: "cpu > 70 %", 323: "memory > 80 %", 324: "p95 latency > 200 ms"}),
    "S1-21": ("amas", {382: "System Overload (CPU > 90%)"}),
    "S1-24": ("amas", {397: "Database Connection Pool Exhausted"}),
    "S1-26": ("amas", {488: "decision insights: 90 days"}),
    "S1-33": ("amas", {562: "Symptoms, Root Cause, Resolution, Prevention"}),
    "S2-21": ("qenergyz", {304: "High Error Rate", 322: "High Response Time", 344: "Database Connection Issues"}),
    "S2-23": ("qenergyz", {425: "Production logs: 30 days", 426: "Staging logs: 7 days", 427: "Development logs: 3 days"}),
    "S2-24": ("qenergyz", {459: "cpu > 70 %", 460: "cpu < 30 %", 461: "pool > 80 %"}),
    "S2-26": ("qenergyz", {491: "devops@", 492: "security@", 493: "dev-team@", 501: "On-call Engineer", 502: "Team Lead", 503: "CTO"}),
    "S3-17": ("architect", {522: "https://oncall", 523: "#incidents", 524: "war-room", 525: "https://status", 528: "@eng-lead", 531: "@vp-engineering"}),
    "S3-18": ("architect", {478: "encoded twice and have been repaired"}),
    "S4-03": ("arca", {85: "operational logs: 90 days; audit logs: 365 days"}),
    "S4-12": ("arca", {138: "What happened?, What was the impact?, What was the root cause?, What actions will prevent recurrence?, Timeline of events"}),
    "S4-16": ("arca", {174: "daily backups cannot meet the RPO of line 171"}),
    "S4-19": ("arca", {249: "99.95 %", 250: "Latency (P95) < 200 ms", 251: "Error Rate < 0.1 %", 252: "Query Latency (P95) < 50 ms", 253: "Success Rate > 99 %"}),
    "S4-21": ("arca", {258: ">= 50 %"}),
}  # fmt: skip


@pytest.fixture(scope="session")
def plan_of(shared):
    return cache(
        lambda name: read_plan((shared / "runbooks" / f"{name}.md").read_bytes())
    )


@pytest.mark.parametrize("row", LINES)
def test_the_lines_of_a_row_are_read_as_what_they_say(plan_of, row):
    name, wanted = LINES[row]
    said = {}
    for line in write_text(plan_of(name)).splitlines():
        number, _, words = line.strip().partition("  ")
        if number.isdigit():
            said[int(number)] = "; ".join(filter(None, (said.get(int(number)), words)))
    for number, words in wanted.items():
        assert all(part in said[number] for part in words.split("; ")), number


ALARMS = {
    "HighErrorRate": ("Sum", 10, "critical"),
    "HighResponseTime": ("Average", 1, "major"),
    "HighCPUUtilization": ("Average", 80, "major"),
    "DatabaseHighCPU": ("Average", 75, "minor"),
}


def test_alarms_of_cloudwatch_are_read_with_topic_and_periods(plan_of):
    rules = {each.name: each for each in plan_of("qenergyz").alert_rules}
    assert rules.keys() == ALARMS.keys()
    for name, (statistic, value, severity) in ALARMS.items():
        rule = rules[name]
        said = (rule.statistic, rule.op, rule.value, rule.severity)
        assert said == (statistic, ">", value, severity)
        assert (rule.evaluation_periods, rule.period_seconds) == (2, 300)


def test_a_rule_of_amas_is_read_with_its_duration_and_cooldown(plan_of):
    (rule,) = plan_of("amas").alert_rules
    assert (rule.name, rule.op, rule.value) == ("decision-latency-p99", ">", 500)
    assert (rule.duration_minutes, rule.cooldown_minutes) == (2, 5)
    assert (rule.severity_raw, bool(rule.message)) == ("high", True)


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        (16, ["Declare Incident", "Page On-Call Team", "Check Services",
              "Immediate Recovery", "Verify Recovery"]),
        (372, ["Declare Emergency", "Switch to Failover (if configured)",
               "Manual Recovery"]),
        (398, ["Stop Changes", "Preserve Evidence", "Restore from Backup",
               "Restart Service"]),
        (436, ["Activate DDoS Protection", "Monitor Traffic", "Block Traffic"]),
    ],
)  # fmt: skip
def test_the_steps_of_a_procedure_are_all_there(plan_of, line, steps):
    (found,) = (each for each in plan_of("architect").procedures if each.line == line)
    assert [step.text for step in found.resolution if not step.command] == steps


def test_the_response_of_arca_is_a_checklist_of_seven_steps(shared):
    """Its list of steps as the page that the runbook plans for it."""
    lines = (shared / "runbooks" / "arca.md").read_text().splitlines()[123:131]
    head = ["# Incident Response", "", "## API down or unresponsive", "", "**Steps**:"]
    pasted = "\n".join([*head, "", *lines[1:]])
    (found,) = read_plan(pasted.encode()).procedures
    steps = [step.text for step in (*found.diagnosis, *found.resolution)]
    assert len(steps) == 7
    assert {"Acknowledge and assess severity", "Post-mortem (SEV1-SEV2)"} <= {*steps}


@pytest.mark.parametrize("name", ["arq", "amas", "arca"])
def test_a_postmortem_has_the_headings_of_its_runbook_in_its_order(plan_of, name):
    (template,) = plan_of(name).templates
    assert [part.heading for part in FORMATS[name].sections] == [*template.fields]


LABELS = {
    "arq": ["Critical", "Major", "Minor"],
    "amas": ["Emergency", "High", "Medium", "Low"],
    "qenergyz": ["P0", "P1", "P2", "P3"],
    "architect-api": ["P1", "P2", "P3", "P4"],
    "arca-api": ["SEV1", "SEV2", "SEV3", "SEV4"],
}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", LABELS)
def test_each_service_has_its_own_words_for_one_scale(demo_services, slug):
    words = SeverityLevel.objects.filter(service=demo_services[slug])
    in_order = words.order_by("level")
    assert [word.label for word in in_order] == LABELS[slug]
    assert [word.level for word in in_order] == [*range(1, len(LABELS[slug]) + 1)]
