"""Lists of alerts behind ninety days of history: ten million that are over."""

import os
import time
from datetime import UTC, datetime
from typing import Any

from bench.figures import Figure, percentile

NEEDS_DATABASE = True
ALERTS, FEW_ALERTS = 10_000_000, 1_000_000
SERVICES, SERIES_A_SERVICE, OPEN, DAYS = 50, 20, 100, 90
LOOKS = 60
TABLE = "incidents_alert"
PAGES = {
    "active": f"the first page of {OPEN} active alerts",
    "history": "the newest of the history",
}
FIGURES = (("p50", 0, 50), ("p95", 0, 95), ("CPU of the process, p50", 1, 50))
GOALS = {"active": "100 ms", "history": "200 ms"}
LIMIT = f"the same page with the active alerts and {OPEN} that are over"


def measure() -> list[Figure]:
    """Ask for the lists, write the history, ask again."""
    alerts = FEW_ALERTS if os.environ.get("OPSPORTAL_SMALL") else ALERTS
    series, client = _make_team()
    now = datetime.now(UTC)
    _write(series[:OPEN], OPEN, now, is_over=False)
    _write(series[:OPEN], OPEN, now, is_over=True)
    before = _ask(client)
    began = time.monotonic()
    _write(series, alerts, now, is_over=True)
    took = time.monotonic() - began
    size = _weigh() / 1e9
    after = _ask(client)
    note = (
        f"{alerts:,} alerts that are over, in {DAYS} days on {SERVICES} services of one "
        f"team, none of them reviewed: {size:.1f} GB with all indexes, written and "
        f"vacuumed in {took:.0f} s; one reader, in one process"
    )
    return [
        Figure(
            what=f"{words}: {name}",
            value=percentile([look[part] for look in after[tab]], percent),
            unit="ms",
            limit=percentile([look[part] for look in before[tab]], percent),
            limit_is=LIMIT,
            goal=GOALS[tab] if name == "p95" else "",
            note=note,
        )
        for tab, words in PAGES.items()
        for name, part, percent in FIGURES
    ]


def _ask(client: Any) -> dict[str, list[tuple[float, float]]]:
    """Return the ms and the ms of CPU of each look at each list, written anew."""
    return {tab: [_look(client, tab) for _ in range(LOOKS)] for tab in PAGES}


def _look(client: Any, tab: str) -> tuple[float, float]:
    began, began_cpu = time.perf_counter(), time.process_time()
    answer = client.get("/alerts/", {"tab": tab})
    took, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    assert answer.status_code == 200, answer
    return took * 1000, cpu * 1000


def _make_team() -> tuple[list[int], Any]:
    """Make a team with its senders; return the series, and a reader who signed in."""
    from django.test import Client  # noqa: PLC0415 -- needs settings

    from bench.desk import make_team  # noqa: PLC0415 -- needs settings
    from incidents.models import AlertSeries  # noqa: PLC0415 -- needs settings
    from tests.factories.incidents import IntegrationFactory  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import ServiceFactory  # noqa: PLC0415 -- needs settings

    team, reader = make_team()
    services: list[Any] = ServiceFactory.create_batch(SERVICES, team=team)
    rows = AlertSeries.objects.bulk_create(
        AlertSeries(integration=IntegrationFactory(service=service), dedup_key=f"q{n}")
        for service in services
        for n in range(SERIES_A_SERVICE)
    )
    client = Client(headers={"host": "localhost"})
    client.force_login(reader)
    client.get("/alerts/")
    return [row.pk for row in rows], client


def _write(series: list[int], count: int, now: datetime, *, is_over: bool) -> None:
    """Write so many alerts in turns of the series, spread over the days."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    from incidents.models import Alert  # noqa: PLC0415 -- needs settings

    age = f"interval '{DAYS} days' * n / {count}"
    own = {
        "series_id": "s.id",
        "service_id": "i.service_id",
        "level": "1 + n %% 4",
        "peak_level": "1 + n %% 4",
        "status": "'resolved'" if is_over else "'firing'",
        "summary": "'Queue ' || n || ' grows faster than it is emptied'",
        "metric": "'queue_length'",
        "value": "n::text",
        "threshold": "'500'",
        "labels": """json_build_object('zone', 'a', 'queue', n %% 97)""",
        "starts_at": f"%(now)s - {age}",
        "opened_at": f"%(now)s - {age}",
        "last_seen_at": f"%(now)s - {age}",
        "resolved_at": f"%(now)s - {age}" if is_over else "NULL",
        "resolved_how": "'source'" if is_over else "''",
        "event_count": "1",
    }
    names, values = [], []
    for field in Alert._meta.concrete_fields:
        if field.primary_key:
            continue
        names.append(field.column)
        plain = "NULL" if field.null else "''"
        values.append(own.pop(field.column, plain))
    assert not own, own
    with connection.cursor() as cursor:
        indexes = _drop_indexes(cursor) if is_over else []
        # No look at each row's series: they are there.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {TABLE} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608 -- ours
            f" FROM generate_series(1, {count}) AS n"
            " JOIN incidents_alertseries s ON s.id = (%(series)s::bigint[])"
            f"[1 + n %% {len(series)}]"
            " JOIN incidents_integration i ON i.id = s.integration_id",
            {"now": now, "series": series},
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for made in indexes:
            cursor.execute(made)
        cursor.execute("VACUUM ANALYZE")


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop what would be kept up row by row; return how to make it again."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname"
        " NOT IN (SELECT conname FROM pg_constraint)",
        [TABLE],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [made for _, made in found]


def _weigh() -> int:
    from django.db import connection  # noqa: PLC0415 -- needs settings

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_total_relation_size('{TABLE}')")
        size: int = cursor.fetchone()[0]
        return size
