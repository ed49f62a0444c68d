"""What runbooks and the portal hold, in words."""

from types import SimpleNamespace

import pytest

from runbooks.views.value_words import name_value, say_there, say_value

SEVERITY = {"label": "P1", "level": 1, "response_minutes": 15.0, "is_next_business_day": False}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("ladder", {"steps": [{"who": "Lead", "minutes": None}, {"who": "B", "minutes": 5}]},
         "Lead when somebody asks, B after 5 min"),
        ("ladder", {"steps": [{"who": "Lead", "minutes": 0}]}, "Lead at once"),
        ("severity", SEVERITY, "P1, level 1, answer in 15 min"),
        ("severity", SEVERITY | {"response_minutes": None}, "P1, level 1, no answer time"),
        ("severity", SEVERITY | {"is_next_business_day": True},
         "P1, level 1, answer on the next business day"),
        ("checklist", {"title": "A", "rule": None}, "A, no cadence"),
        ("contact", {"title": "Lead", "kind": "email", "value": "a@b.c"}, "Lead, email, a@b.c"),
        ("item", {"text": "Look", "section": ""}, "Look"),
        ("procedure", {"title": "Slow", "symptoms": "x " * 200}, "Slow" + " x" * 77 + "…"),
    ],
)  # fmt: skip
def test_values_are_said_in_one_line(kind, value, said):
    assert say_value(kind, value) == said


def test_what_is_gone_and_what_has_no_name_are_said_too():
    gone = SimpleNamespace(kind="item", there=None)
    ladder = SimpleNamespace(kind="ladder", there={"number": 2})
    assert say_there(gone) == "nothing any more"
    assert say_there(ladder) == "an escalation policy of its own"
    assert name_value("ladder", {"steps": []}) == "The escalation ladder"
