"""Public pages: how soon an update is on them, how fast they are, and without database."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench.figures import Figure, percentile
from bench.load import Visitor, at_rate, one_by_one, serving

NEEDS_DATABASE = True
UPDATES, COUNT, RATE, SECONDS, CONNECTIONS = 5, 1_000, 100, 5.0, 8
PATH = "/status/bench/"
NOTE = (
    "on granian with 2 workers; one reader asks again and again, or 100 requests leave "
    "each second whether or not others were answered; the engine runs as a process"
)


def measure() -> list[Figure]:
    """Publish, read, end PostgreSQL, and read again."""
    incident, component, page, author = _make_page()
    with _engine(page):
        published = [
            _publish(incident, component, page, author) for _ in range(UPDATES)
        ]
    with serving("opsportal.supervisor.roles", "web") as server:
        alone, loaded = _read(server.port)
        _end_postgres()
        without, without_loaded = _read(server.port)
        is_said = _says_that_it_is_old(server.port, page.slug)
    return [
        Figure(
            what="an update for the public until it is on the page, the worst of 5",
            value=max(published),
            unit="s",
            goal="<= 5 s",
            note=NOTE,
        ),
        Figure(
            what="the page for one reader, p99",
            value=percentile(alone, 99) * 1000,
            unit="ms",
            goal="<= 5 ms",
        ),
        Figure(
            what=f"the page at {RATE} requests a second, p99",
            value=percentile(loaded, 99) * 1000,
            unit="ms",
        ),
        Figure(
            what="the page for one reader without PostgreSQL, p99",
            value=percentile(without, 99) * 1000,
            unit="ms",
            goal="<= 5 ms",
        ),
        Figure(
            what=f"without PostgreSQL at {RATE} requests a second, p99",
            value=percentile(without_loaded, 99) * 1000,
            unit="ms",
        ),
        Figure(
            what="old pages that do not say so, without PostgreSQL",
            value=int(not is_said),
            unit="pages",
            goal="0",
        ),
    ]


def _make_page() -> tuple[Any, Any, Any, Any]:
    from incidents.services.status_pages import PageForm, create_page  # noqa: PLC0415 -- needs settings
    from tests.factories.incidents import IncidentFactory  # noqa: PLC0415 -- needs settings
    from tests.factories.oncall import ServiceFactory, UserFactory  # noqa: PLC0415 -- needs settings

    service: Any = ServiceFactory()
    author = UserFactory(team=service.team)
    now = datetime.now(UTC)
    form = PageForm(title="Bench", is_published=True)
    page = create_page(service.team, "bench", form, by=author, now=now)
    incident = IncidentFactory(service=service, started_at=now, declared_at=now)
    return incident, page.components.get(), page, author


def _publish(incident: Any, component: Any, page: Any, author: Any) -> float:
    """Return the seconds from telling the public until readers find the words."""
    from incidents.services.status_files import folder_of  # noqa: PLC0415 -- needs settings
    from incidents.services.updates import Draft, post_update  # noqa: PLC0415 -- needs settings

    words = f"Words of {time.monotonic_ns()}"
    draft = Draft(
        audience="public",
        status="investigating",
        title="Trouble",
        text=words,
        affected="Saving",
        states={component.pk: "degraded"},
    )
    path = folder_of(page.slug) / "index.html"
    began = time.perf_counter()
    post_update(incident.pk, draft, by=author, now=datetime.now(UTC))
    while not (path.exists() and words in path.read_text()):
        assert time.perf_counter() - began < 60, "it was never written"
        time.sleep(0.02)
    return time.perf_counter() - began


def _read(port: int) -> tuple[list[float], list[float]]:
    one = Visitor(port, PATH)
    asyncio.run(one_by_one(Visitor(port, PATH), 50))
    alone = asyncio.run(one_by_one(one, COUNT))
    many = [Visitor(port, PATH) for _ in range(CONNECTIONS)]
    loaded = asyncio.run(at_rate(many, rate=RATE, seconds=SECONDS))
    answers = {status for each in (one, *many) for status in each.statuses}
    assert answers == {200}, f"answers {answers}"
    return alone, loaded


def _says_that_it_is_old(port: int, slug: str) -> bool:
    """Look at a page of ten minutes ago."""
    from http.client import HTTPConnection  # noqa: PLC0415 -- only here

    from incidents.services.status_files import folder_of  # noqa: PLC0415 -- needs settings

    old = time.time() - 600
    os.utime(folder_of(slug) / "index.html", (old, old))
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", PATH, headers={"Host": "localhost"})
    answer = connection.getresponse()
    body = answer.read().decode()
    return answer.headers["X-Status-Stale"] == "yes" and "may be out of date" in body


@contextmanager
def _engine(page: Any) -> Iterator[None]:
    """Run the engine; it has begun when the page was written for the first time."""
    from incidents.services.status_files import folder_of  # noqa: PLC0415 -- needs settings

    process = subprocess.Popen(
        [sys.executable, "manage.py", "engine"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not (folder_of(page.slug) / "index.html").exists():
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _end_postgres() -> None:
    """End the PostgreSQL of this benchmark, by its own pid."""
    from django.db import connection  # noqa: PLC0415 -- needs settings

    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        folder = Path(cursor.fetchone()[0])
    connection.close()
    lock = folder / "postmaster.pid"
    pid = int(lock.read_text().splitlines()[0])
    os.kill(pid, signal.SIGQUIT)
    # Its parent has yet to look at it, so it may stay as a zombie.
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.1)
