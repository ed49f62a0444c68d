"""Who is named in what somebody wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.mentions import find_mentions

PEOPLE = {"ann": 1, "bo.b": 2, "cy+x@example.org": 3}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@ann look", [1]),
        ("(@Ann, @bo.b)", [1, 2]),
        ("ask @bo.b.", [2]),
        ("@ann @ANN @ann.", [1]),
        ("@cy+x@example.org knows", [3]),
        ("mail ann@example.org or x@ann", []),
        ("@nobody @annex @ ann", []),
        ("", []),
    ],
)
def test_only_members_are_named_each_once(text, found):
    assert find_mentions(text, PEOPLE) == found


@given(st.text(), st.sampled_from(sorted(PEOPLE)), st.sampled_from(["", ".", "!", ","]))
def test_a_name_between_spaces_is_always_found(around, name, end):
    text = f"{around} @{name}{end} {around}"
    assert PEOPLE[name] in find_mentions(text, PEOPLE)
