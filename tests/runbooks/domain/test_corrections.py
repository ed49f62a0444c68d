"""What a person says otherwise of a finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.field_error import FieldError
from runbooks.domain.corrections import correct, correct_condition, parts_of
from runbooks.domain.entries import list_entries
from runbooks.domain.plan import read_plan

TEXT = """# A

## Daily Checklist
- [ ] Look at the queue
- [ ] Stable disk usage

## Severity Levels
| Severity | Response Time |
|---|---|
| P1 | 15 minutes |

## Escalation Procedures
### Level 1 - Lead
- Escalated if not resolved in 15 min

## Troubleshooting
### Slow
**Symptoms:**
- Slow answers

## Contacts
- Team Lead: +1-XXX-XXX-XXXX
"""
FOUND = list_entries(read_plan(TEXT.encode()))
LIST, ITEM, DISK, SEVERITY, LADDER, CONTACT, PROCEDURE = FOUND
(STEP,) = LADDER.parts


@pytest.mark.parametrize(
    ("entry", "fixes", "expected"),
    [
        (LIST, {"title": " B ", "due_time": "08:30"}, {"title": "B", "due_time": "08:30"}),
        (LIST, {"rule": {"kind": "weekly", "days": ["mon"]}},
         {"rule": {"kind": "weekly", "days": ["mon"]}}),
        (LIST, {"rule": {"kind": "daily"}}, {}),
        (ITEM, {"text": "y" * 300, "rule": {}}, {"text": "y" * 250}),
        (ITEM, {"text": " ", "section": "Z"}, {}),
        (SEVERITY, {"label": "S1", "level": "2", "response_minutes": "5"},
         {"label": "S1", "level": 2, "response_minutes": 5}),
        (SEVERITY, {"response_minutes": "15", "is_next_business_day": "no"}, {}),
        (SEVERITY, {"response_minutes": "15", "is_next_business_day": "yes"},
         {"response_minutes": None, "is_next_business_day": True}),
        (STEP, {"who": "Duty", "minutes": "", "level": "1", "condition": "a\r\nb"},
         {"who": "Duty", "minutes": None, "level": 1, "condition": "a\nb"}),
        (CONTACT, {"kind": "email", "value": "a@example.com"},
         {"kind": "email", "value": "a@example.com", "is_placeholder": False}),
        (CONTACT, {"title": "Lead"}, {"title": "Lead"}),
        (PROCEDURE, {"resolution": "- Wait\r\n- Look"}, {"resolution": "- Wait\n- Look"}),
    ],
)  # fmt: skip
def test_what_was_written_counts_and_the_rest_stays(entry, fixes, expected):
    assert correct(entry, fixes) == entry.value | expected


@pytest.mark.parametrize(
    ("entry", "fixes", "match"),
    [
        (LIST, {"due_time": "soon"}, "10:00"),
        (LIST, {"rule": {"kind": "weekly"}}, "one day"),
        (LIST, {"rule": "daily"}, "object"),
        (LIST, {"rule": {"kind": "handoff"}}, "handoff"),
        (SEVERITY, {"response_minutes": "nan"}, "minutes"),
        (SEVERITY, {"response_minutes": "1e9"}, "minutes"),
        (STEP, {"minutes": "soon"}, "minutes"),
        (SEVERITY, {"level": "0"}, "1, 2, 3, 4, 5"),
        (CONTACT, {"kind": "pigeon"}, "email"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(entry, fixes, match):
    with pytest.raises(FieldError, match=match):
        correct(entry, fixes)


def test_the_condition_of_a_check_is_corrected_where_there_is_one():
    assert "condition" in [part.name for part in parts_of(DISK)]
    assert correct_condition(DISK, {"condition": " value < 80 "}) == "value < 80"
    assert correct_condition(DISK, {"condition": " "}) == DISK.condition
    assert correct_condition(LIST, {"condition": "value < 80"}) == ""
    with pytest.raises(FieldError, match="value <"):
        correct_condition(DISK, {"condition": "value <"})
    assert parts_of(LADDER) == ()


@given(st.sampled_from([*FOUND, STEP]), st.dictionaries(
    st.sampled_from(["title", "due_time", "text", "rule", "label", "level", "minutes",
                     "response_minutes", "is_next_business_day", "who", "kind",
                     "value", "condition", "resolution"]),
    st.text() | st.integers() | st.none() | st.lists(st.text()),
))  # fmt: skip
def test_anything_at_all_is_a_value_of_the_same_parts_or_is_refused(entry, fixes):
    try:
        assert correct(entry, fixes).keys() == entry.value.keys()
    except FieldError:
        assert fixes
