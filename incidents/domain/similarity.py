"""How alike two incidents are: by the rare words that they share."""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

MOST_WORDS: Final = 40
# What both had besides words, on the scale of what words are worth.
SAME_SERVICE: Final = 1.0
SAME_SERIES: Final = 16.0
MOST_LOOKED_AT: Final = 2_000
# A word is counted so far; what stands in as many names no trouble.
MOST_COUNTED: Final = 1_000
COMMON: Final = 1.0
_MOST_CHOSEN: Final = 16
_WORD: Final = re.compile(r"[^\W_]{3,32}")
# In nearly every title: they say nothing.
_EMPTY: Final = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "are",
        "was",
        "not",
        "that",
        "this",
        "from",
        "has",
        "have",
        "its",
        "our",
        "all",
    ]
)


def split_words(text: str) -> list[str]:
    """Return the distinct words of a text, small, in order of the alphabet."""
    words = {word for word in _WORD.findall(text.lower()) if word not in _EMPTY}
    return sorted(words)[:MOST_WORDS]


def weigh_words(counts: Mapping[str, int], total: int) -> dict[str, float]:
    """Return what each word is worth: the rarer, the more; 0 for one in all.

    ``counts`` says in how many of about ``total`` incidents each word is, counted to
    ``MOST_COUNTED``: from there a word is worth ``COMMON`` at most. Squared, as in the
    angle between two texts: a phrase of common words does not outweigh a rare one.
    """
    return {word: _weigh(count, total) for word, count in counts.items() if count}


def _weigh(count: int, total: int) -> float:
    worth = math.log(max(total, count) / count) ** 2
    return worth if count < MOST_COUNTED else min(worth, COMMON)


def choose_words(weights: Mapping[str, float], counts: Mapping[str, int]) -> list[str]:
    """Return the words worth looking for, the rarest first.

    At most sixteen, and none from where more than ``MOST_LOOKED_AT`` incidents would
    have to be looked at: ``counts`` says in how many each word is. A common word is
    looked for when there is no other.
    """
    worth = [word for word, weight in weights.items() if weight > 0]
    chosen: list[str] = []
    looked_at = 0
    for word in sorted(worth, key=lambda word: (-weights[word], word))[:_MOST_CHOSEN]:
        looked_at += counts[word]
        is_common = counts[word] >= MOST_COUNTED
        if chosen and (is_common or looked_at > MOST_LOOKED_AT):
            break
        chosen.append(word)
    return chosen


def score(
    shared: Iterable[str],
    weights: Mapping[str, float],
    *,
    has_service: bool,
    series: Collection[int] = (),
) -> float:
    """Return how alike it is: shared words, the same service, the same alerts."""
    by_words = sum(weights.get(word, 0.0) for word in shared)
    return by_words + SAME_SERVICE * has_service + SAME_SERIES * bool(series)
