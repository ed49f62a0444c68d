"""Two versions of a text as the lines that came and went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_AROUND: Final = 3


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line: ``mark`` is "came", "went", or "" for what stays around a change.

    ``number`` counts from 1 in the newer text, for what went in the older.
    """

    mark: str
    number: int
    text: str


def diff_lines(old: Sequence[str], new: Sequence[str]) -> list[list[DiffLine]]:
    """Return the changes from ``old`` to ``new``, each with up to 3 lines around it."""
    matcher = SequenceMatcher(None, old, new)
    return [
        [line for code in group for line in _lines(code, old, new)]
        for group in matcher.get_grouped_opcodes(_AROUND)
    ]


def _lines(
    code: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str]
) -> list[DiffLine]:
    tag, old_from, old_to, new_from, new_to = code
    if tag == "equal":
        return [DiffLine("", at + 1, new[at]) for at in range(new_from, new_to)]
    went = [DiffLine("went", at + 1, old[at]) for at in range(old_from, old_to)]
    came = [DiffLine("came", at + 1, new[at]) for at in range(new_from, new_to)]
    return went + came
