"""Ladders in tables, in whatever order of columns, and tables that are none."""

import pytest

from runbooks.domain.plan import read_plan


def plan_of(columns, *rows, title="## At night"):
    table = [columns, "|".join("-" for _ in columns.split("|")), *rows]
    lines = ["# R", "", title, "", *(f"| {row} |" for row in table)]
    return read_plan("\n".join(lines).encode())


def steps_of(plan):
    return [(each.who, each.after_minutes) for each in plan.escalation]


LADDER = [("On-call engineer", 0), ("Team lead", 15), ("CTO", 60)]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("Who | When | How", ("On-call engineer | immediately | pager", "Team lead | no ack for 15 min | phone", "CTO | 1 h | phone")),
        ("When | Who | How", ("now | On-call engineer | pager", "+15 min | Team lead | phone", "T+60 | CTO | phone")),
        ("Level | After | Contact | Channel", ("1 | 0 | On-call engineer | pager", "2 | 15 min | Team lead | chat", "3 | 60 min | CTO | phone")),
        ("Channel | After | Level | Person", ("pager | 0 min | L1 | On-call engineer", "chat | 15 min | L2 | Team lead", "phone | 1 hour | L3 | CTO")),
        ("Contact | Name | When", ("+44 20 7946 0611 | On-call engineer | first", "+44 20 7946 0612 | Team lead | after 15 min", "+44 20 7946 0613 | CTO | after 60 min")),
        ("Level | Responsible | After", ("1 | On-call engineer | 0 min", "2 | Team lead | 15 min", "3 | CTO | 1 h")),
        ("Wer | Wann | Wie", ("On-call engineer | sofort | Opsgenie", "Team lead | nach 15 Minuten | Telefon", "CTO | nach 60 Minuten | Telefon")),
        ("Stufe | Rolle | Nach | Weg", ("1 | On-call engineer | sofort | Telefon", "2 | Team lead | 15 Minuten | Telefon", "3 | CTO | 1 Stunde | Telefon")),
        ("Quién | Cuándo | Cómo", ("On-call engineer | inmediatamente | Opsgenie", "Team lead | tras 15 minutos | teléfono", "CTO | tras 1 hora | teléfono")),
    ],
)  # fmt: skip
def test_who_when_and_how_are_a_ladder(columns, rows):
    plan = plan_of(columns, *rows)
    assert steps_of(plan) == LADDER
    assert [each.level for each in plan.escalation] == [1, 2, 3]
    assert plan.severities == ()


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("Who | When | How", ("Customers | within 30 min | status page", "Management | every hour | mail")),
        ("Who | When | How", ("Support team | Mon-Fri 8-17 | phone", "Night desk | 17:00-8:00 | pager")),
        ("Who | When | How", ("DBA | daily | script", "Team lead | weekly | meeting")),
        ("Who | When | How", ("DBA | 2 h | phone", "Team lead | 1 h | phone")),
        ("Who | When | How", ("Team lead | 1 h | phone",)),
        ("Who | When | What", ("DBA | at once | look", "Team lead | after 2 hours | decide")),
        ("Task | Owner | When | How", ("Rotate | Team lead | 1 h | script", "Look | DBA | 2 h | eyes")),
        ("Phone | Contact | When", ("1 | 2 | at once", "3 | 4 | 5 min")),
    ],
)  # fmt: skip
def test_who_comes_when_else_is_no_ladder(columns, rows):
    assert steps_of(plan_of(columns, *rows)) == []


def test_below_a_title_about_something_else_it_is_none():
    rows = ("On-call engineer | at once | mail", "Team lead | 15 min | mail")
    assert steps_of(plan_of("Who | When | How", *rows, title="## Communication")) == []


def test_whom_trouble_of_one_kind_calls_is_no_rung():
    plan = plan_of(
        "Whom | When | Phone", "DBA | first | 1", "Network on-call | network trouble | 2",
        "Vendor hotline desk | after 30 min | 3",
    )  # fmt: skip
    found = [(each.level, each.who) for each in plan.escalation]
    assert found == [(1, "DBA"), (2, "Vendor hotline desk")]


def test_another_reason_beside_the_time_is_the_condition():
    plan = plan_of(
        "Who | When | How", "DBA | at once | pager",
        "CTO | 2 h, or any loss of data | phone",
    )  # fmt: skip
    assert [each.condition for each in plan.escalation] == ["", "or any loss of data"]


def test_whoever_a_ladder_names_is_a_contact_if_the_row_says_how():
    plan = plan_of(
        "Who | When | How", "DBA on call | at once | PagerDuty `db`",
        "Team lead | 15 min | PagerDuty, then +44 20 7946 0611",
        "nobody | 2 h | +44 20 7946 0612",
    )  # fmt: skip
    assert [(each.role, each.value) for each in plan.contacts] == [
        ("Team lead", "+44 20 7946 0611")
    ]
