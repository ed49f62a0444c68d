"""Matchers mean what Alertmanager means by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.payloads.matchers import parse_matchers
from incidents.domain.payloads.signal import ParseError

LABELS = {"alertname": "DiskFull", "quote": 'a"b'}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('alertname="DiskFull"', True),
        ("{alertname=DiskFull}", True),
        ("alertname!=DiskFull", False),
        ('alertname=~"Disk.*"', True),
        ('alertname=~"Disk"', False),
        ('alertname!~"Disk"', True),
        ('missing=""', True),
        ('missing!=""', False),
        (r'quote="a\"b"', True),
    ],
)
def test_a_matcher_is_anchored_and_a_missing_label_is_empty(text, fits):
    assert parse_matchers([text])[0].fits(LABELS) is fits


@pytest.mark.parametrize(
    "text", ["", "alertname", "a=~(", "a=~(a+)+", "a=" + "x" * 300, "9=x"]
)
def test_what_is_no_matcher_is_named(text):
    with pytest.raises(ParseError) as caught:
        parse_matchers([text])
    assert caught.value.field == "filter"


@given(st.text())
def test_any_text_fits_itself_quoted(value):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if len(escaped) > 200:
        return
    assert parse_matchers([f'a="{escaped}"'])[0].fits({"a": value})
