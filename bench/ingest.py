"""How many alerts come in at the doors, beside a bare Django view on the same server."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, percentile
from bench.load import Visitor, at_rate, one_by_one, serving

NEEDS_DATABASE = True
ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS, SECONDS, BATCH = 8, 5.0, 100
# Alerts a second, in batches.
RATE = 5_000
LIMIT = "a Django view that says ok, with the default middleware, on granian"
NOTE = "2xx comes after the commit; the sender uses the same cores"


@dataclass
class Sender(Visitor):
    """One keep-alive connection that posts one body after another."""

    bodies: Iterator[bytes] = field(default_factory=lambda: iter(()))

    async def get(self) -> None:
        body = next(self.bodies)
        lines = (
            f"POST {self.path} HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, _, rest = head.lower().partition(b"content-length: ")
        await self._reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
        self.statuses.append(int(head[9:12]))


async def flat_out(visitors: list[Visitor]) -> float:
    """Return the accepted requests a second of connections that never wait."""
    for visitor in visitors:
        await visitor.open()
    began = time.perf_counter()

    async def ask(visitor: Visitor) -> None:
        while time.perf_counter() - began < SECONDS:
            await visitor.get()

    await asyncio.gather(*(ask(each) for each in visitors))
    took = time.perf_counter() - began
    for visitor in visitors:
        visitor.close()
    accepted = sum(status < 300 for each in visitors for status in each.statuses)
    return accepted / took


def _events(key: str) -> Iterator[bytes]:
    """Events of PagerDuty, each of which opens an alert."""
    for number in itertools.count():
        payload = {"summary": f"Disk {number} full", "source": "db", "severity": "info"}
        event = {"routing_key": key, "event_action": "trigger", "payload": payload}
        yield json.dumps(event | {"dedup_key": f"disk-{number}"}).encode()


def _batches(group: int) -> Iterator[bytes]:
    """The webhook of Alertmanager for a group that goes on firing."""
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "DiskFull", "group": str(group), "disk": str(n)},
            "annotations": {"summary": f"Disk {n} of {group} full"},
            "startsAt": "2026-01-14T10:00:00Z",
        }
        for n in range(BATCH)
    ]
    return itertools.repeat(json.dumps({"version": "4", "alerts": alerts}).encode())


def _make_sender(kind: str) -> str:
    from incidents.services.integrations import (  # noqa: PLC0415 -- needs settings
        Settings,
        create_integration,
    )
    from tests.factories.oncall import (  # noqa: PLC0415 -- needs settings
        ServiceFactory,
        UserFactory,
    )

    _, key = create_integration(
        ServiceFactory(),
        kind,
        Settings(name=kind),
        by=UserFactory(),
        now=datetime.now(UTC),
    )
    return key


def _measure_here(database: str) -> list[Figure]:
    with serving("bench.bare") as server:
        visitors = [Visitor(server.port) for _ in range(CONNECTIONS)]
        bare = asyncio.run(flat_out(visitors))
    key, hook = _make_sender("pagerduty"), _make_sender("alertmanager")
    is_large = database == "PostgreSQL"
    with serving("opsportal.supervisor.roles", "web") as server:
        events = _events(key)
        single: list[Visitor] = [
            Sender(server.port, "/v2/enqueue", bodies=events)
            for _ in range(CONNECTIONS)
        ]
        ones = asyncio.run(flat_out(single))
        path = f"/ingest/alertmanager/{hook}"
        grouped: list[Visitor] = [
            Sender(server.port, path, bodies=_batches(group))
            for group in range(CONNECTIONS)
        ]
        # What opens is told and written; what goes on is what a storm is made of.
        for each in grouped:
            asyncio.run(one_by_one(each, 1))
            each.statuses.clear()
        hundreds = asyncio.run(flat_out(grouped))
        took = asyncio.run(at_rate(grouped, rate=RATE // BATCH, seconds=SECONDS))
    statuses = [status for each in (*single, *grouped) for status in each.statuses]
    # SQLite has one writer: those who wait too long are asked to come again.
    busy = sum(status == 503 for status in statuses)
    assert set(statuses) <= {200, 202, 503}, set(statuses)
    assert not (busy and is_large), f"{busy} of {len(statuses)} answers were 503"
    speed = (
        f"{database}: {ones:.0f} requests/s of one alert; bare {bare:.0f}/s; "
        f"{busy} of {len(statuses)} answers were 503"
    )
    return [
        Figure(
            what=f"{database}: a request with one new alert",
            value=1000 / ones,
            unit="ms",
            limit=1000 / bare,
            limit_is=LIMIT,
            goal="5 x" if is_large else "12.5 ms",
            note=speed,
        ),
        Figure(
            what=f"{database}: an alert in batches of {BATCH}",
            value=1000 / hundreds / BATCH,
            unit="ms",
            goal="0.2 ms" if is_large else "",
            note=f"{database}: {hundreds * BATCH:.0f} alerts/s in batches",
        ),
        Figure(
            what=f"{database}: {RATE} alerts/s in batches, open loop: p99",
            value=percentile(took, 99) * 1000,
            unit="ms",
            goal="60 ms" if is_large else "",
            note=NOTE,
        ),
    ]


def _measure_on_sqlite() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/db.sqlite3"
        done = subprocess.run(
            [sys.executable, "-m", "bench", "ingest"],
            check=True,
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url},
            stdout=subprocess.PIPE,
            text=True,
        )
    found = json.loads(done.stdout.splitlines()[-1])
    return [
        Figure(**{name: value for name, value in row.items() if name != "ratio"})
        for row in found
    ]


def measure() -> list[Figure]:
    """Measure at this database and, if it is PostgreSQL, at SQLite as well."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    if connection.vendor == "sqlite":
        return _measure_here("SQLite")
    return [*_measure_here("PostgreSQL"), *_measure_on_sqlite()]
