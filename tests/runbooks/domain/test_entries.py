"""A plan as things to accept, in the portal's own terms."""

import pytest

from runbooks.domain.entries import list_entries
from runbooks.domain.findings import (
    Checklist,
    CheckProposal,
    Contact,
    EscalationStep,
    Item,
    Procedure,
    Severity,
    Step,
)
from runbooks.domain.plan import Plan
from runbooks.domain.text import read_text

EMPTY = read_text(b"")


def entries_of(**found):
    return list_entries(Plan(source=EMPTY, service="", title="", **found))


def item(text, **more):
    return Item(line=2, key=f"item-{text}", text=text, **more)


def test_a_list_comes_before_its_items_and_groups_are_sections():
    found = Checklist(
        line=1, key="checklist-1", title="", cadence="daily",
        items=(item("Databases"), item("Lag", depth=1), item("Disks")),
    )  # fmt: skip
    head, *items = entries_of(checklists=(found,))
    assert head.value == {
        "title": "Checklist",
        "rule": {"kind": "daily"},
        "due_time": "10:00",
    }
    assert [(each.value["text"], each.value["section"]) for each in items] == [
        ("Databases", ""),
        ("Lag", "Databases"),
        ("Disks", ""),
    ]
    assert {each.parent for each in items} == {"checklist-1"}


def test_a_long_item_keeps_all_its_words_in_its_instructions():
    found = Checklist(line=1, title="A", cadence="daily", items=(item("x" * 300),))
    (_, entry) = entries_of(checklists=(found,))
    assert (len(entry.value["text"]), entry.instructions) == (250, "x" * 300)


@pytest.mark.parametrize(
    ("kind", "condition", "known", "spec"),
    [
        ("heartbeat", "age < 26h", {}, {}),
        ("internal", "value == 0", {"source": "drills"}, {"source": "drills"}),
        ("internal", "value == 0", {}, None),
        ("prometheus", "value < 100", {}, None),
        ("heartbeat", "", {}, None),
    ],
)
def test_only_a_check_that_lacks_nothing_is_ready(kind, condition, known, spec):
    proposal = CheckProposal(kind=kind, condition=condition, spec=known, confidence=0.7)
    found = Checklist(
        line=1, title="A", cadence="daily", items=(item("a", check=proposal),)
    )
    (_, entry) = entries_of(checklists=(found,))
    ready = (
        None if spec is None else {"kind": kind, "condition": condition, "spec": spec}
    )
    assert (entry.check, entry.check_kind) == (ready, kind)


def test_the_next_working_day_is_one_in_other_languages_too():
    texts = (
        "nächster Werktag",
        "jour ouvré suivant",
        "次日",
        "next day",
        "best effort",
    )
    found = [
        Severity(line=at, key=str(at), name="P", level=1, response_text=text)
        for at, text in enumerate(texts, 1)
    ]
    days = [each.value["is_next_business_day"] for each in entries_of(severities=found)]
    assert days == [True, True, True, True, False]


def test_the_ladder_is_one_thing_whose_steps_name_levels_of_the_service():
    severity = Severity(
        line=1, key="s", name="P1", level=1, response_text="Next business day",
        aliases=("Critical",),
    )  # fmt: skip
    steps = (
        EscalationStep(line=3, key="a", level=1, who=" ", after_minutes=None),
        EscalationStep(line=4, key="b", level=2, who="Lead", after_minutes=10,
                       severity="critical", confidence=0.5),
        EscalationStep(line=5, key="c", level=3, who="Head", after_minutes=10**6),
    )  # fmt: skip
    first, ladder = entries_of(severities=(severity,), escalation=steps)
    assert first.value["is_next_business_day"]
    assert (ladder.key, ladder.line, ladder.last) == ("ladder", 3, 5)
    assert ladder.confidence == 0.5
    assert [part.value for part in ladder.parts] == [
        {"who": "Level 1", "minutes": None, "level": 0, "condition": ""},
        {"who": "Lead", "minutes": 10, "level": 1, "condition": ""},
        {"who": "Head", "minutes": None, "level": 0, "condition": ""},
    ]


def test_contacts_have_the_kinds_of_the_contact_table():
    found = tuple(
        Contact(line=n, role="Team", kind=kind, value="x")
        for n, kind in enumerate(["email", "channel", "handle", "name"], 1)
    )
    kinds = [each.value["kind"] for each in entries_of(contacts=found)]
    assert kinds == ["email", "chat", "chat", "pager"]


def test_procedures_are_markdown_whose_commands_cannot_break_out():
    found = Procedure(
        line=1, title="Slow",
        diagnosis=(
            Step(line=2, text="Look"),
            Step(line=3, text="echo ```", command=True, language="bash"),
        ),
    )  # fmt: skip
    (entry,) = entries_of(procedures=(found,))
    assert entry.value["diagnosis"] == "- Look\n\n````bash\necho ```\n````"
    assert entry.value["resolution"] == ""
