"""A checklist as a text is read back as it was written."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checklists.domain.checklist_text import (
    KINDS,
    LIMITS,
    MODES,
    MOST_ITEMS,
    MOST_OPTIONS,
    ChecklistText,
    TextItem,
    from_json,
    read_json,
    read_markdown,
    to_json,
    write_json,
    write_markdown,
)
from checklists.domain.checklist_yaml import MOST_DEPTH, read_yaml, write_yaml
from checklists.domain.field_error import FieldError
from checklists.domain.show_if import CHECK_STATES

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n")


def lines(most, least=0):
    shown = st.text(LETTERS, max_size=most).map(str.strip)
    return shown if not least else shown.filter(bool)


TEXTS = st.lists(st.text(LETTERS, max_size=20), max_size=4).map("\n".join)
NUMBERS = st.none() | st.integers(-9, 9) | st.floats(-1e6, 1e6)
BOUNDS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(LIMITS, NUMBERS) | {"unit": lines(5)}
)
OPTIONS = st.lists(lines(9, 1), min_size=2, max_size=4, unique=True).map(tuple)
PLAIN_KINDS = tuple(kind for kind in KINDS if kind != "choice")
ANSWERED = st.tuples(st.sampled_from(PLAIN_KINDS), st.just(())) | st.tuples(
    st.just("choice"), OPTIONS
)


WATCHED = st.builds(
    lambda check, states: {"check": check, "state": states},
    lines(9, 1),
    st.lists(st.sampled_from(CHECK_STATES), min_size=1, unique=True),
)


def connect(items):
    """Let every second item wait for the one before it, where its text is alone."""
    told = []
    for number, item in enumerate(items):
        texts = [each.text for each in items[:number]]
        if number % 2 and texts.count(texts[-1]) == 1:
            asked = {"item": texts[-1], "state": ["done"]}
            told.append(replace(item, show_if=asked))
        else:
            told.append(item)
    return tuple(told)


def build_item(answered, **said):
    kind, options = answered
    return TextItem(kind=kind, options=options, **said)


ITEMS = st.builds(
    build_item,
    ANSWERED,
    text=lines(30, 1),
    section=lines(8),
    reference=lines(4),
    instructions=TEXTS,
    mode=st.sampled_from(MODES),
    is_required=st.booleans(),
    is_critical=st.booleans(),
    allows_na=st.booleans(),
    needs_note=st.booleans(),
    bounds=BOUNDS,
    show_if=st.just({}) | WATCHED,
    checks=st.lists(lines(9, 1), max_size=3).map(tuple),
)
CHECKLISTS = st.builds(
    ChecklistText,
    name=lines(30, 1),
    description=TEXTS,
    items=st.lists(ITEMS, max_size=4).map(connect),
)


@given(CHECKLISTS)
def test_markdown_is_read_back_as_it_was_written(checklist):
    assert read_markdown(write_markdown(checklist)) == checklist


@given(CHECKLISTS)
def test_json_is_read_back_as_it_was_written(checklist):
    assert read_json(write_json(checklist)) == checklist


@given(CHECKLISTS)
@example(ChecklistText(name="0\x850", description="a\u2028b: \ufeff#\n- é…"))
def test_yaml_is_read_back_as_it_was_written(checklist):
    assert read_yaml(write_yaml(checklist)) == checklist


WRITTEN = """# ARQ daily

Every morning.

## Data

- [ ] Verify replication lag
  - mode: auto
  - checks: arq/lag
  - is_critical: true
  > Ask the replica.
* [x] Look around

##
- [ ] Memory
  - kind: number
  - bounds: {"warn_max": 80, "unit": "%"}
"""


def test_markdown_that_a_person_wrote_is_understood():
    assert to_json(read_markdown(WRITTEN.replace("\n", "\r\n"))) == {
        "name": "ARQ daily",
        "description": "Every morning.",
        "items": [
            {
                "section": "Data",
                "text": "Verify replication lag",
                "instructions": "Ask the replica.",
                "mode": "auto",
                "is_critical": True,
                "checks": ["arq/lag"],
            },
            {"section": "Data", "text": "Look around"},
            {
                "text": "Memory",
                "kind": "number",
                "bounds": {"warn_max": 80, "unit": "%"},
            },
        ],
    }


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("- [ ] Look", "name"),
        ("# A\n- [ ] Look\n  - colour: red", "line 3"),
        ("# A\n- [ ] Look\n  - kind: picture", "items[1].kind"),
        ("# A\n- [ ] Look\n  - mode: 1", "items[1].mode"),
        ("# A\n- [ ] Look\n  - is_required: perhaps", "items[1].is_required"),
        ("# A\n- [ ] Look\n  - checks: 7", "items[1].checks"),
        ("# A\n- [ ] Look\n  - bounds: 7", "items[1].bounds"),
        ('# A\n- [ ] Look\n  - bounds: {"warn_max": true}', "items[1].bounds.warn_max"),
        ('# A\n- [ ] Look\n  - bounds: {"unit": 1}', "items[1].bounds.unit"),
        ('# A\n- [ ] Look\n  - bounds: {"most": 1}', "items[1].bounds"),
        (
            f'# A\n- [ ] Look\n  - bounds: {{"hard_min": {10**400}}}',
            "items[1].bounds.hard_min",
        ),
        ("# A\n- [ ] " + "x" * 251, "items[1].text"),
        ("# A\n- [ ] Look\n  - kind: choice", "items[1].options"),
        ("# A\n- [ ] Look\n  - options: a, b", "items[1].options"),
    ],
)
def test_markdown_that_cannot_be_used_names_its_place(written, place):
    with pytest.raises(FieldError) as refused:
        read_markdown(written)
    assert refused.value.field == place


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ([], "text"),
        ({"name": "A", "colour": "red"}, "text"),
        ({"name": "A", "items": {}}, "items"),
        ({"name": "A", "items": [{"text": "x"}] * (MOST_ITEMS + 1)}, "items"),
        ({"name": "A", "items": ["x"]}, "items[1]"),
        ({"name": "A\nB"}, "name"),
        ({"name": "A", "description": "\0"}, "description"),
        ({"name": "A", "items": [{"text": "x", "checks": [1]}]}, "items[1].checks"),
        ({"name": "A", "items": [{"text": "\ud800"}]}, "items[1].text"),
        ({"name": "A", "items": [{"text": "x", "checks": "\0"}]}, "items[1].checks"),
        ({"name": "A", "\udfff": 1}, "text"),
    ],
)
def test_values_that_cannot_be_used_name_their_place(raw, place):
    with pytest.raises(FieldError) as refused:
        from_json(raw)
    assert refused.value.field == place
    assert refused.value.message.encode()


@pytest.mark.parametrize(
    "options",
    [7, ["a", "a "], ["a", ""], ["a", "b\nc"], ["a", True], [*"ab"] * MOST_OPTIONS],
)
def test_options_are_few_different_and_of_one_line(options):
    item = {"text": "x", "kind": "choice", "options": options}
    with pytest.raises(FieldError) as refused:
        from_json({"name": "A", "items": [item]})
    assert refused.value.field == "items[1].options"


def test_options_may_be_written_with_commas():
    text = read_markdown("# A\n- [ ] Backup\n  - kind: choice\n  - options: yes, no")
    assert text.items[0].options == ("yes", "no")


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(FieldError):
        read_json(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "This is no YAML"),
        ("name: !!python/name:os.system", "This is no YAML"),
        ("name: !!timestamp 2026-99-99", "This is no YAML"),
        ("name: " + "9" * 5000, "This is no YAML"),
        ("name: &a A\ndescription: *a", "without aliases"),
        ("[" * 100_000, "nested too deeply"),
        ("name: " + "[" * MOST_DEPTH + "]" * MOST_DEPTH, "nested too deeply"),
        ("name: 2026-11-22", "name: Write a text"),
        ("- name: A", "an object"),
        ("", "an object"),
    ],
)
def test_yaml_that_cannot_be_used_says_why(text, words):
    with pytest.raises(FieldError, match=words):
        read_yaml(text)
