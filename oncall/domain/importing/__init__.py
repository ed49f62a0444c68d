"""Schedules of other systems, read from what they export."""

from collections.abc import Callable

from oncall.domain.importing import grafana, opsgenie, pagerduty
from oncall.domain.importing.plan import ImportedSchedule
from oncall.domain.importing.reading import ImportFault, Node, parse_json

READERS: dict[str, Callable[[Node], list[ImportedSchedule]]] = {
    "grafana": grafana.read,
    "pagerduty": pagerduty.read,
    "opsgenie": opsgenie.read,
}

__all__ = ["READERS", "ImportFault", "ImportedSchedule", "read_export"]


def read_export(kind: str, text: str) -> list[ImportedSchedule]:
    """Return the schedules in an export of `kind` (a key of READERS).

    Raises ImportFault, naming the place in the file.
    """
    return READERS[kind](parse_json(text))
