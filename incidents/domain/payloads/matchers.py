"""Alertmanager's matchers: name="text", !=, =~ and !~, anchored at both ends."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from incidents.domain.payloads.signal import ParseError

_FORM: Final = re.compile(
    r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL
)
LONGEST: Final = 256
# Repeated groups are what makes a pattern run away.
_RUNAWAY: Final = re.compile(r"[*+}]\)*[*+{]|\)[*+{]")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is missing is ""."""

    name: str
    value: str
    is_regex: bool
    is_equal: bool

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet it."""
        found = labels.get(self.name, "")
        if self.is_regex:
            return (re.fullmatch(self.value, found) is not None) is self.is_equal
        return (found == self.value) is self.is_equal


def parse_matchers(texts: Iterable[str]) -> list[Matcher]:
    """Return the matchers of filters. Raises ParseError with field "filter"."""
    return [_parse(text) for text in texts]


def _parse(text: str) -> Matcher:
    found = _FORM.fullmatch(text.strip().removeprefix("{").removesuffix("}"))
    if found is None or len(text) > LONGEST:
        raise ParseError("filter", f"bad matcher format: {text[:LONGEST]}")
    name, sign, value = found.groups()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r'\\(["\\])', r"\1", value[1:-1])
    is_regex = sign in {"=~", "!~"}
    if is_regex:
        _check_pattern(value)
    return Matcher(name, value, is_regex, sign in {"=", "=~"})


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        raise ParseError("filter", "bad regular expression") from None
    if _RUNAWAY.search(pattern):
        raise ParseError("filter", "a repeated group is not allowed here")
