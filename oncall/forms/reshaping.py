"""Buttons that reshape the form of a rotation: plain posts, no JavaScript."""

from collections.abc import Mapping
from typing import Any

# act -> the hidden number that it makes larger
_MORE = {"place": "places", "partner": "partners", "window": "windows"}


def reshape(data: Mapping[str, Any], act: str) -> dict[str, Any] | None:
    """Return the entered values after ``act``, or None when it is no such act.

    Acts are "place", "partner" and "window", which add one, and "up:N", "down:N",
    "drop:N" (a place) and "unwindow:N" (hours), by number from 0.
    """
    values = {name: data[name] for name in data}
    word, _, text = act.partition(":")
    if word in _MORE:
        values[_MORE[word]] = _number(values.get(_MORE[word])) + 1
        return values
    if not text.isdecimal():
        return None
    number = int(text)
    if word in {"up", "down"}:
        other = number + (1 if word == "down" else -1)
        _swap(values, "place", number, other)
        return values | {"moved": other, "moved_by": word}
    if word == "drop":
        return _drop(values, "places", ("place", "with"), number)
    if word == "unwindow":
        return _drop(values, "windows", ("days", "from", "until", "next"), number)
    return None


def _swap(values: dict[str, Any], kind: str, one: int, other: int) -> None:
    if not 0 <= min(one, other) <= max(one, other) < _number(values.get("places")):
        return
    first, second = (_take(values, (kind, "with"), row) for row in (one, other))
    _put(values, second, one)
    _put(values, first, other)


def _drop(
    values: dict[str, Any], counter: str, kinds: tuple[str, ...], number: int
) -> dict[str, Any]:
    count = _number(values.get(counter))
    if number >= count:
        return values
    _take(values, kinds, number)
    for row in range(number + 1, count):
        _put(values, _take(values, kinds, row), row - 1)
    return values | {counter: count - 1}


def _take(
    values: dict[str, Any], kinds: tuple[str, ...], row: int
) -> dict[tuple[str, str], Any]:
    """Take the fields of a row out: by kind, and what follows the row's number."""
    found = {}
    for name in list(values):
        kind, _, rest = name.partition("_")
        number, _, more = rest.partition("_")
        if kind in kinds and number == str(row):
            found[kind, more] = values.pop(name)
    return found


def _put(values: dict[str, Any], fields: dict[tuple[str, str], Any], row: int) -> None:
    for (kind, more), value in fields.items():
        values["_".join(filter(None, (kind, str(row), more)))] = value


def _number(value: Any) -> int:
    text = str(value or 0)
    return min(int(text), 100) if text.isdecimal() else 0
