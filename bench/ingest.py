"""How many alerts come in at the doors, beside a bare Django view on the same server."""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure, median, percentile
from bench.load import Visitor, at_rate, serving

NEEDS_DATABASE = True
ROOT = Path(__file__).resolve().parents[1]
CONNECTIONS, SECONDS, BATCH = 8, 2.0, 100
ROUNDS = 3
WEB = ("opsportal.supervisor.roles", "web")
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


def _connect(
    port: int, path: str = "/", bodies: Sequence[Iterator[bytes]] = ()
) -> list[Visitor]:
    """Return connections: of senders, or without bodies of visitors."""
    if not bodies:
        return [Visitor(port, path) for _ in range(CONNECTIONS)]
    return [Sender(port, path, bodies=each) for each in bodies]


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


def _drain() -> tuple[int, float]:
    """Apply what waits; return how many messages, and the seconds that it took."""
    from incidents.services.inbox import apply_inbox  # noqa: PLC0415 -- needs settings

    applied, began = 0, time.perf_counter()
    while count := apply_inbox(now=datetime.now(UTC)):
        applied += count
    return applied, time.perf_counter() - began


def _measure_here(database: str) -> list[Figure]:
    key, hook = _make_sender("pagerduty"), _make_sender("alertmanager")
    is_large = database == "PostgreSQL"
    events = _events(key)
    sent: list[Visitor] = []
    bare, ones = [], []
    with serving("bench.bare") as limit, serving(*WEB) as server:
        # In turns, so that whatever else the machine does slows both.
        for _ in range(ROUNDS):
            bare.append(asyncio.run(flat_out(_connect(limit.port))))
            senders = _connect(server.port, "/v2/enqueue", [events] * CONNECTIONS)
            ones.append(asyncio.run(flat_out(senders)))
            sent += senders
        alone, took_alone = _drain()
        path, groups = f"/ingest/alertmanager/{hook}", range(CONNECTIONS)
        bodies = [_batches(group) for group in groups]
        grouped = _connect(server.port, path, bodies)
        hundreds = asyncio.run(flat_out(grouped))
        rated = _connect(server.port, path, bodies)
        took = asyncio.run(at_rate(rated, rate=RATE // BATCH, seconds=SECONDS))
        sent += [*grouped, *rated]
    together, took_together = _drain()
    statuses = [status for each in sent for status in each.statuses]
    # SQLite has one writer: those who wait too long are asked to come again.
    busy = sum(status == 503 for status in statuses)
    assert set(statuses) <= {200, 202, 503}, set(statuses)
    assert not (busy and is_large), f"{busy} of {len(statuses)} answers were 503"
    accepted = len(statuses) - busy
    assert alone + together == accepted, f"{alone + together} of {accepted} applied"
    share = 100 * median(ours / theirs for ours, theirs in zip(ones, bare, strict=True))
    speed = (
        f"{database}: {median(ones):.0f} requests/s of one alert, {share:.0f} % of the "
        f"limit ({median(bare):.0f}/s); {busy} of {len(statuses)} answers were 503"
    )
    return [
        Figure(
            what=f"{database}: a request with one new alert, stored",
            value=1000 / median(ones),
            unit="ms",
            limit=1000 / median(bare),
            limit_is=LIMIT,
            goal="5 x" if is_large else "12.5 ms",
            note=speed,
        ),
        Figure(
            what=f"{database}: an alert in batches of {BATCH}, stored",
            value=1000 / hundreds / BATCH,
            unit="ms",
            goal="0.2 ms" if is_large else "",
            note=f"{database}: {hundreds * BATCH:.0f} alerts/s in batches",
        ),
        *(
            Figure(
                what=f"{database}: {RATE} alerts/s in batches, open loop: p{percent}",
                value=percentile(took, percent) * 1000,
                unit="ms",
                goal="60 ms" if is_large and percent == 99 else "",
                note=NOTE,
            )
            for percent in (50, 99)
        ),
        Figure(
            what=f"{database}: a new alert applied: opened, told, on its ladder",
            value=took_alone / alone * 1000,
            unit="ms",
            note=f"{database}: all {accepted} messages that were accepted are applied",
        ),
        Figure(
            what=f"{database}: an alert of a batch that goes on, applied",
            value=took_together / together / BATCH * 1000,
            unit="ms",
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
