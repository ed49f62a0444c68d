"""What people type into a check's form, and how it is shown again."""

from datetime import timedelta

import pytest
from django.forms import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from checklists.forms.fields import (
    HeadersField,
    LengthField,
    LinesField,
    write_length,
)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30s", timedelta(seconds=30)),
        ("0.5s", timedelta(milliseconds=500)),
        ("5m", timedelta(minutes=5)),
        ("5 min", timedelta(minutes=5)),
        ("1h 30m", timedelta(minutes=90)),
        ("1d2h", timedelta(hours=26)),
        ("", None),
    ],
)
def test_a_length_is_read(text, length):
    assert LengthField(required=False).clean(text) == length


def test_a_length_that_is_one_already_stays():
    assert LengthField().to_python(timedelta(1)) == timedelta(1)


@pytest.mark.parametrize("text", ["often", "5", "m5", "-1m", "1m 1h"])
def test_what_is_no_length_is_refused(text):
    with pytest.raises(ValidationError, match="such as 30s"):
        LengthField().clean(text)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=900)))
def test_a_length_that_is_shown_is_read_again(length):
    length -= timedelta(microseconds=length.microseconds)
    assert LengthField().clean(write_length(length)) == length


def test_lengths_are_shown_in_words():
    field = LengthField()
    assert field.prepare_value(timedelta(hours=26)) == "1d 2h"
    assert field.prepare_value(timedelta(0)) == "0s"
    assert field.prepare_value("soon") == "soon"


def test_lines_are_a_list_and_back():
    field = LinesField()
    assert field.clean(" a \n\nb") == ["a", "b"]
    assert field.prepare_value(["a", "b"]) == "a\nb"
    assert field.prepare_value("a") == "a"


def test_headers_are_a_mapping_and_back():
    field = HeadersField(required=False)
    assert field.clean("X-One: 1\n\n X-Two : a: b ") == {"X-One": "1", "X-Two": "a: b"}
    assert field.prepare_value({"X-One": "1"}) == "X-One: 1"
    assert field.prepare_value("X") == "X"
    with pytest.raises(ValidationError, match="one “Name: value” a line"):
        field.clean("nonsense")
