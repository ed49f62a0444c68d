"""Reading JSON of others: every fault names its place in the file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from oncall.domain.schedule import ScheduleError
from oncall.domain.validation import find_zone


class ImportFault(ValueError):  # noqa: N818 -- reads as what it is
    """What is wrong in an export, and where: `path` is like schedules[0].name."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class Node:
    """A value in the file, with its place."""

    def __init__(self, value: Any, path: str = "$") -> None:
        self.value = value
        self.path = path

    def fault(self, message: str) -> ImportFault:
        """Return a fault at this place."""
        return ImportFault(self.path, message)

    def at(self, name: str) -> "Node":
        """Return a member of an object, or a node of None where it is missing."""
        if not isinstance(self.value, dict):
            raise self.fault("is not an object.")
        return Node(self.value.get(name), f"{self.path}.{name}")

    def has(self, name: str) -> bool:
        """Say whether this is an object with something under `name`."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def items(self) -> Iterator["Node"]:
        """Yield the elements of a list; nothing is an empty list."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.fault("is not a list.")
        for number, each in enumerate(self.value):
            yield Node(each, f"{self.path}[{number}]")

    def text(self, default: str | None = None) -> str:
        """Return a text; without `default` it must be there."""
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fault("is not a text.")
        if not self.value.strip().isprintable():
            raise self.fault("has characters that cannot be kept.")
        return self.value.strip()

    def number(self, default: int | None = None, *, low: int = 0) -> int:
        """Return a whole number from `low` up; without `default` it must be there."""
        if self.value is None and default is not None:
            return default
        is_whole = isinstance(self.value, int) and not isinstance(self.value, bool)
        if not is_whole or not low <= self.value <= 10**9:
            raise self.fault(f"is not a whole number from {low} up.")
        return int(self.value)

    def zone(self) -> ZoneInfo:
        """Return an IANA zone."""
        try:
            return find_zone(self.text())
        except ScheduleError:
            raise self.fault(f"names no time zone: {self.value!r}.") from None

    def moment(self, zone: ZoneInfo) -> datetime:
        """Return an aware moment; one without an offset is on the clock of `zone`."""
        try:
            at = datetime.fromisoformat(self.text())
            return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise self.fault(f"is not a moment: {self.value!r}.") from None


def parse_json(text: str) -> Node:
    """Return the root of a JSON text; raise ImportFault with line and column."""
    try:
        return Node(json.loads(text))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ImportFault(place, "is not JSON.") from None
    except RecursionError:
        raise ImportFault("$", "is nested too deeply.") from None


def wall_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return a moment as the naive minute on the clock of `zone`."""
    return at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def minutes_of(length: timedelta) -> int:
    """Return whole minutes."""
    return length // timedelta(minutes=1)
