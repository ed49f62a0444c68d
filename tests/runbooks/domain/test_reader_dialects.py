"""Forms of text that Markdown does not know: what they are read as."""

import pytest

from runbooks.domain.feed import prepare
from runbooks.domain.html_blocks import read_html
from runbooks.domain.plan import read_plan


def plan_of(*lines):
    return read_plan("\n".join(lines).encode())


def texts_of(*lines):
    return [item.text for each in plan_of(*lines).checklists for item in each.items]


@pytest.mark.parametrize(
    ("lines", "fed"),
    [
        (("Term", ": what it means"), ("**Term**:", "- what it means")),
        (("a | b", ": no meaning"), ("a | b", ": no meaning")),
        (("```", "Term", ": > file", "```"), ("```", "Term", ": > file", "```")),
        (("2. ALARMS", "---------"), ("## 2. ALARMS", "<!-- -->")),
        (("2. Call us. Now.", "---"), ("2. Call us. Now.", "---")),
        (("3.1 Verify the lag.",), ("- Verify the lag.",)),
        (("3.5 GB of memory",), ("3.5 GB of memory",)),
        (("a) Look",), ("- Look",)),
        (('=== "Start"', "", "    - one", "two"), ("**Start**:", "", "- one", "two")),
        (("## Node down { #node-down }",), ("## Node down",)),
        (("1\\. First", "\\- second"), ("1. First", "- second")),
    ],
)
def test_dialects_are_evened_out_line_by_line(lines, fed):
    assert prepare(lines).lines == fed


def test_html_gives_rows_bullets_and_titles_with_their_lines():
    pieces = list(
        read_html(
            [
                "<h2>Limits</h2><table><tr><th>Metric</th>",
                "<th>Page</th></tr>",
                "<tr><td>Lag<br>of <b>replicas</b></td><td>&gt; 5 s</td></tr><tr></tr>",
                "</table></td><ul><li>Look at it</li><li> </li></ul>",
                "<summary>How</summary>",
            ]
        )
    )
    assert [(each.line, each.last, each.level) for each in pieces] == [
        (0, 0, 2),
        (0, 1, 0),
        (2, 2, 0),
        (3, 3, 0),
        (4, 4, 6),
    ]
    assert pieces[1].is_header
    assert pieces[2].cells == ["Lag of replicas", "> 5 s"]
    assert [pieces[0].text, pieces[3].text] == ["Limits", "Look at it"]


def test_no_bullet_is_lost_however_deep_it_stands_and_a_warning_says_which():
    lines = [" " * (2 * at) + f"- [ ] check {at}" for at in range(1000)]
    plan = plan_of("## Daily checks", *lines)
    assert sum(len(each.items) for each in plan.checklists) == 1000
    (warning,) = [each for each in plan.warnings if each.kind == "nesting"]
    assert (warning.line, warning.last) == (18, 1001)
    assert "984 lines" in warning.text


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        (("## Duties", "|Duty|Daily|Weekly|", "|-|-|-|", "|Look|x||", "|Rest|||"), ["Look"]),
        (("## Jobs", "|Job|Schedule|", "|-|-|", "|rollup-1d|daily|"), []),
        (("## Opening (every day, 07:45)", "1. Doors unlocked"), ["Doors unlocked"]),
        (("## Opening (as agreed)", "1. Doors unlocked"), []),
        (("## Every sprint", "- [ ] Retire a flag"), ["Retire a flag"]),
        (("## Start of shift", "- [ ] Test the pager"), ["Test the pager"]),
        (("## Daily", "### End of shift", "- [ ] Hand over"), ["Hand over"]),
    ],
)  # fmt: skip
def test_lists_of_work_are_known_by_their_form(lines, texts):
    assert texts_of(*lines) == texts


@pytest.mark.parametrize(
    ("lines", "steps"),
    [
        (("- T+0 primary", "- T+10m team lead", "- T+1h CTO"), [0, 10, 60]),
        (("- Team lead: after 30 min", "- CTO: at once"), []),
        (("- 10 lead", "- 20 manager"), []),
        (
            ("1. Page the engineer on duty.", "2. No answer after 10 min: page the lead.",
             "3. No answer after another 20 min: call the manager."),
            [0, 10, 30],
        ),
    ],
)  # fmt: skip
def test_ladders_are_known_by_their_times(lines, steps):
    plan = plan_of("## Escalation", *lines)
    assert [each.after_minutes for each in plan.escalation] == steps


@pytest.mark.parametrize(
    ("row", "bounds"),
    [
        ("| Lag | Less than | 5 s |", [("<", 5)]),
        ("| Lag | Greater than | 5 s |", [(">", 5)]),
    ],
)
def test_a_column_says_the_operator_of_a_threshold(row, bounds):
    plan = plan_of("## Alerts", "| Metric | Operator | Threshold |", "|-|-|-|", row)
    assert [(each.op, each.value) for each in plan.thresholds] == bounds


@pytest.mark.parametrize(
    ("header", "cells", "found"),
    [
        ("Metric | Alert below", "Hits | 95 %", [("<", 95, None)]),
        ("Metric | 🟢 | 🔴", "Lag | < 5 s | > 9 s", [("<", 5, "target"), (">", 9, "critical")]),
        ("Thing | Alert when", "Quota | 90 % used", [(">", 90, None)]),
        ("Metric | Warn | Alert", "Free | 20 | 10", [("<", 20, "warning"), ("<", 10, "critical")]),
        ("Metric | Amber | Red", "Ready | 2 | ≤ 1", [("<=", 2, "warning"), ("<=", 1, "critical")]),
    ],
)  # fmt: skip
def test_columns_say_the_direction_and_the_severity_of_bare_numbers(
    header, cells, found
):
    plan = plan_of(
        "## Alert thresholds",
        f"| {header} |",
        "|-|-|-|"[: 2 * header.count("|") + 3],
        f"| {cells} |",
    )
    assert [(each.op, each.value, each.severity) for each in plan.thresholds] == found


def test_money_is_no_limit_and_a_million_no_minute():
    plan = plan_of(
        "## Daily", "- [ ] Look through refunds above 500 €", "", "## Thresholds",
        "- **History list**: warn 500k, crit 5M",
    )  # fmt: skip
    assert [each.value for each in plan.thresholds] == [500_000, 5_000_000]


def test_rows_of_html_need_no_names_of_columns():
    plan = plan_of("## Severity", "<tr><td>P1</td><td>5 min</td></tr>")
    assert [(each.line, each.name) for each in plan.severities] == [(2, "P1")]
