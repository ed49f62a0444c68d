"""A sender's word becomes a word of the service, and none is invented."""

import pytest

from incidents.domain.severity_words import translate_severity

WORDS = [("P0", 1), ("P1", 2), ("P2", 3), ("P2 minor", 3)]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("critical", ("P0", 1)),
        ("PAGE", ("P0", 1)),
        ("error", ("P1", 2)),
        ("warning", ("P2", 3)),
        ("p1", ("P1", 2)),
        ("topic-high", ("P1", 2)),
        ("info", ("", 4)),
        ("none", ("", 5)),
        ("", ("", 3)),
        ("awful", ("", 3)),
    ],
)
def test_words_are_translated(word, found):
    mapping = {"Topic-High": "P1", "critical": "gone"}
    assert translate_severity(word, mapping, WORDS) == found
