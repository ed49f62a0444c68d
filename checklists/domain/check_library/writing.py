"""Short ways to write the rows of the library."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from checklists.domain.check_library.template import (
    MINUTE,
    CheckTemplate,
    RungTemplate,
)

ARQ, AMAS, QENERGYZ = "ARQ", "AMAS", "Qenergyz"
ARCHITECT, ARCA = "Architect API", "ARCA API"

CRITICAL, HIGH, MEDIUM, LOW, INFO = 1, 2, 3, 4, 5
QUARTER = 15 * MINUTE


def look(
    key: str,
    name: str,
    group: str,
    runbooks: tuple[str, ...],
    kind: str,
    spec: Mapping[str, Any],
    condition: str = "",
    **more: Any,
) -> CheckTemplate:
    """Return a row; one with a ladder raises alerts.

    ``more`` may hold ``every``, ``alerts``, ``ladder`` as (level, condition, held)
    and what a template has besides.
    """
    ladder = tuple(RungTemplate(*rung) for rung in more.pop("ladder", ()))
    return CheckTemplate(
        key=key,
        name=name,
        group=group,
        runbooks=runbooks,
        kind=kind,
        spec=spec,
        condition=condition,
        ladder=ladder,
        interval=more.pop("every", MINUTE),
        raises_alert=more.pop("alerts", bool(ladder)),
        **more,
    )


def prom(
    key: str,
    name: str,
    group: str,
    runbooks: tuple[str, ...],
    query: str,
    condition: str = "",
    **more: Any,
) -> CheckTemplate:
    """Return a row that asks Prometheus."""
    headers = {"Authorization": "<authorization>"}
    spec = {"url": "<prometheus>", "query": query, "headers": headers}
    return look(key, name, group, runbooks, "prometheus", spec, condition, **more)


def sql(
    key: str,
    name: str,
    group: str,
    runbooks: tuple[str, ...],
    query: str,
    condition: str = "",
    **more: Any,
) -> CheckTemplate:
    """Return a row that asks a data source."""
    spec = {"source": "<source>", "query": query}
    return look(key, name, group, runbooks, "sql", spec, condition, **more)


def inside(
    key: str,
    name: str,
    runbooks: tuple[str, ...],
    source: str,
    condition: str = "value == 0",
    *,
    asks: Mapping[str, Any] = MappingProxyType({}),
    **more: Any,
) -> CheckTemplate:
    """Return a row about what the portal knows itself; ``asks`` narrows it."""
    spec = {"source": source, **asks}
    group = "Alerts and reviews"
    more = {"every": 5 * MINUTE, **more}
    return look(key, name, group, runbooks, "internal", spec, condition, **more)


def job(
    key: str, name: str, runbooks: tuple[str, ...], condition: str, **more: Any
) -> CheckTemplate:
    """Return a row for a job that reports to the portal."""
    group, every = "Jobs and backups", 5 * MINUTE
    spec = {"job": key}
    return look(
        key, name, group, runbooks, "heartbeat", spec, condition, every=every, **more
    )


def quantile(
    share: str, histogram: str = "duration", labels: str = "labels", window: str = "5m"
) -> str:
    """Return a quantile of a histogram in milliseconds, as PromQL."""
    rate = f"sum by (le) (rate(<{histogram}>_bucket{{<{labels}>}}[{window}]))"
    return f"1000 * histogram_quantile({share}, {rate})"


def share_of(
    matchers: str,
    window: str,
    *,
    counter: str = "requests",
    labels: str = "labels",
    shift: str = "",
) -> str:
    """Return which part of a counter has these labels, in percent, as PromQL.

    None at all of that part is 0 %, and no request at all is no answer.
    """
    whole = f"sum(rate(<{counter}>{{<{labels}>}}[{window}]{shift}))"
    part = f"sum(rate(<{counter}>{{{matchers},<{labels}>}}[{window}]{shift}))"
    return f"100 * ({part} or 0 * {whole}) / {whole}"
