"""Regular expressions of strangers, matched in linear time (RE2, as Go does)."""

from functools import lru_cache
from typing import Protocol

import re2

_QUIET = re2.Options()
_QUIET.log_errors = False


class Pattern(Protocol):
    """A pattern that is compiled."""

    def fullmatch(self, text: str) -> object | None:
        """Return something when the whole text fits, else None."""


class PatternError(ValueError):
    """That is no regular expression; the message says why."""


@lru_cache(maxsize=2_000)
def compile_pattern(text: str) -> Pattern:
    """Return the pattern, compiled once. Raises PatternError."""
    try:
        pattern: Pattern = re2.compile(text, options=_QUIET)
    except re2.error as error:
        reason = error.args[0]
        words = reason.decode("utf-8", "replace") if reason else "it cannot be read"
        raise PatternError(words) from None
    return pattern


def escape_pattern(text: str) -> str:
    """Return a pattern that only this text fits."""
    escaped: str = re2.escape(text)
    return escaped
