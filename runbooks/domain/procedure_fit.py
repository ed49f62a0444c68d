"""Which procedure fits an item of a list, if one does: that about the same thing.

Better none than a wrong one, so a word alone that half of all titles have counts
for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeVar

from runbooks.domain.inline import fold
from runbooks.domain.procedure_match import stems_of
from runbooks.domain.words.subjects import find_state

_T = TypeVar("_T")
# What many titles say, and what is asked of every item.
_DULL: Final = stems_of(
    "all and any are check verify ensure review monitor look watch update confirm test "
    "for the with from into over under than after before not does are was daily weekly "
    "monthly high low slow many much too large rate rates issue problem failure failed "
    "failing fails fault trouble incident alert alerts warning critical service system "
    "application production procedure response handling recovery emergency page ticket "
    "when one two down late stuck hangs growing grows grow missing exhausted expired gone "
    "stop stops lost stale behind ready pile piles unreachable reachable unavailable "
    "broken degraded above below between"
)
# Work that is done and does not fail by itself.
_WORK: Final = re.compile(
    r"(?:apply|archive|back|change|clean|clear|close|compare|delete|drain|export|install"
    r"|note|patch|prune|purge|rebuild|reboot|remove|renew|replace|restart|roll|rotate"
    r"|send|share|switch|tidy|update|upgrade|walk|write)\b"
)
_IN_TITLE: Final = 4.0
_IN_SYMPTOMS: Final = 2.0
# So much of what a title says, or a symptom, has to be said of the item as well.
_ENOUGH: Final = 0.5
_AT_HOME: Final = 0.5


def find_procedure(
    said: Sequence[str],
    found: Mapping[_T, Sequence[str]],
    at_home: Collection[_T] = (),
) -> _T | None:
    """Return the key of ``found`` that fits best, or None.

    ``said`` are the words of an item and the names of its checks that fail; ``found``
    has of each procedure its title and then its symptoms. Of equals, one ``at_home``
    wins: in the runbook that the item comes from.
    """
    states = {state for text in said if (state := find_state(fold(text)))}
    words = frozenset[str]().union(*(_tell(text) for text in said))
    # One word is enough only where nothing else says what the item is about.
    few = 1 if not states and not _begins_with_work(said) else 2
    best, most = None, 0.0
    for key, signs in found.items():
        fit = _fit(states, words, signs, few)
        score = fit + _AT_HOME if fit and key in at_home else fit
        if score > most:
            best, most = key, score
    return best


def _fit(
    states: set[str], words: frozenset[str], signs: Sequence[str], few: int
) -> float:
    title, *symptoms = signs
    score = _IN_TITLE if find_state(fold(title)) in states else 0.0
    score += _IN_TITLE * _share(words, _tell(title), few)
    told = [_tell(each) for each in symptoms]
    score += _IN_SYMPTOMS * any(
        words & tells and find_state(fold(each)) in states
        for each, tells in zip(symptoms, told, strict=True)
    )
    shares = (_share(words, each, 2) for each in told)
    return score + _IN_SYMPTOMS * max(shares, default=0.0)


def _share(words: frozenset[str], told: frozenset[str], few: int) -> float:
    """How much of what is told is among the words; nothing where it is too little."""
    both = len(words & told)
    # Of two words one is no more than chance.
    enough = _ENOUGH if both > 1 else 1
    return both / len(told) if both >= max(few, enough * len(told), 1) else 0.0


def _begins_with_work(said: Sequence[str]) -> bool:
    return bool(said and _WORK.match(fold(said[0])))


@lru_cache(maxsize=4096)
def _tell(text: str) -> frozenset[str]:
    return frozenset(stems_of(text) - _DULL)
