"""Turns that a runbook seldom takes: what is read of them, and what is left alone."""

import pytest

from runbooks.domain.plan import read_plan
from runbooks.domain.plan_text import write_text


def plan_of(*lines):
    return read_plan("\n".join(lines).encode())


def texts_of(*lines):
    return [item.text for each in plan_of(*lines).checklists for item in each.items]


def conditions_of(*lines):
    return [
        item.check and item.check.condition
        for each in plan_of(*lines).checklists
        for item in each.items
    ]


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (("---", "title: never closed", "## Daily", "- [ ] look"), ["look"]),
        (("---", "no front matter", "", "## Daily", "- [ ] look"), ["look"]),
        (("## Daily", "> - remark", "", "- [ ] look"), ["look"]),
        (
            ("# A", "## Daily backup verification", "```bash", "pg_verify", "```"),
            ["Daily backup verification"],
        ),
        (("## Daily", "!!! note", "    a", "   ", "    b", "", "- [ ] look"), ["look"]),
        (("## Daily tour", "| Check | Who |", "|-|-|", "| Look at it | A |"), ["Look at it"]),
        (("## Daily tasks", "| Task | Target |", "|-|-|", "| CPU | 80% |"), []),
        (("## Daily tasks", "| # | Owner |", "|-|-|", "| 1 | A |"), []),
        (("## Daily tasks", "| Owner | Where |", "|-|-|", "| A | there |"), ["there"]),
        (("## Weekly tasks", "- Database:", "  - Check the growth"), ["Check the growth"]),
        (("## Daily", "Check the mail.", "Then the post.", "", "Nothing else."), ["Check the mail. Then the post."]),
        (("## Daily", "Check the mail.", "", "- Read the news"), ["Read the news"]),
        (("## Daily template", "Frequency: daily", "- [ ] a box"), []),
        (("## Weekly reports to customers of the second and the third region", "- one"), []),
        (("## Jobs", "- Schedule: now and then", "- Check a (weekly)"), ["Check a (weekly)"]),
        (("## Rack 7 in the far and cold hall of Monday", "- look"), []),
        (("## Rack on Monday", "- look"), []),
        (("# R", "## 09:00 Meet", "- Talk"), []),
        (("## Rota", "| What | Mon | Tue | Wed | Thu | Fri | Sat | Sun |", "|-|-|-|-|-|-|-|-|", "| Look | x | x | x | x | x | x | x |", "| Rest | | | | | | | |"), ["Look"]),
        (("## Notes", "- **Weekly**:", "  - the sun shines"), []),
    ],
)  # fmt: skip
def test_work_is_told_from_what_stands_beside_it(lines, texts):
    assert texts_of(*lines) == texts


@pytest.mark.parametrize(
    ("item", "condition"),
    [
        ("Failed logins = 5 is a page", None),
        ("Slow answers < 50% over baseline", "value <= 1.5 * baseline(7d)"),
        ("Error rate > 2% is a page, > 1% a warning", "value <= 1%"),
        ("No host has a load above 8", "value <= 8"),
        ("Availability: alert below 99%", "value >= 99%"),
        ("Certificate has 20 days left", "cert_days > 30 and valid"),
        ("Look at servers with more than 80 % CPU", "value <= 80%"),
        (
            "Zertifikate mit weniger als 30 Tagen Laufzeit ansehen",
            "cert_days > 30 and valid",
        ),
        ("Payments are settled, mismatch is 0", "value == 0"),
        ("Payments of 0 euro", None),
        ("Refund queue has nothing older than 24 h", "value <= 24h"),
        ("No lock is older than 5 minutes", "value <= 5min"),
    ],
)
def test_a_check_passes_on_the_good_side(item, condition):
    assert conditions_of("## Daily", f"- [ ] {item}") == [condition]


def test_a_target_in_a_unit_that_no_check_knows_is_no_proposal():
    lines = ("## Metrics", "- CPU use: target 5x", "## Daily", "- [ ] Look at CPU use")
    assert conditions_of(*lines) == [""]


def bounds_of(*lines):
    return [
        (each.metric, each.op, each.value, each.severity)
        for each in plan_of(*lines).thresholds
    ]


@pytest.mark.parametrize(
    ("lines", "bounds"),
    [
        (("## Alerts", "- Lines such as CPU > 80%"), []),
        (("# Cache alerts", "- CPU > 80%"), [("cpu", ">", 80, None)]),
        (("## Alerts", "- High: CPU > 80%"), [("cpu", ">", 80, "major")]),
        (("## Alerts", "- 🔴 CPU over 90%"), [("cpu", ">", 90, "critical")]),
        (("## Error budget alerts", "- Alert when 5 of 60 min are used"), []),
        (("## Metrics", "- Critical:", "  - CPU > 90%"), [("cpu", ">", 90, "critical")]),
        (("## Metrics", "- CPU:", "  - Critical: 90%"), [("CPU", ">", 90, "critical")]),
        (("## Metrics", "### P1 alerts", "- CPU > 90%"), [("cpu", ">", 90, "major")]),
        (("## Metrics", "### Sev 1 alerts", "- CPU > 90%"), [("cpu", ">", 90, "critical")]),
        (("# Severity levels", "- CPU > 90%"), []),
        (("### Here", "- CPU > 90%"), [("cpu", ">", 90, None)]),
        (("## Severity levels", "### Odd", "- CPU > 90%"), []),
        (("## Alerts", "Pages go out for Sev-1 and in 3 other cases: critical."), []),
        (("## Limits", "| What | Warning | Critical |", "|-|-|-|", "| A | ~5 | ~9 |"), []),
        (("## Grenzwerte", "- p95: Warnung ab 400 ms, kritisch ab 1,5 s"), [("p95", ">=", 400, "warning"), ("p95", ">=", 1.5, "critical")]),
        (("## Grenzwerte", "- Laufzeit: Warnung unter 21 Tagen"), [("Laufzeit", "<", 21, "warning")]),
        (("## Metrics", "| Threshold | Note |", "|-|-|", "| CPU > 90%, 95% | a |"), []),
        (("## Metrics", "| Metric | Critical |", "|-|-|", "| A | 5% 9% |"), [("A", ">", 5, "critical")]),
        (("## Metrics", "| Metric | Critical |", "|-|-|", "| A | older than 5 days |"), []),
        (("## Alerts", "| Severity | Threshold |", "|-|-|", "| Critical | disk > 90%, > 95% |"), [("disk", ">", 90, "critical")]),
    ],
)  # fmt: skip
def test_a_limit_is_told_from_a_figure(lines, bounds):
    assert bounds_of(*lines) == bounds


def severities_of(*lines):
    return [
        (each.name, each.response_minutes, each.response_text)
        for each in plan_of(*lines).severities
    ]


@pytest.mark.parametrize(
    ("lines", "severities"),
    [
        (("## Severity templates", "### P1", "- Response: 5 min"), []),
        (("## A", "### High", "- text"), []),
        (("## Metrics", "### P1", "- Response: 5 min"), []),
        (("## Severities", "### P1", "- Response: soon", "- Ack: 5 min"), [("P1", 5, "5 min")]),
        (("## Severities", "P1: 5 min, P2"), [("P1", 5, "5 min, P2")]),
        (("## Severities", "P1: 5 min, someone: 1 hour"), [("P1", 5, "5 min, someone: 1 hour")]),
        (("## Severities", "Critical (P1): down; the rest: 5 min"), [("P1", 5, "down; the rest: 5 min")]),
        (("## Severities", "| What | Response |", "|-|-|", "| P1 | 5 min |"), [("P1", 5, "5 min")]),
        (("## Severities", "| Severity | Metric |", "|-|-|", "| P1 | CPU |"), []),
        (("## Priorities", "| Class | Ack |", "|-|-|", "| B | 1 h |"), [("B", 60, "1 h")]),
        (("## Sevs", "1: all down. 5 min"), [("SEV1", 5, "all down. 5 min")]),
    ],
)  # fmt: skip
def test_a_severity_is_read_with_its_answer(lines, severities):
    assert severities_of(*lines) == severities


def steps_of(*lines):
    return [
        (each.level, each.who, each.after_minutes)
        for each in plan_of("## Escalation", *lines).escalation
    ]


@pytest.mark.parametrize(
    ("lines", "steps"),
    [
        (("### Level 1", "- Contact: the lead"), [(1, "the lead", 0)]),
        (("### Level 1", "- the lead (by phone)"), [(1, "the lead", 0)]),
        (("### Level 1", "### Level 2"), [(1, "Level 1", 0), (2, "Level 2", 0)]),
        (("1. **L1 - Lead**: now", "2. and so on"), [(1, "Lead", 0)]),
        (("- Then: the lead", "- After 5 min: the boss"), []),
        (("1. Team lead (after 3 calls and 10 min)",), [(1, "Team lead", 10)]),
        (("| A | B |", "|-|-|", "| Lead | 5 min |"), []),
        (("| Who | A |", "|-|-|", "| Lead | x |"), []),
        (("| Who | After |", "|-|-|", "| nobody | 5 min |"), []),
        (("| Level | Who | After |", "|-|-|-|", "| 1 | Lead | 3 calls, 5 min |"), [(1, "Lead", 5)]),
        (("| Severity | Escalate after | Who |", "|-|-|-|", "| P1 | 5 min | Lead |", "| some | 9 min | Lead |", "| P2 | never | Lead |"), [(1, "Lead", 5)]),
        (("| Severity | L1 | L2 |", "|-|-|-|", "| P1 | 5 min | - |"), [(1, "L1", 5)]),
        (("```", "T+5m: Tech lead", "T+9m: coffee", "```"), [(1, "Tech lead", 5)]),
        (("The pager calls the primary. After 5 min the team lead is paged.",), [(1, "primary", 0), (2, "team lead", 5)]),
        (("After 5 min the very old and long since retired head of all is paged.", "The weather is bad."), []),
        (("## Who answers", "Level 1 is the NOC. Level 2 is the boss, after 5 min."), [(1, "NOC", 0), (2, "boss", 5)]),
        (("## Who answers", "Level 1 is the NOC. Level 3 is the boss, after 5 min."), []),
    ],
)  # fmt: skip
def test_a_ladder_is_read_step_by_step(lines, steps):
    assert steps_of(*lines) == steps


def test_a_level_alone_is_no_ladder():
    assert plan_of("## Level 2", "- words").escalation == ()


def test_a_plan_is_told_line_by_line():
    said = write_text(
        plan_of(
            "## Critical alerts", "- CPU > 90%", "- Disk > 90%", "- A node is lost",
            "## Severities", "- P1: answer within 5 min", "- P2: best effort",
            "## Escalation", "1. **L1 - Lead**: at once", "2. **L2 - Boss**: after 5 min",
        )
    )  # fmt: skip
    assert "    4  A node is lost happens: critical" in said
    assert "    6  P1 (level 1) answer in 5 min" in said
    assert "    7  P2 (level 2) best effort" in said
    assert "   10  2. Boss after 5 min" in said


def contacts_of(*lines):
    return [
        (each.role, each.value, each.placeholder)
        for each in plan_of("# R", "", "## Contacts", *lines).contacts
    ]


@pytest.mark.parametrize(
    ("lines", "contacts"),
    [
        (("- Wiki: [TODO](https://example.com)",), [("Wiki", "[TODO](https://example.com)", True)]),
        (("- Lead:", "  - born: somewhere"), []),
        (("- First: the lead", "- After 5 min: the boss, boss@example.com"), [("boss", "boss@example.com", False)]),
        (("DBA", ":   PagerDuty: db", "", "Lead", ":   +1 555 010 0199, lead@example.net", ":   [login: ask the DBA]"), [("DBA", "db", False), ("Lead", "+1 555 010 0199", False), ("Lead", "lead@example.net", False)]),
        (("Role: Lead", "Phone: +1 555 010 0199"), [("Lead", "+1 555 010 0199", False)]),
        (("| Phone | E-mail |", "|-|-|", "| 1 | 2 |"), []),
        (("| Role | Name |", "|-|-|", "| Lead | Ada |"), [("Lead", "Ada", False)]),
        (("```python", "lead: a@example.com", "```"), []),
        (("```yaml", "# lead: x", "just words", "version: 2", "lead: a@example.com", "```"), [("lead", "a@example.com", False)]),
        (("lead    a@example.com",), [("lead", "a@example.com", False)]),
        (("Host: +41 44 555 01 02, contract 4711", "Wiki: shelf, and read", "Backup: see the pager"), [("Host", "+41 44 555 01 02", False), ("Wiki", "shelf, and read", False)]),
        (("- Lead: the boss - #boss - boss@example.com (by day)",), [("Lead", "#boss", False), ("Lead", "boss@example.com", False)]),
        (("- DBA - +1 555 010 0199", "- The very long name of a role - #dba"), [("DBA", "+1 555 010 0199", False)]),
        (("## On-call", "- DBA - +1 555 010 0199 - `#dba`", "- Swap: ask #dba", "- #dba - for all", "words"), [("DBA", "+1 555 010 0199", False), ("DBA", "#dba", False)]),
    ],
)  # fmt: skip
def test_a_contact_is_a_role_with_a_way(lines, contacts):
    assert contacts_of(*lines) == contacts


def rules_of(*lines):
    return [
        (each.op, each.value, each.unit, each.duration_minutes)
        for each in plan_of("## Alert rules", *lines).alert_rules
    ]


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        (("```yaml", "alert: A", "expr: up", "```"), []),
        (("```yaml", "alert: A", "expr: a > 5%", "for: a while", "```"), [(">", 5, "%", None)]),
        (("```yaml", "alert: A", "expr: a * 100 > 5", "```"), [(">", 5, "%", None)]),
        (("```yaml", "rule:", "  metric: lag_ms", "  op: gt", "  threshold: 5", "```"), [(">", 5, "ms", None)]),
        (("```yaml", "a:", "  metric: lag", "  op: gt", "  threshold: 5", "  message: over 9 and 5 min", "```"), [(">", 5, "min", None)]),
        (("```yaml", "Properties:", "  MetricName: A", "  Threshold: 5", "  ComparisonOperator: GreaterThanThreshold", "  Unit: Percent", "```"), [(">", 5, "%", None)]),
        (("```bash", "aws cloudwatch put-metric-alarm --threshold 5", "ls", "```"), []),
    ],
)  # fmt: skip
def test_a_rule_needs_a_metric_and_a_bound(lines, rules):
    assert rules_of(*lines) == rules


def test_a_rule_without_a_name_is_called_as_what_it_stands_in():
    plan = plan_of(
        "```yaml", "LagHigh:", "  Properties:", "    metric: lag", "    op: gt",
        "    threshold: 5", "```",
    )  # fmt: skip
    assert [each.name for each in plan.alert_rules] == ["LagHigh"]


def promises_of(*lines):
    return [(each.sli, each.target) for each in plan_of(*lines).slos]


@pytest.mark.parametrize(
    ("lines", "objectives"),
    [
        (("## SLO", "| SLI | Note |", "|-|-|", "| A | 9 |"), []),
        (("## SLO", "| SLI | Target |", "|-|-|", "| A | soon |"), []),
        (("## SLO", "- **Owner**: the team"), []),
    ],
)
def test_an_objective_needs_a_number(lines, objectives):
    assert promises_of(*lines) == objectives


def test_a_promise_is_an_objective():
    lines = ("## What we promise", "## Promise to the shops", "- **Up**: 99.9 %")
    assert promises_of(*lines) == [("Up", "99.9 %")]
    assert promises_of("## Promise rejections", "- **Up**: 99.9 %") == []


def test_what_explains_an_objective_is_none_of_its_own():
    lines = ("## SLO", "- **Availability**: 99.9 %", "  - **Measured**: 30 % of probes")
    assert promises_of(*lines) == [("Availability", "99.9 %")]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (("## Retention", "- Logs: 5 d of 3 kinds"), [("Logs", 5)]),
        (("## Retention", "| A | B |", "|-|-|", "| Logs | 3 copies, 5 days |", "| Files | 3 copies |"), [("Logs", 5)]),
    ],
)  # fmt: skip
def test_what_is_kept_is_kept_for_days(lines, kept):
    assert [(each.what, each.days) for each in plan_of(*lines).retention] == kept


def procedures_of(*lines):
    return [each.title for each in plan_of(*lines).procedures]


@pytest.mark.parametrize(
    ("lines", "titles"),
    [
        (("## Troubleshooting", "**Common:**", "", "### Disk full", "1. Look", "2. Wipe"), ["Disk full"]),
        (("## Restart test", "### Maintenance of the restart", "1. a", "2. b"), []),
        (("## Templates", "### Rollback", "1. Look", "2. Wait"), []),
        (("## Alerts", "### Critical", "1. Look", "2. Wait"), []),
        (("## Troubleshooting", "### Full", "```bash", "", "```", "- Look"), ["Full"]),
        (("## Troubleshooting", "### Pods crash", "- **Diagnosis**:", "  - look", "- **Resolution**: restart"), ["Pods crash"]),
    ],
)  # fmt: skip
def test_a_procedure_is_told_from_other_steps(lines, titles):
    assert procedures_of(*lines) == titles


def templates_of(*lines):
    return [(each.name, each.fields) for each in plan_of(*lines).templates]


@pytest.mark.parametrize(
    ("lines", "templates"),
    [
        (("## Incident template", "- **Who**: x"), []),
        (("## Incident report template", "**Who**:", "- a", "", "**When**:", "- b"), [("Incident report template", ("Who", "When"))]),
        (("## Update template", "- to fill in", "```", "Who: ___", "When: ___", "```"), [("Update template", ("Who", "When"))]),
        (("## Postmortem process template", "- **Who**: a", "- **When**: b", "", "words"), [("Postmortem process template", ("Who", "When"))]),
        (("## Incident report template", "- **Who**: a", "  - of them", "- **When**: b", "words"), [("Incident report template", ("Who", "When"))]),
    ],
)  # fmt: skip
def test_a_form_has_fields(lines, templates):
    assert templates_of(*lines) == templates


def warnings_of(*lines):
    return [each.rule for each in plan_of("## Daily", "- [ ] a", *lines).warnings]


@pytest.mark.parametrize(
    ("lines", "rules"),
    [
        (("## Metrics", "- Lag: < 5% target", "- Lag > 3 s"), []),
        (("RPO: 1 day", "Nightly backups"), []),
        (("RPO: 1 hour", "Nightly backups"), ["RPO and backups"]),
        (("Say `hello`",), []),
    ],
)
def test_a_warning_needs_a_contradiction(lines, rules):
    assert warnings_of(*lines) == rules


def test_a_place_is_no_service():
    assert (
        plan_of("We run this for Kubernetes and for Kestrel Mail").service
        == "Kestrel Mail"
    )


def test_a_colon_at_the_end_opens_nothing():
    assert procedures_of("## A", "", "Mind this:") == []


def test_a_colon_before_words_opens_nothing():
    assert procedures_of("## A", "Mind this:", "", "", "words", "### B") == []


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        (("- Daily", "  - Numbers", "    - [ ] a", "    - [ ] b"), ["a", "b"]),
        (("- **Weekly** (Friday 14:00): look", "- **Weekly** (see wiki): listen"), ["look", "listen"]),
        (("- Daily", "  - Check numbers", "    - are fine"), ["Check numbers"]),
    ],
)  # fmt: skip
def test_the_label_of_an_item_says_when(lines, items):
    found = plan_of("# R", "", "## Routine", *lines).checklists
    assert [item.text for each in found for item in each.items] == items


@pytest.mark.parametrize(
    ("item", "bounds"),
    [
        ("Look at the purge queue (should be < 1000)", [("<", 1000)]),
        ("Check that more than 2m rows were written", [(">", 2e6)]),
        ("Verify that nothing is kept for more than 90 days", []),
        ("Delete what is > 90 GB", []),
        ("Check that certificates are kept for > 90 days", [(">", 90)]),
    ],
)
def test_an_item_passes_by_its_number(item, bounds):
    found = plan_of("## Daily checks", f"- [ ] {item}").thresholds
    assert [(each.op, each.value) for each in found] == bounds


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (("---", "owner: us", 'title: "Kestrel"', "---", "## Daily"), "Kestrel"),
        (("---", "title: Kestrel", "---", "# Merlin"), "Merlin"),
        (("---", "owner: us", "---", "## Daily"), "Daily"),
    ],
)
def test_the_title_may_stand_in_the_front_matter(lines, title):
    assert plan_of(*lines).title == title


def test_asciidoc_is_evened_out():
    plan = plan_of(
        "= Kestrel", ":toc:", "", "== Daily checks", "* [ ] a", "", ".Notes", ". b"
    )
    assert plan.title == "Kestrel"
    assert [each.items[0].text for each in plan.checklists] == ["a"]


@pytest.mark.parametrize(
    ("line", "bounds"),
    [
        ("- Nodes online: 98% or more", [(">=", 98, "")]),
        ("- Rollbacks: 5 or fewer", [("<=", 5, "")]),
        ("- Delay is over 30 seconds for 5 minutes", [(">", 30, "5 minutes")]),
        ("- Error rate > 5% over 10 min", [(">", 5, "10 min")]),
    ],
)
def test_words_behind_a_bound_are_read(line, bounds):
    found = plan_of("# R", "", "## What wakes us", line).thresholds
    assert [(each.op, each.value, each.window) for each in found] == bounds
    assert {each.severity for each in found} == {"critical"}
