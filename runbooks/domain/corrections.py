"""What a person may say otherwise of a finding, and the value that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Final

from checklists.domain.cadence_rule import RuleError, rule_from_json, rule_to_json
from checklists.domain.condition.errors import ConditionError
from checklists.domain.condition.parser import read_tree
from checklists.domain.field_error import FieldError
from runbooks.domain.entries import MOST_MINUTES, Entry, Value

Choices = tuple[tuple[str, str], ...]
MOST_LONG: Final = 10_000
_LEVELS: Final = (
    ("1", "1 critical"),
    ("2", "2 high"),
    ("3", "3 medium"),
    ("4", "4 low"),
    ("5", "5 info"),
)
_ANY_LEVEL: Final = (("0", "every severity"), *_LEVELS)
_CONTACTS: Final = (
    ("email", "email"),
    ("phone", "phone"),
    ("chat", "chat"),
    ("pager", "pager"),
    ("url", "web address"),
)
_YES_NO: Final = (("no", "no"), ("yes", "yes"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a value that can be corrected.

    ``kind`` is text, long (several lines), number, time or choice. ``longest`` counts
    characters. A number that ``may_be_none`` is taken away by leaving it empty.
    """

    name: str
    label: str
    kind: str = "text"
    choices: Choices = ()
    longest: int = 250
    may_be_none: bool = False


_TITLE: Final = Part(name="title", label="Title", longest=120)
_PARTS: Final[dict[str, tuple[Part, ...]]] = {
    "checklist": (_TITLE, Part(name="due_time", label="Due at", kind="time")),
    "item": (Part(name="text", label="Text"),),
    "severity": (
        Part(name="label", label="Word", longest=32),
        Part(name="level", label="Level", kind="choice", choices=_LEVELS),
        Part(
            name="response_minutes",
            label="Minutes to answer",
            kind="number",
            may_be_none=True,
        ),
        Part(
            name="is_next_business_day",
            label="On the next business day",
            kind="choice",
            choices=_YES_NO,
        ),
    ),
    "step": (
        Part(name="who", label="Who", longest=120),
        Part(name="minutes", label="After minutes", kind="number", may_be_none=True),
        Part(name="level", label="For", kind="choice", choices=_ANY_LEVEL),
        Part(name="condition", label="When"),
    ),
    "contact": (
        _TITLE,
        Part(name="kind", label="Reached by", kind="choice", choices=_CONTACTS),
        Part(name="value", label="Value"),
    ),
    "procedure": (
        _TITLE,
        *(
            Part(name=name, label=name.title(), kind="long", longest=MOST_LONG)
            for name in ("symptoms", "diagnosis", "resolution")
        ),
    ),
}
_CONDITION: Final = Part(name="condition", label="Passes when")


def parts_of(entry: Entry) -> tuple[Part, ...]:
    """Return what of an entry can be corrected; the ladder itself has nothing."""
    parts = _PARTS.get(entry.kind, ())
    return (*parts, _CONDITION) if entry.kind == "item" and entry.check_kind else parts


def correct(entry: Entry, fixes: Mapping[str, Any]) -> Value:
    """Return the value with what a person wrote instead.

    A part that is left out, and a text that is empty, stay as they are. A
    checklist's ``rule`` is the JSON of a cadence. Raises FieldError naming the part.
    """
    value = dict(entry.value)
    for part in _PARTS.get(entry.kind, ()):
        if part.name in fixes:
            value[part.name] = _read(part, fixes[part.name], value[part.name])
    if "rule" in fixes and entry.kind == "checklist":
        value["rule"] = _read_rule(fixes["rule"], value["rule"])
    if value.get("is_next_business_day"):
        value["response_minutes"] = None
    if entry.kind == "contact" and value["value"] != entry.value["value"]:
        value["is_placeholder"] = False
    return value


def correct_condition(entry: Entry, fixes: Mapping[str, Any]) -> str:
    """Return what the check of an item is to pass by. Raises FieldError."""
    text = _clean(fixes.get("condition", ""))[: _CONDITION.longest]
    if not text or not entry.check_kind:
        return entry.condition
    try:
        read_tree(text)
    except ConditionError as error:
        raise FieldError("condition", f"“{text}”: {error}") from error
    return text


def _read(part: Part, given: object, was: object) -> object:
    read = _READERS[part.kind]
    text = _clean(given)
    if not text:
        return None if part.may_be_none else was
    return read(part, text, was)


def _clean(given: object) -> str:
    """Return what was given as text that every database keeps."""
    text = str(given).encode(errors="replace").decode()
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def _read_text(part: Part, text: str, was: object) -> object:
    return was if text == was else text[: part.longest]


def _read_time(part: Part, text: str, _was: object) -> str:
    try:
        return f"{time.fromisoformat(text):%H:%M}"
    except ValueError:
        raise FieldError(part.name, "Write the time as 10:00.") from None


def _read_number(part: Part, text: str, was: object) -> object:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= MOST_MINUTES:
        raise FieldError(part.name, "Write minutes, at most those of a week.")
    # What was not touched is no correction, whatever it looks like.
    return was if number == was else number


def _read_choice(part: Part, text: str, was: object) -> object:
    if text not in dict(part.choices):
        known = ", ".join(name for name, _ in part.choices)
        raise FieldError(part.name, f"Use one of {known}.")
    if isinstance(was, bool):
        return text == "yes"
    return int(text) if isinstance(was, int) else text


_READERS: Final[dict[str, Callable[[Part, str, object], object]]] = {
    "text": _read_text,
    "long": _read_text,
    "time": _read_time,
    "number": _read_number,
    "choice": _read_choice,
}


def _read_rule(given: Any, was: dict[str, Any]) -> dict[str, Any]:
    try:
        rule = rule_from_json(given)
    except RuleError as error:
        said = f"The cadence, {error.field}: {error.message}."
        raise FieldError("rule", said) from error
    if rule.kind == "handoff":
        raise FieldError("rule", "A rotation's handoff is chosen at the checklist.")
    return was if rule == rule_from_json(was) else rule_to_json(rule)
