"""Severities as labels of trackers, and in words of a team's own."""

import pytest

from runbooks.domain.plan import read_plan


def severities_of(*lines):
    found = read_plan("\n".join(("# R", "", *lines)).encode()).severities
    return [(each.name, each.level, each.response_minutes) for each in found]


def table(columns, *rows):
    ruler = "|".join("-" for _ in columns.split("|"))
    return [f"| {row} |" for row in (columns, ruler, *rows)]


@pytest.mark.parametrize(
    ("lines", "severities"),
    [
        (table("Label | Means | We answer within", '~"priority::1" | all | 10 min', '~"priority::2" | one | 1 h', '~"priority::3" | rest | next sprint'), [("P1", 1, 10), ("P2", 2, 60), ("P3", 3, None)]),
        (table("Label | Means | Reply", "`P1/critical` | all | 10 min", "`P2/high` | one | 1 h"), [("P1", 1, 10), ("P2", 2, 60)]),
        (table("Label | Response", "severity::critical | 5 min", "severity::low | next business day"), [("Critical", 1, 5), ("Low", 4, None)]),
        (table("Label | Response", "sev:1 | 5 min", "sev:2 | 1 h"), [("SEV1", 1, 5), ("SEV2", 2, 60)]),
        (table("Label | Response", "priority/critical-urgent | 5 min", "priority/important-soon | 1 h", "priority/backlog | next sprint"), [("critical-urgent", 1, 5), ("important-soon", 2, 60), ("backlog", 3, None)]),
        (table("Priority | Response", "Highest | 15 min", "High | 1 h", "Lowest | best effort"), [("Highest", 1, 15), ("High", 2, 60), ("Lowest", 5, None)]),
        (["- `sev:1` - all down, answer in 5 min", "- `sev:2` - one down, answer in 1 h"], [("SEV1", 1, 5), ("SEV2", 2, 60)]),
        (['- ~"priority::1": respond within 5 min', '- ~"priority::2": respond within 1 hour'], [("P1", 1, 5), ("P2", 2, 60)]),
        (["- `severity::critical` all down, answer in 5 min", "- `severity::low` cosmetic, next business day"], [("Critical", 1, 5), ("Low", 4, None)]),
    ],
)  # fmt: skip
def test_labels_of_a_tracker_are_severities(lines, severities):
    assert severities_of("## On the board", "", *lines) == severities


OWN = [("House on fire", 1, 5), ("Smoke", 2, 30), ("Smell", 3, None)]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("How bad is it", table("Word | Means | Answer", "House on fire | a | 5 min", "Smoke | b | 30 min", "Smell | c | next business day")),
        ("Words", table("Means | Our word | First reply", "a | House on fire | 5 min", "b | Smoke | 30 min", "c | Smell | next business day")),
        ("Severities", ["- **House on fire**: nobody can pay. Answer in 5 min", "- **Smoke**: some cannot. Answer in 30 min", "- **Smell**: next business day"]),
        ("Severities", ["- **Smell**: next business day", "- **Smoke**:", "  - Response: 30 min", "- **House on fire**: answer in 5 min"]),
        ("Severities", ["### House on fire", "- Response: 5 min", "", "### Smoke", "- Response: 30 min", "", "### Smell", "- Response: next business day"]),
    ],
)  # fmt: skip
def test_words_of_a_team_are_severities_by_the_order_of_their_answers(title, lines):
    assert sorted(severities_of(f"## {title}", "", *lines), key=str) == sorted(
        OWN, key=str
    )


def test_words_that_say_how_bad_they_are_keep_their_level():
    rows = ("Blocker | a | 5 min", "Minor | b | 30 min", "Wish | c | next week")
    lines = table("Rating | Means | First answer | Fixed by", *rows)
    assert severities_of("## Rated", "", *lines) == [
        ("Blocker", 1, 5), ("Minor", 3, 30), ("Wish", 3, None),
    ]  # fmt: skip
    lines = table("Stufe | Reaktion", "critical outage | 5 min", "low water | 1 h")
    assert severities_of("## Rated", "", *lines) == [
        ("critical outage", 1, 5), ("low water", 4, 60),
    ]  # fmt: skip


def test_a_letter_is_another_name_of_its_class():
    lines = ("- Sev A: respond within 5 min", "- Sev B: respond within 1 h")
    found = read_plan("\n".join(("# R", "## Severity levels", *lines)).encode())
    assert [(each.name, each.aliases) for each in found.severities] == [
        ("Sev A", ("A",)), ("Sev B", ("B",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Severities", ["- **Working hours**: 30 min", "- **Nights**: 1 hour"]),
        ("Severities", ["- **Ack**: 5 min", "- **Fix**: 1 hour"]),
        ("Severities", ["- **Smoke**: answer in 5 min", "- Smell"]),
        ("Severities", ["- **Smoke**: answer in 5 min", "- **Smell**: answer in 5 min"]),
        ("Severities", ["- **Smoke**: answer in 5 min", "- **Smoke**: answer in 9 min"]),
        ("Severities", ["- **A**: 5 min", "- **B**: 30 min", "- **C**: 10 min"]),
        ("Severities", ["- **Smoke**: answer in 5 min"]),
        ("Severity templates", ["- **Smoke**: answer in 5 min", "- **Smell**: answer in 1 h"]),
        ("Severities", ["Words only.", "", "1. **DBA**: answer in 5 min", "2. **Team lead**: answer in 1 h"]),
        ("Support", table("Plan | Response time", "Gold | 15 min", "Silver | 1 h")),
        ("Support", table("Level | Response time", "Gold | 15 min", "Silver | 1 h")),
        ("FAQ", table("Question | Answer", "How long? | 15 min", "And then? | 1 h")),
        ("Support", table("Channel | Response time", "Pager | 15 min", "Chat | 1 h")),
        ("Machines", table("Class | Response time", "db.large | 15 ms", "db.small | 1 s")),
        ("Jobs", table("Label | Reacts within", "nightly | 15 min", "weekly | 1 h")),
        ("Alerts", table("Level | Metric | Response", "API | a | 5 min", "Web | b | 1 h")),
        ("People", table("Level | Responsible | After", "1 | DBA | 0 min", "2 | Team lead | 15 min")),
    ],
)  # fmt: skip
def test_times_beside_something_else_are_no_severities(title, lines):
    assert severities_of(f"## {title}", "", *lines) == []


def test_a_row_that_is_cut_off_makes_the_table_none():
    lines = ["| Means | Label | Answer |", "|-|-|-|", "| a | Smoke | 5 min |", "| b |"]
    assert severities_of("## Words", "", *lines) == []
