"""What looking costs: the probe engine beside a bare aiohttp loop.

The target is a process of its own on many loopback addresses, because the engine
keeps to four looks at a host at once.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.figures import Figure, percentile

NEEDS_DATABASE = True
HOSTS = 250
MANY = 1000
TIMEOUT = timedelta(seconds=5)
BARE = "the same requests by a bare aiohttp loop in the same process"
SAMPLE = (
    f"the CPU of a minute is computed from {MANY} looks at a target that answers at "
    "once; the lag is that of 100 dead among 500"
)


async def _serve(delay: float) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        # Who asks for /dead gets no answer within any timeout.
        await asyncio.sleep(60 if asked.startswith(b"GET /dead") else delay)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        writer.write(head + b"ok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "0.0.0.0", 0, backlog=4000)  # noqa: S104 -- all of loopback
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def target(delay: float) -> Iterator[Callable[[int], str]]:
    """Run the target; yields the address of its ``number``-th host."""
    command = [sys.executable, "-m", "bench.checks", str(delay)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- ourselves
    assert process.stdout is not None
    port = int(process.stdout.readline())
    try:
        yield lambda number: f"http://127.0.1.{number % HOSTS + 1}:{port}"
    finally:
        process.kill()
        process.wait()


async def _ask_bare(urls: Sequence[str]) -> None:
    import aiohttp  # noqa: PLC0415 -- slow import

    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask(url: str) -> None:
            async with asyncio.timeout(5), session.get(url) as answer:
                await answer.read()

        await asyncio.gather(*(ask(url) for url in urls))


def _measure(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the seconds that passed, those of CPU, and the result."""
    began, cpu = time.perf_counter(), time.process_time()
    result = act()
    return time.perf_counter() - began, time.process_time() - cpu, result


def _probe(urls: Sequence[str], *, batch: int = 500) -> Any:
    """Look in batches, one after the other; the sweep claims 500 at once."""
    from checklists.probes.engine import ProbeJob, run_probes  # noqa: PLC0415 -- slow import
    from checklists.services.running import LIMITS  # noqa: PLC0415 -- needs settings
    from opsportal.kit.outbound import EgressPolicy, parse_allow_list  # noqa: PLC0415 -- slow import

    policy = EgressPolicy(allowed=parse_allow_list("127.0.0.0/8:*"))
    jobs = [ProbeJob(url, "http", {"url": url}, TIMEOUT) for url in urls]
    limits = replace(LIMITS, concurrency=batch)
    found = []
    now = datetime.now(UTC)
    for at in range(0, len(jobs), batch):
        part = jobs[at : at + batch]
        found += run_probes(part, now=now, policy=policy, limits=limits)
    return found


def _assert_all_seen(found: Sequence[Any]) -> None:
    assert all(each.observation.fields.get("status") == 200 for each in found)


def measure() -> list[Figure]:
    """Look at slow, quick and dead targets."""
    figures = []
    with target(1.0) as host:
        urls = [f"{host(number)}/{number}" for number in range(MANY)]
        _probe(urls[:20])  # the first look pays for imports and the TLS context
        bare, _, _ = _measure(lambda: asyncio.run(_ask_bare(urls)))
        for batch, goal in ((MANY, "3 s"), (500, "")):
            took, _, found = _measure(lambda size=batch: _probe(urls, batch=size))
            _assert_all_seen(found)
            figures.append(
                Figure(
                    what=f"{MANY} looks of one second, {batch} at once",
                    value=took,
                    unit="s",
                    limit=bare,
                    limit_is=BARE,
                    goal=goal,
                )
            )
    with target(0.0) as host:
        urls = [f"{host(number)}/{number}" for number in range(MANY)]
        figures += _measure_quick(urls)
        figures.append(_measure_lag(urls, host))
    return figures


def _measure_quick(urls: Sequence[str]) -> list[Figure]:
    _, bare, _ = _measure(lambda: asyncio.run(_ask_bare(urls)))
    _, cpu, found = _measure(lambda: _probe(urls))
    _assert_all_seen(found)
    _, whole, handled = _measure(_sweep_of(urls))
    assert handled == MANY
    per_minute = 10_000 / MANY / 60 * 100

    def figure(what: str, seconds: float, goal: str) -> Figure:
        return Figure(
            what=what,
            value=seconds * per_minute,
            unit="% of a core",
            limit=bare * per_minute,
            limit_is=BARE,
            goal=goal,
            note=SAMPLE,
        )

    return [
        figure("10,000 looks a minute: the engine alone", cpu, ""),
        figure("the same judged, recorded and rescheduled", whole, "50 %"),
    ]


def _sweep_of(urls: Sequence[str]) -> Callable[[], int]:
    """Return the sweep over a check for each address, all of them due."""
    from django.conf import settings  # noqa: PLC0415 -- needs settings

    from checklists.models import Check  # noqa: PLC0415 -- needs settings
    from checklists.services.running import run_due_checks  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import ServiceFactory  # noqa: PLC0415 -- needs settings

    settings.EGRESS_ALLOW = "127.0.0.0/8:*"
    service = ServiceFactory()
    now = datetime.now(UTC)
    Check.objects.bulk_create(
        Check(
            service=service,
            slug=f"check-{number}",
            name=f"Check {number}",
            kind="http",
            spec={"url": url},
            condition="status == 200",
            interval=timedelta(minutes=1),
            timeout=TIMEOUT,
            freshness=timedelta(minutes=5),
            next_due_at=now,
        )
        for number, url in enumerate(urls)
    )
    return lambda: sum(run_due_checks(now=now) for _ in range(2))


def _measure_lag(urls: Sequence[str], host: Callable[[int], str]) -> Figure:
    # Dead ones have hosts of their own, as in life.
    dead = [f"{host(number)}/dead" for number in range(100)]
    healthy = [url for number, url in enumerate(urls) if number % HOSTS >= 100][:400]
    order = [
        url
        for five in range(100)
        for url in (dead[five], *healthy[five * 4 : five * 4 + 4])
    ]
    began = datetime.now(UTC)
    found = _probe(order)
    starts = [
        (each.observation.observed_at - began).total_seconds()
        for each in found
        if each.observation.fields.get("status") == 200
    ]
    assert len(starts) == 400
    return Figure(
        what="healthy start lag, p99, with a fifth dead",
        value=percentile(starts, 99),
        unit="s",
        goal="5 s",
        note=SAMPLE,
    )


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
