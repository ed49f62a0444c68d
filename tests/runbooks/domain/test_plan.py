"""What a plan says: keys, proposals, warnings and traps, by small runbooks."""

import gc
from pathlib import Path

import pytest

from runbooks.domain.blocks import Kind, read_blocks
from runbooks.domain.lint_code import lint_promql
from runbooks.domain.plan import read_plan
from runbooks.domain.reading import make_key

MARLIN = Path(__file__).parents[1] / "samples" / "marlin-orders.md"


def plan_of(*lines):
    return read_plan("\n".join(lines).encode())


def items_of(plan):
    return [item for each in plan.checklists for item in each.items]


def test_a_rule_right_below_a_paragraph_is_no_heading():
    kinds = [block.kind for block in read_blocks(["**Owner**: ops", "---", "text"])]
    assert kinds == [Kind.PARAGRAPH, Kind.RULE, Kind.PARAGRAPH]


def test_words_make_a_key_and_marks_do_not():
    assert make_key("item", "Daily", "Check  *lag*!") == make_key(
        "item", "daily", "check lag"
    )
    assert make_key("item", "a", "b") != make_key("contact", "a", "b")


def test_equal_items_are_told_apart_by_their_order():
    first, second = items_of(plan_of("## Daily", "- [ ] same", "- [ ] same"))
    assert second.key == f"{first.key}-2"


def test_an_edited_limit_keeps_its_key():
    old, new = (
        plan_of("## Alert thresholds", "### Critical", f"- CPU > {limit}%").thresholds
        for limit in (80, 90)
    )
    assert old[0].key == new[0].key


def test_a_runbook_of_lists_that_people_start_has_no_recurring_one():
    plan = plan_of("## Before a release", "- [ ] Tell the team", "- remark")
    assert [each.text for each in items_of(plan)] == ["Tell the team"]
    assert "no checklist" in {each.kind for each in plan.warnings}


def test_a_box_that_is_due_by_a_calendar_is_in_no_list_to_start():
    plan = plan_of("# Shop", "## Before the season (yearly)", "- [ ] Rotate the keys")
    assert [each.cadence for each in plan.checklists] == ["yearly"]


def test_what_is_done_once_has_no_threshold_to_choose():
    plan = plan_of("# Shop", "## Before a release", "1. [ ] Freeze the queue")
    assert [each.check for each in items_of(plan)] == [None]


def check_of(*lines):
    return items_of(plan_of(*lines))[0].check


def test_a_number_in_the_item_is_its_condition():
    check = check_of("## Daily", "- [ ] Queue depth < 500")
    assert (check.kind, check.condition, check.confidence) == (
        "prometheus",
        "value < 500",
        0.9,
    )


def test_a_unit_that_no_check_knows_needs_a_person():
    assert check_of("## Daily", "- [ ] CPU < 5x of normal") is None


def test_a_metric_without_a_number_asks_for_a_threshold():
    check = check_of("## Weekly", "- [ ] Look at disk usage")
    assert (check.condition, check.note) == ("", "choose a threshold")


def test_a_target_elsewhere_is_taken_as_a_guess():
    check = check_of(
        "## Metrics", "- Disk usage: 20-80% normal", "- Heap use: < 70% target",
        "## Weekly", "- [ ] Look at disk usage",
    )  # fmt: skip
    assert check.condition == "value between 20% and 80%"
    assert check.confidence == 0.6


def test_unknown_work_gets_no_check():
    assert check_of("## Weekly", "- [ ] Tell a joke") is None


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("rate(x_total[5m]) by (a)", "aggregation"),
        ("rate(x_total)", "range"),
        ("rate(memory_usage_bytes[5m])", "gauge"),
        ("histogram_quantile(0.9, x)", "_bucket"),
        ("rate(x_total", "range"),
    ],
)
def test_bad_queries_are_pointed_at(query, word):
    assert any(word in each for each in lint_promql(query))


@pytest.mark.parametrize(
    "query",
    [
        "sum(rate(x_total[5m])) by (a)",
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))",
        "topk(10, rate(x_total[5m])) by (a)",
    ],
)
def test_good_queries_are_left_alone(query):
    assert list(lint_promql(query)) == []


def test_a_delete_is_read_up_to_its_semicolon():
    plan = plan_of(
        "```sql", "DELETE FROM a", "WHERE b;", "DELETE FROM c;", "DELETE FROM d",
        "  WHERE 1;", "```",
    )  # fmt: skip
    lines = [each.line for each in plan.warnings if each.kind == "destructive command"]
    assert lines == [4]


def test_levels_out_of_order_are_pointed_at():
    plan = plan_of(
        "## Escalation", "1. **L1 - Engineer**: at once",
        "2. **L2 - Lead**: after 30 min", "3. **L3 - Manager**: after 10 min",
    )  # fmt: skip
    assert [
        each.line for each in plan.warnings if each.rule == "order of the ladder"
    ] == [4]


def test_an_alert_inside_its_target_is_pointed_at():
    plan = plan_of(
        "## Metrics", "| Metric | Target | Warning |", "|-|-|-|",
        "| Availability | > 99% | < 99.5% |",
    )  # fmt: skip
    assert [each.rule for each in plan.warnings][1:] == ["alert inside the target"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("- Memory usage: < 80% target",), ["- Memory exhaustion (< 10%)"]),
        (("- Replication lag: < 100 ms target",), ["- Replication lag > 1s"]),
        (("- Cache hit ratio: > 85% target",), ["- Cache hit ratio < 60%"]),
    ],
)
def test_nothing_between_a_target_and_the_first_page_is_pointed_at(lines, said):
    def rules(*more):
        plan = plan_of("## Metrics", *lines, "", "### Critical", *said, *more)
        return [each.rule for each in plan.warnings if each.rule != "no checklist"]

    assert "target and first alert" in rules()
    sooner = said[0].replace("10%", "15%").replace("1s", "500ms").replace("60%", "70%")
    assert "target and first alert" not in rules("", "### Minor", sooner)


def test_the_first_alert_is_the_soonest_and_of_the_same_measure():
    plan = plan_of(
        "## Metrics", "- CPU: < 70% target", "- Cache hit ratio: > 85% target", "",
        "### Critical", "- CPU > 70%", "- Cache hit ratio > 99%", "- DB CPU > 90%",
    )  # fmt: skip
    assert "target and first alert" not in [each.rule for each in plan.warnings]


def test_a_table_of_backups_is_a_fact():
    plan = plan_of(
        "## Backups",
        "| Data | Frequency | Retention |",
        "|-|-|-|",
        "| Orders | Daily | 30 days |",
    )
    assert plan.checklists == ()


def test_steps_below_symptoms_told_in_one_line_are_done():
    stop = read_plan(MARLIN.read_bytes()).procedures[0]
    assert [step.line for step in stop.symptoms] == [44]
    assert [step.line for step in stop.resolution] == [46, 48, 50]


def test_bullets_below_a_line_of_symptoms_are_symptoms_too():
    text = b"# A\n\n## Faults\n\n### Slow\n**Symptoms:** it waits\n- and waits\n\n**Fix:**\n- b\n"
    (slow,) = read_plan(text).procedures
    assert [step.text for step in slow.symptoms] == ["it waits", "and waits"]


@pytest.mark.parametrize("is_on", [True, False])
def test_the_collector_is_left_as_it_was(is_on):
    before = gc.isenabled()
    (gc.enable if is_on else gc.disable)()
    try:
        read_plan(b"# A\n")
        assert gc.isenabled() is is_on
    finally:
        (gc.enable if before else gc.disable)()
