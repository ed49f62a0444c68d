"""When services were bad: apps above incidents add sources in AppConfig.ready.

A source is asked with an objective and a stretch of time, and answers with the bad
stretches in it, in a number of queries that does not grow with the rows.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from incidents.models import Slo

Stretches = list[tuple[datetime, datetime]]
Source = Callable[[Slo, datetime, datetime], Stretches]
# Names of checks that an objective can ask, by service key: (slug, name).
Choices = Callable[[int], Sequence[tuple[str, str]]]
_sources: dict[str, tuple[Source, Choices]] = {}


def register(key: str, source: Source, choices: Choices) -> None:
    """Ask this source too; a key that is there already is replaced."""
    _sources[key] = source, choices


def read_bad(slo: Slo, start: datetime, end: datetime) -> Stretches:
    """Return the bad stretches of all sources within [start, end)."""
    return [each for source, _ in _sources.values() for each in source(slo, start, end)]


def list_choices(service_pk: int) -> list[tuple[str, str]]:
    """Return what an objective of the service can be measured by."""
    return [each for _, choices in _sources.values() for each in choices(service_pk)]
