"""A checklist as a text that people keep, edit and hand on: Markdown or JSON.

What is written is read back as the same. An item says only what is not usual of it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from checklists.domain.field_error import FieldError
from checklists.domain.plain_text import is_plain_text
from checklists.domain.show_if import check_references, read_show_if

KINDS: Final = ("check", "text", "number", "choice", "file", "photo", "link")
MODES: Final = ("manual", "assisted", "auto")
LIMITS: Final = ("hard_min", "hard_max", "warn_min", "warn_max")
MOST_ITEMS: Final = 500
MOST_OPTIONS: Final = 50
_LENGTHS: Final = {"name": 160, "text": 250, "section": 120, "reference": 16}
_LONGEST_OPTION: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class TextItem:
    """One item. ``checks`` are written "service/check".

    ``options`` is what a choice is between, and empty for other kinds; ``show_if``
    as checklists.domain.show_if says.
    """

    text: str
    section: str = ""
    reference: str = ""
    instructions: str = ""
    kind: str = "check"
    mode: str = "manual"
    is_required: bool = True
    is_critical: bool = False
    allows_na: bool = True
    needs_note: bool = False
    bounds: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    show_if: Mapping[str, Any] = field(default_factory=dict)
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistText:
    """A checklist without what belongs to one portal: keys, runs, cadences."""

    name: str
    description: str = ""
    items: tuple[TextItem, ...] = ()


_USUAL: Final = TextItem(text="x")
_SAID_APART: Final = ("text", "section", "instructions")
_OPTIONS: Final = tuple(
    each.name for each in fields(TextItem) if each.name not in _SAID_APART
)
_HEADING: Final = re.compile(r"^(#{1,2})(?: (.*))?$")
_BOX: Final = re.compile(r"^[-*] \[[ xX]\] (.*)$")
_OPTION: Final = re.compile(r"^ +[-*] (\w+): (.*)$")
_QUOTE: Final = re.compile(r"^( *)> ?(.*)$")


def to_json(checklist: ChecklistText) -> dict[str, Any]:
    """Return the checklist as plain values."""
    return {
        "name": checklist.name,
        "description": checklist.description,
        "items": [
            {
                name: _plain(getattr(item, name))
                for name in ("section", "text", "instructions", *_OPTIONS)
                if name == "text" or getattr(item, name) != getattr(_USUAL, name)
            }
            for item in checklist.items
        ],
    }


def from_json(raw: object) -> ChecklistText:
    """Read plain values; raises FieldError that names the place."""
    if not isinstance(raw, Mapping):
        raise FieldError("text", "Write an object with name and items.")
    _refuse_others(raw, ("name", "description", "items"), "")
    items = raw.get("items", [])
    if not isinstance(items, list):
        raise FieldError("items", "Write a list of items.")
    if len(items) > MOST_ITEMS:
        raise FieldError("items", f"A checklist has at most {MOST_ITEMS} items.")
    read = tuple(
        read_item(item, f"items[{number}]")
        for number, item in enumerate(items, start=1)
    )
    check_references(read)
    return ChecklistText(
        name=_line(raw.get("name"), "name"),
        description=_text(raw.get("description", ""), "description"),
        items=read,
    )


def write_markdown(checklist: ChecklistText) -> str:
    """Return the checklist as Markdown that read_markdown reads back."""
    lines = [f"# {checklist.name}", ""]
    lines += _quote(checklist.description, "")
    section = ""
    for item in checklist.items:
        if item.section != section:
            section = item.section
            lines += ["", f"## {section}".rstrip(), ""]
        lines.append(f"- [ ] {item.text}")
        for name in _OPTIONS:
            value = getattr(item, name)
            if value != getattr(_USUAL, name):
                said = json.dumps(_plain(value), ensure_ascii=False)
                lines.append(f"  - {name}: {said}")
        lines += _quote(item.instructions, "  ")
    return "\n".join(lines) + "\n"


def read_markdown(text: str) -> ChecklistText:
    """Read boxes below headings; raises FieldError that names the line."""
    reader = _Reader()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        reader.take(line, number)
    return from_json(reader.whole())


def read_json(text: str) -> ChecklistText:
    """Read a JSON document; raises FieldError."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise FieldError("text", f"This is no JSON: {error}.") from error
    except RecursionError as error:
        raise FieldError("text", "This is nested too deeply.") from error
    return from_json(raw)


def write_json(checklist: ChecklistText) -> str:
    """Return the checklist as a JSON document."""
    return json.dumps(to_json(checklist), indent=2, ensure_ascii=False) + "\n"


class _Reader:
    """What was read so far of Markdown."""

    def __init__(self) -> None:
        self.name = ""
        self.section = ""
        self.description: list[str] = []
        self.items: list[dict[str, Any]] = []

    def take(self, line: str, number: int) -> None:
        """Read one line."""
        heading, box = _HEADING.match(line), _BOX.match(line)
        option, quote = _OPTION.match(line), _QUOTE.match(line)
        if heading:
            self._head(heading[1], heading[2] or "")
        elif box:
            self.items.append({"text": box[1], "section": self.section})
        elif option and self.items:
            self._set(option[1], option[2], number)
        elif quote:
            self._say(quote[2])
        elif line.strip():
            self._say(line.strip())

    def _head(self, marks: str, words: str) -> None:
        if marks == "#" and not self.name:
            self.name = words
        else:
            self.section = words

    def _say(self, words: str) -> None:
        if self.items:
            self.items[-1].setdefault("instructions", []).append(words)
        else:
            self.description.append(words)

    def _set(self, name: str, value: str, number: int) -> None:
        if name not in _OPTIONS:
            known = ", ".join(_OPTIONS)
            raise FieldError(f"line {number}", f"“{name}” is none of {known}.")
        try:
            self.items[-1][name] = json.loads(value)
        except (ValueError, RecursionError):
            self.items[-1][name] = value.strip()

    def whole(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        for item in self.items:
            item["instructions"] = "\n".join(item.get("instructions", []))
        description = "\n".join(self.description)
        return {"name": self.name, "description": description, "items": self.items}


def read_item(raw: object, place: str) -> TextItem:
    """Read one item; raises FieldError that names what of ``place``."""
    if not isinstance(raw, Mapping):
        raise FieldError(place, "Write an object with a text.")
    _refuse_others(raw, ("text", "section", "instructions", *_OPTIONS), place)
    found: dict[str, Any] = {"text": _line(raw.get("text"), f"{place}.text")}
    for name in raw:
        if name != "text":
            read = _READERS.get(name, _flag)
            found[name] = read(raw[name], f"{place}.{name}")
    item = TextItem(**found)
    _check_options(item, f"{place}.options")
    return item


def _check_options(item: TextItem, place: str) -> None:
    if item.kind == "choice" and len(item.options) < 2:
        raise FieldError(place, "A choice needs two options or more.")
    if item.kind != "choice" and item.options:
        raise FieldError(place, "Only an item of kind choice has options.")


def _line(raw: object, place: str) -> str:
    text = _short(raw, place)
    if not text:
        raise FieldError(place, "Write one line of text.")
    return text


def _short(raw: object, place: str) -> str:
    text = _text(raw, place).strip()
    if "\n" in text:
        raise FieldError(place, "Write one line of text.")
    most = _LENGTHS[place.rpartition(".")[2]]
    if len(text) > most:
        raise FieldError(place, f"Use at most {most} characters.")
    return text


def _text(raw: object, place: str) -> str:
    if not is_plain_text(raw) or len(raw) > 20_000:
        raise FieldError(place, "Write a text of at most 20,000 characters.")
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def _kind(raw: object, place: str) -> str:
    return _choice(raw, KINDS, place)


def _mode(raw: object, place: str) -> str:
    return _choice(raw, MODES, place)


def _choice(raw: object, choices: tuple[str, ...], place: str) -> str:
    if not isinstance(raw, str) or raw not in choices:
        raise FieldError(place, f"Use one of {', '.join(choices)}.")
    return raw


def _flag(raw: object, place: str) -> bool:
    if not isinstance(raw, bool):
        raise FieldError(place, "Use true or false.")
    return raw


def _names(raw: object, place: str) -> tuple[str, ...]:
    names = [raw] if isinstance(raw, str) else raw
    if not isinstance(names, list | tuple) or not all(map(is_plain_text, names)):
        raise FieldError(place, "Write a list of service/check.")
    return tuple(names)


def _bounds(raw: object, place: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise FieldError(place, f"Use {', '.join(LIMITS)} and unit.")
    _refuse_others(raw, (*LIMITS, "unit"), place)
    for name in LIMITS:
        value = raw.get(name)
        if value is not None and not _is_number(value):
            raise FieldError(f"{place}.{name}", "Use a number.")
    if "unit" in raw and not is_plain_text(raw["unit"]):
        raise FieldError(f"{place}.unit", "Write a unit such as % or ms.")
    return dict(raw)


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # more digits than any number of ours holds
        return False


def _options(raw: object, place: str) -> tuple[str, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list | tuple) or len(parts) > MOST_OPTIONS:
        raise FieldError(place, f"Write a list of at most {MOST_OPTIONS} options.")
    options = tuple(_option(each, place) for each in parts)
    if len(set(options)) < len(options):
        raise FieldError(place, "Write each option once.")
    return options


def _option(raw: object, place: str) -> str:
    if not isinstance(raw, str):
        raise FieldError(place, "Write each option as words, yes and no in quotes.")
    words = _text(raw, place).strip()
    if not words or "\n" in words or len(words) > _LONGEST_OPTION:
        raise FieldError(place, f"An option has 1 to {_LONGEST_OPTION} characters.")
    return words


_READERS: Final = {
    "section": _short,
    "reference": _short,
    "instructions": _text,
    "kind": _kind,
    "mode": _mode,
    "bounds": _bounds,
    "options": _options,
    "show_if": read_show_if,
    "checks": _names,
}


def _refuse_others(raw: Mapping[Any, Any], known: Iterable[str], place: str) -> None:
    for name in raw:
        if name not in known:
            words = ", ".join(known)
            shown = name if is_plain_text(name) else "…"
            raise FieldError(place or "text", f"“{shown}” is none of {words}.")


def _quote(text: str, indent: str) -> list[str]:
    if not text:
        return []
    return [f"{indent}> {line}" for line in text.split("\n")]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value
