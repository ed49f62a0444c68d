"""What the page of an incident shows: apps above incidents add panels in ready().

A reader is asked with a `PanelAsk` and answers with its panel, or None for nothing to
show, in a number of queries that does not grow with the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.models import Incident


@dataclass(frozen=True, slots=True)
class PanelAsk:
    """Which incident, when, and whether the viewer may work on it."""

    incident: Incident
    now: datetime
    may_work: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """A template of the app, which finds ``data`` as ``panel``."""

    template: str
    data: Any


Reader = Callable[[PanelAsk], Panel | None]
_readers: dict[str, tuple[int, Reader]] = {}


def register(key: str, reader: Reader, *, position: int) -> None:
    """Add a panel to every incident; a key that is there already is replaced."""
    _readers[key] = (position, reader)


def read_panels(ask: PanelAsk) -> list[Panel]:
    """Return the panels that have something to show, by position."""
    in_order = sorted(_readers.values(), key=lambda each: each[0])
    return [panel for _, reader in in_order if (panel := reader(ask)) is not None]
