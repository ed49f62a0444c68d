"""When services were bad: apps above incidents add sources in AppConfig.ready.

A source is asked with objectives and a stretch of time, and answers with the bad
stretches in it by objective, in a number of queries that does not grow with either.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from incidents.models import Slo

Stretches = list[tuple[datetime, datetime]]
Source = Callable[[Sequence[Slo], datetime, datetime], Mapping[int, Stretches]]
# Names of what an objective can ask, by service key: (slug, name).
Choices = Callable[[int], Sequence[tuple[str, str]]]
_sources: dict[str, tuple[Source, Choices]] = {}


def register(key: str, source: Source, choices: Choices) -> None:
    """Ask this source too; a key that is there already is replaced."""
    _sources[key] = source, choices


def read_bad(
    slos: Sequence[Slo], start: datetime, end: datetime
) -> dict[int, Stretches]:
    """Return the bad stretches of all sources within [start, end), by objective."""
    found: dict[int, Stretches] = {slo.pk: [] for slo in slos}
    for source, _ in _sources.values():
        for pk, stretches in source(slos, start, end).items():
            found[pk] += stretches
    return found


def list_choices(service_pk: int) -> list[tuple[str, str]]:
    """Return what an objective of the service can be measured by."""
    return [each for _, choices in _sources.values() for each in choices(service_pk)]
