"""Matchers mean what Alertmanager means by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.matchers import (
    MatcherError,
    fits_anything,
    make_matcher,
    parse_matchers,
)
from opsportal.kit.patterns import compile_pattern

LABELS = {"alertname": "DiskFull", "quote": 'a"b', "path": "C:\\x", "two": "a\nb"}


def parse(text):
    return parse_matchers([text], compile_pattern)[0]


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
        (r'path="C:\\x"', True),
        (r'two="a\nb"', True),
        (r'alertname=~"\w+"', True),
        ("alertname=~Disk.*|Lag", True),
    ],
)
def test_a_matcher_is_anchored_and_a_missing_label_is_empty(text, fits):
    assert parse(text).fits(LABELS) is fits


@pytest.mark.parametrize(
    "text", ["", "alertname", "a=~(", "a=~(?=b)", "a=" + "x" * 1100, "9=x"]
)
def test_what_is_no_matcher_is_named(text):
    with pytest.raises(MatcherError):
        parse(text)


@given(st.text(max_size=40), st.booleans(), st.booleans())
def test_what_a_matcher_says_of_itself_means_the_same(value, is_regex, is_equal):
    try:
        matcher = make_matcher(
            "a",
            value,
            is_regex=is_regex,
            is_equal=is_equal,
            compile_=compile_pattern,
        )
    except MatcherError:
        return
    again = parse(str(matcher))
    for found in (value, "", "x"):
        assert again.fits({"a": found}) is matcher.fits({"a": found})


def test_a_name_is_a_label_and_matchers_may_fit_anything():
    with pytest.raises(MatcherError):
        make_matcher("9", "", is_regex=False, is_equal=True, compile_=compile_pattern)
    assert fits_anything([parse('a=""'), parse('b!="x"')])
    assert not fits_anything([parse("a=x"), parse('b=""')])


def test_a_pattern_that_runs_away_elsewhere_is_quick():
    assert not parse("a=~(x+x+)+y").fits({"a": "x" * 5000})


@given(st.text())
def test_any_text_fits_itself_quoted(value):
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if len(escaped) > 200:
        return
    assert parse(f'a="{escaped}"').fits({"a": value})
