"""Alertmanager's matchers: name="text", !=, =~ and !~, anchored at both ends."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_FORM: Final = re.compile(
    r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL
)
LONGEST: Final = 1_024
MOST: Final = 50
# Is there a match of the whole text? What is no pattern raises ValueError.
Compile = Callable[[str], Any]


class MatcherError(ValueError):
    """That is no matcher; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is missing is "".

    ``pattern`` is the compiled ``value`` of a regular expression, else None.
    """

    name: str
    value: str
    is_regex: bool
    is_equal: bool
    pattern: Any = None

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet it."""
        found = labels.get(self.name, "")
        if self.pattern is not None:
            return (self.pattern.fullmatch(found) is not None) is self.is_equal
        return (found == self.value) is self.is_equal

    def __str__(self) -> str:
        sign = {
            (False, True): "=",
            (False, False): "!=",
            (True, True): "=~",
            (True, False): "!~",
        }[self.is_regex, self.is_equal]
        quoted = self.value.replace("\\", "\\\\").replace('"', '\\"')
        quoted = quoted.replace("\n", "\\n")
        return f'{self.name}{sign}"{quoted}"'


def make_matcher(
    name: str, value: str, *, is_regex: bool, is_equal: bool, compile_: Compile
) -> Matcher:
    """Return one condition. Raises MatcherError for a bad name or pattern."""
    if NAME.fullmatch(name) is None or len(name) > LONGEST:
        raise MatcherError(f"“{name[:80]}” is no name of a label.")
    if len(value) > LONGEST:
        raise MatcherError(f"The value for {name[:80]} is too long.")
    if not is_regex:
        return Matcher(name, value, is_regex, is_equal)
    try:
        pattern = compile_(value)
    except ValueError as error:
        raise MatcherError(f"bad regular expression: {error}") from None
    return Matcher(name, value, is_regex, is_equal, pattern)


def parse_matchers(texts: Iterable[str], compile_: Compile) -> list[Matcher]:
    """Return the matchers that people write. Raises MatcherError."""
    return [_parse(text, compile_) for text in texts]


def fit_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Say whether labels meet every matcher."""
    return all(matcher.fits(labels) for matcher in matchers)


def fits_anything(matchers: Iterable[Matcher]) -> bool:
    """Say whether even an alert without any label would meet them all."""
    return fit_all(matchers, {})


def _parse(text: str, compile_: Compile) -> Matcher:
    found = _FORM.fullmatch(text.strip().removeprefix("{").removesuffix("}"))
    if found is None:
        raise MatcherError(f"bad matcher format: {text[:80]}")
    name, sign, value = found.groups()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = re.sub(r"\\(.)", _unescape, value[1:-1], flags=re.DOTALL)
    return make_matcher(
        name,
        value,
        is_regex=sign in {"=~", "!~"},
        is_equal=sign in {"=", "=~"},
        compile_=compile_,
    )


def _unescape(found: re.Match[str]) -> str:
    mark = found[1]
    if mark == "n":
        return "\n"
    # In a pattern a backslash before anything else is the pattern's own.
    return mark if mark in {'"', "\\"} else found[0]
