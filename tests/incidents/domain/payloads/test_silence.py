"""Silences as Alertmanager's clients post them."""

import json

import pytest

from incidents.domain.payloads.signal import ParseError
from incidents.domain.payloads.silence import read_id, read_silence
from opsportal.kit.patterns import compile_pattern

POSTED = {
    "matchers": [{"name": "a", "value": "b", "isRegex": False}],
    "startsAt": "2026-01-14T10:30:00Z",
    "endsAt": "2026-01-14T11:30:00Z",
    "createdBy": "ops",
    "comment": "Known",
}


def read(**changes):
    return read_silence(json.dumps(POSTED | changes).encode(), compile_pattern)


def test_a_matcher_is_equal_unless_it_says_otherwise():
    silence = read()
    assert (silence.public_id, silence.author) == (None, "ops")
    assert [str(each) for each in silence.matchers] == ['a="b"']
    other = {"name": "a", "value": "b", "isRegex": True, "isEqual": False}
    assert str(read(matchers=[other]).matchers[0]) == 'a!~"b"'


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"startsAt": None}, "endsAt"),
        ({"endsAt": "soon"}, "endsAt"),
        ({"matchers": [{"name": "a", "value": "(", "isRegex": True}]}, "matchers"),
        ({"matchers": ["a=b"]}, "matchers"),
        ({"id": "7"}, "id"),
    ],
)
def test_what_is_no_silence_names_the_field(changes, field):
    with pytest.raises(ParseError) as caught:
        read(**changes)
    assert caught.value.field == field


def test_an_id_is_a_uuid_or_nothing():
    assert read_id("") is None
    text = "b5a0a5a0-0000-4000-8000-000000000000"
    assert str(read_id(text)) == text
