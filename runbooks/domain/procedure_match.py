"""Which procedures fit a trouble: those that share the most of its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, TypeVar

_WORD: Final = re.compile(r"[^\W\d_]{3,}")
# A word of the title says more than one of the text.
_IN_TITLE: Final = 5
_T = TypeVar("_T")


def rank_procedures(trouble: str, found: Mapping[_T, tuple[str, str]]) -> list[_T]:
    """Return the keys of ``found`` (each a title and a text), the best fit first.

    Ties stay in their order, and so does what shares no word.
    """
    wanted = stems_of(trouble)
    scores: Counter[_T] = Counter()
    for key, (title, text) in found.items():
        scores[key] = _IN_TITLE * len(wanted & stems_of(title))
        scores[key] += len(wanted & stems_of(text))
    return sorted(found, key=lambda key: -scores[key])


def stems_of(text: str) -> set[str]:
    """Return the words without the ends that only bend them."""
    return {word.rstrip("s")[:6] for word in _WORD.findall(text.casefold())}
