"""When an item is asked for: by the answer of one before it, or by a check.

As plain values, in one of four forms, always with lists:

    {"item": "Backup", "is": ["partial", "none"]}      an option was chosen
    {"item": "Look around", "state": ["done"]}         it is done, or na
    {"item": "Memory", "above": 80, "below": 90}       a number, either limit alone
    {"check": "arq/lag", "state": ["fail"]}            pass, fail or unknown

Items are named by their text, and only those that come before: so nothing waits for
itself, whatever the way round.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from checklists.domain.condition.units import format_number
from checklists.domain.field_error import FieldError
from checklists.domain.plain_text import is_plain_text

ITEM_STATES: Final = ("done", "na")
CHECK_STATES: Final = ("pass", "fail", "unknown")
LIMITS: Final = ("above", "below")
_LONGEST: Final = 250
_FORMS: Final = (
    {"item", "is"},
    {"item", "state"},
    {"item", "above"},
    {"item", "below"},
    {"item", "above", "below"},
    {"check", "state"},
)
_HOW: Final = (
    'Write {"item": text, "is": option}, {"item": text, "state": "done" or "na"}, '
    '{"item": text, "above": number, "below": number} or '
    '{"check": "service/check", "state": "pass", "fail" or "unknown"}.'
)
_STATE_WORDS: Final = {
    "done": "is done",
    "na": "is not applicable",
    "pass": "passes",
    "fail": "fails",
    "unknown": "is unknown",
}


class Asked(Protocol):
    """What a condition needs to know of the items of a text."""

    @property
    def text(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def options(self) -> Sequence[str]: ...
    @property
    def show_if(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as a run looks at it.

    ``item`` is the key of the item that it names; without one ``status`` is the
    confirmed state of its check.
    """

    item: str = ""
    status: str = ""
    states: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    above: float | None = None
    below: float | None = None

    def holds_for(self, mark: str, value: float | str | None) -> bool:
        """Say whether an item that stands at ``mark`` with this answer meets it."""
        if self.states:
            return mark in self.states
        if mark != "done":
            return False
        if self.answers:
            return value in self.answers
        number = _number(value)
        is_above = self.above is None or number > self.above
        return is_above and (self.below is None or number < self.below)


def read_show_if(raw: object, place: str) -> dict[str, Any]:
    """Read plain values; empty is always. Raises FieldError."""
    if not isinstance(raw, Mapping):
        raise FieldError(place, _HOW)
    if not raw:
        return {}
    if set(raw) not in _FORMS:
        raise FieldError(place, _HOW)
    found = {str(name): _part(name, value, place) for name, value in raw.items()}
    known = CHECK_STATES if "check" in found else ITEM_STATES
    if any(each not in known for each in found.get("state", ())):
        raise FieldError(f"{place}.state", f"Use {', '.join(known)}.")
    return found


def check_references(items: Sequence[Asked]) -> None:
    """Raise FieldError for a condition on an item that is not before its own."""
    for number, item in enumerate(items, start=1):
        name = item.show_if.get("item")
        if name is None:
            continue
        place = f"items[{number}].show_if"
        earlier = [each for each in items[: number - 1] if each.text == name]
        if len(earlier) != 1:
            later = [each.text for each in items[number:]]
            raise FieldError(place, _say_missing(item.text, name, later, len(earlier)))
        _check_answer(item.show_if, earlier[0], place)


def condition_of(
    show_if: Mapping[str, Any], *, key: str | None, status: str | None
) -> Condition | None:
    """Return what a run looks at; None when there is nothing to look at.

    ``key`` is that of the item it names, ``status`` that of its check; None when the
    run has no such item or the check is gone: then the item is asked for.
    """
    named = key if "item" in show_if else status
    if not show_if or named is None:
        return None
    return Condition(
        item=named if "item" in show_if else "",
        status=named if "check" in show_if else "",
        states=tuple(show_if.get("state", ())),
        answers=tuple(show_if.get("is", ())),
        above=show_if.get("above"),
        below=show_if.get("below"),
    )


def say_condition(show_if: Mapping[str, Any]) -> str:
    """Return a condition in words: "“Backup” is partial or none"; empty for always."""
    if not show_if:
        return ""
    name = show_if.get("check") or f"“{show_if['item']}”"
    if "is" in show_if:
        return f"{name} is {' or '.join(show_if['is'])}"
    if "state" in show_if:
        return f"{name} {' or '.join(_STATE_WORDS[each] for each in show_if['state'])}"
    limits = [
        f"{word} {format_number(float(show_if[word]))}"
        for word in LIMITS
        if word in show_if
    ]
    return f"{name} is {' and '.join(limits)}"


def _say_missing(text: str, name: str, later: Iterable[str], found: int) -> str:
    if found:
        return f"{found} items before it say “{name}”: let their texts differ."
    if name == text:
        return "An item cannot wait for itself."
    if name in later:
        return f"“{name}” comes later: an item waits only for one before it."
    return f"No item before it says “{name}”."


def _check_answer(show_if: Mapping[str, Any], named: Asked, place: str) -> None:
    others = [each for each in show_if.get("is", ()) if each not in named.options]
    if others:
        raise FieldError(place, f"“{others[0]}” is no option of “{named.text}”.")
    if set(show_if) & set(LIMITS) and named.kind != "number":
        raise FieldError(place, f"“{named.text}” is not answered with a number.")


def _part(name: str, value: object, place: str) -> Any:
    if name in LIMITS:
        return _limit(value, f"{place}.{name}")
    read = _words if name in {"is", "state"} else _word
    return read(value, f"{place}.{name}")


def _words(value: object, place: str) -> list[str]:
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not parts:
        raise FieldError(place, "Write one word or a list of them.")
    words = [_word(each, place) for each in parts]
    if len(set(words)) < len(words):
        raise FieldError(place, "Write each of them once.")
    return words


def _word(value: object, place: str) -> str:
    text = value.strip() if is_plain_text(value) and "\n" not in value else ""
    if not text or len(text) > _LONGEST:
        raise FieldError(place, f"Write 1 to {_LONGEST} characters.")
    return text


def _limit(value: object, place: str) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(_number(value)):
        raise FieldError(place, "Use a number.")
    return value  # type: ignore[return-value]


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan
