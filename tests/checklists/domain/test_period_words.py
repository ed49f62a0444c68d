"""Keys of periods, as people read them."""

import pytest

from checklists.domain.period_words import say_key


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("2025-11-02", "2025-11-02"),
        ("2025-W45-1", "2025-W45-1"),
        ("2025-Q4", "2025-Q4"),
        ("INC-2025-11-02-001", "INC-2025-11-02-001"),
        ("2025-11-02/0", "2025-11-02, slot 1"),
        ("2025-11-02/3", "2025-11-02, slot 4"),
        ("adhoc-20251102T093000000000Z", "by hand, 2025-11-02"),
    ],
)
def test_a_key_is_said(key, words):
    assert say_key(key) == words
