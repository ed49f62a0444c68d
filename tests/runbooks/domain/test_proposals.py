"""Which check could tick an item, and which could watch a threshold."""

import pytest

from checklists.domain.condition import parse
from runbooks.domain.findings import Threshold
from runbooks.domain.plan import read_plan
from runbooks.domain.plan_json import write_plan
from runbooks.domain.proposals import propose_bound


def check_of(*lines):
    plan = read_plan("\n".join(lines).encode())
    return next(item.check for each in plan.checklists for item in each.items)


LIMITS = (
    "## Alert thresholds",
    "### Critical",
    "- Memory > 95%",
    "- Heap usage > 99%",
    "### Minor",
    "- Memory > 85%",
    "- Queue depth > 9x",
)


def test_the_mildest_alert_is_taken_where_there_is_no_target():
    check = check_of(*LIMITS, "## Daily", "- [ ] Look at the memory")
    assert (check.condition, check.note) == ("value <= 85%", "the alert of line 6")


def test_an_alert_in_a_unit_that_no_check_knows_is_none():
    check = check_of(*LIMITS, "## Daily", "- [ ] Look at the queue depth")
    assert (check.condition, check.note) == ("", "choose a threshold")


def test_when_to_scale_down_is_no_limit():
    lines = (
        "## Scaling Thresholds", "- **Scale Down**: CPU < 30% for 30 minutes",
        "- **Scale Up**: CPU > 70% for 10 minutes", "## Daily", "- [ ] Look at the CPU",
    )  # fmt: skip
    check = check_of(*lines)
    assert (check.condition, check.note) == ("value <= 70%", "the limit of line 3")


def test_several_measures_have_a_check_each():
    check = check_of(*LIMITS, "## Monthly", "- [ ] Capacity planning review")
    assert (check.condition, check.is_assisted) == ("value <= 85%", True)
    assert [each.condition for each in check.beside] == ["days_to_full(100%, 7d) > 30d"]
    alone = check_of("## Monthly", "- [ ] Check capacity utilization")
    assert (alone.condition, alone.note) == ("", "choose a threshold")
    both = check_of(*LIMITS, "## Weekly", "- [ ] Check capacity utilization")
    assert (both.condition, both.beside) == ("value <= 85%", ())


def test_what_is_to_be_stable_moves_little():
    check = check_of(*LIMITS, "## Daily", "- [ ] Stable memory usage")
    assert [each.condition for each in check.beside] == [
        "abs(delta(24h)) <= 5%",
        "days_to_full(100%, 24h) > 7d",
    ]
    own = check_of("## Daily", "- [ ] Stable queue depth < 500")
    assert own.beside == ()


@pytest.mark.parametrize(
    ("title", "item", "condition"),
    [
        ("Weekly", "Run the load test", "age < 24h and exit_code == 0"),
        ("Quarterly", "Run the load test", "age < 92d and exit_code == 0"),
        ("Daily", "Restore a backup", 'age < 7d and json("$.rows") > 0'),
        ("Monthly", "Restore a backup", 'age < 31d and json("$.rows") > 0'),
        ("Monthly", "Trend of errors", "value <= 1.1 * ago(31d)"),
    ],
)
def test_a_report_may_be_as_old_as_the_period(title, item, condition):
    assert check_of(f"## {title}", f"- [ ] {item}").condition == condition


def test_what_the_portal_counts_looks_back_over_the_period():
    check = check_of("## Monthly", "- [ ] Review incident reports")
    assert check.spec == {
        "source": "unreviewed_incidents",
        "days": 31,
        "auto_when_zero": True,
    }


HEALTH = (
    "## Daily",
    "### Ask the shop",
    "```bash",
    "# as it is",
    "curl -fs http://shop/up",
)


@pytest.mark.parametrize(
    ("answer", "condition"),
    [
        ('{"state": "UP", "db": true, "id": "x7", "n": 3, "a-b": true}',
         'json("$.state") == "UP" and json("$.db") == true'),
        ('{"at":"2025-01-02T03:04:05Z"}', 'age(json("$.at")) < 5m'),
        ("[]", 'len(json("$")) == 0'),
    ],
)  # fmt: skip
def test_a_request_with_its_answer_is_a_check(answer, condition):
    check = check_of(*HEALTH, "```", "**Expected**:", "```json", answer, "```")
    assert (check.kind, check.hint) == ("http", "http://shop/up")
    assert check.condition == f"status == 200 and {condition}"
    parse(check.condition)


@pytest.mark.parametrize(
    "answer",
    ["{broken", '{"id": "x7"}', '[{"id": 1}]', "[" * 3000, "[" * 1500, "fine",
     "curl http://shop/other\n{\"state\": \"ok\"}"],
)  # fmt: skip
def test_an_answer_that_demands_nothing_is_none(answer):
    assert check_of(*HEALTH, answer, "```") is None


def test_an_answer_below_another_title_is_of_that():
    assert check_of(*HEALTH, "```", "#### More", "```", '{"ok": true}', "```") is None


@pytest.mark.parametrize(
    ("bound", "check"),
    [
        (("Error rate", ">", 5, "%", "critical"), ("prometheus", "value <= 5%")),
        (("Error rate", "<", 5, "%", "target"), ("prometheus", "value < 5%")),
        (("Slow queries", "==", 0, "count", None), ("sql", "value == 0")),
        (("Disk failure", None, None, None, "major"), None),
        (("Sheep", ">", 5, "flocks", "major"), None),
    ],
)  # fmt: skip
def test_a_threshold_has_the_check_that_watches_it(bound, check):
    metric, op, value, unit, severity = bound
    threshold = Threshold(
        line=1, metric=metric, op=op, value=value, unit=unit, severity=severity
    )
    assert propose_bound(threshold) == check


def test_a_threshold_in_an_item_or_in_code_is_watched_as_it_is_said():
    days = Threshold(
        line=1, metric="Certificate", op=">", value=30, unit="days",
        where="checklist-item",
    )  # fmt: skip
    assert propose_bound(days) == ("tls", "cert_days > 30 and valid")
    code = Threshold(
        line=1, metric="Queue depth", op="<", value=500, unit="count",
        severity="target", where="code-comment",
    )  # fmt: skip
    assert propose_bound(code) == ("metrics", "value < 500")


def test_the_json_says_which_check_watches_a_threshold():
    plan = write_plan(read_plan("\n".join(LIMITS).encode()))
    assert [each["check"] for each in plan["thresholds"]] == [
        {"kind": "prometheus", "condition": "value <= 95%"},
        {"kind": "prometheus", "condition": "value <= 99%"},
        {"kind": "prometheus", "condition": "value <= 85%"},
        None,
    ]


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("Free disk above 25 %", "min(100 * avail / size)"),
        ("Disk usage below 80 %", "max(100 * (1 - avail / size))"),
        ("Lag of both replicas is below 10 s", "max(pg_replication_lag_seconds) * 1000"),
    ],
)  # fmt: skip
def test_what_is_asked_is_what_the_item_speaks_of(item, hint):
    assert check_of("## Daily", f"- [ ] {item}").hint == hint


def test_a_threshold_of_an_item_that_names_a_fault_is_watched_the_other_way():
    plan = read_plan(b"## Daily\n- [ ] Bloat: no table above 40 %\n")
    assert [propose_bound(each) for each in plan.thresholds] == [
        ("prometheus", "value <= 40%")
    ]
