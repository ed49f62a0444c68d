"""The piece of a text in which words of a search stand."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

LONGEST: Final = 160
_BEFORE: Final = 40
# Endings that a search in English looks past; what stays has four letters or more.
_ENDING: Final = re.compile(r"(?<=\w{4})(?:ings?|ed|es|s)$")


class Part(NamedTuple):
    """Some of the text, and whether it is what was looked for."""

    text: str
    is_hit: bool


def cut_snippet(texts: Iterable[str], words: Sequence[str]) -> tuple[Part, ...]:
    """Return the first place in which one of the words stands, at most 160 characters.

    A word stands where one begins with it, whatever its English ending. Empty where
    none does: what was found is somewhere else.
    """
    pattern = _compile(words)
    if pattern is None:
        return ()
    for text in texts:
        line = " ".join(text.split())
        hit = pattern.search(line)
        if hit is not None:
            return tuple(_split(_cut(line, hit.start()), pattern))
    return ()


def _compile(words: Sequence[str]) -> re.Pattern[str] | None:
    stems = {_ENDING.sub("", word.casefold()) for word in words if word}
    if not stems:
        return None
    either = "|".join(re.escape(stem) for stem in sorted(stems, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})\w*", re.IGNORECASE)


def _cut(line: str, start: int) -> str:
    begin = max(start - _BEFORE, 0)
    piece = line[begin : begin + LONGEST]
    before = "…" if begin else ""
    after = "…" if begin + LONGEST < len(line) else ""
    return f"{before}{piece}{after}"


def _split(piece: str, pattern: re.Pattern[str]) -> Iterable[Part]:
    reached = 0
    for hit in pattern.finditer(piece):
        if hit.start() > reached:
            yield Part(piece[reached : hit.start()], is_hit=False)
        yield Part(hit[0], is_hit=True)
        reached = hit.end()
    if reached < len(piece):
        yield Part(piece[reached:], is_hit=False)
