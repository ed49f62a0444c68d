"""The target as a whole: its ports, its files, its jobs."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from opsportal.demo import stage as places
from opsportal.demo.stage import HOST, Stage
from opsportal.demo.target import files
from opsportal.demo.target.certificates import serving_context
from opsportal.demo.target.jobs import report_all
from opsportal.demo.target.pages import make_app
from opsportal.demo.target.talkers import MailBox, accept_only, serve_redis

# One certificate that fails "more than 30 days" by the day it was made, one not.
ENDS_SOON = timedelta(days=19, hours=12)
ENDS_LATE = timedelta(days=80, hours=12)
REFRESH_SECONDS = 60
JOBS_EVERY = 5  # refreshes

Address = Callable[[str, str], str]


async def serve(stage: Stage, address: Address, *, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; call ``ready`` once everything listens.

    Raises OSError when a port is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    files.make_database(places.database(), datetime.now(UTC))
    mail = MailBox()
    async with contextlib.AsyncExitStack() as stack:
        await _serve_http(stage, mail, stack)
        for port, talk in (
            (stage.ports["redis"], serve_redis),
            (stage.ports["database"], accept_only),
            (stage.ports["smtp"], mail.serve),
        ):
            server = await asyncio.start_server(talk, HOST, port)
            stack.callback(server.close)
        ready()
        await _live(stage, address, stop)


async def _serve_http(
    stage: Stage, mail: MailBox, stack: contextlib.AsyncExitStack
) -> None:
    runner = web.AppRunner(make_app(stage, mail), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    now = datetime.now(UTC)
    authority = places.authority()
    for name, context in (
        ("http", None),
        ("tls", serving_context(authority, "www.arq", now=now, lasts=ENDS_LATE)),
        ("tls_soon", serving_context(authority, "api.arq", now=now, lasts=ENDS_SOON)),
    ):
        await web.TCPSite(runner, HOST, stage.ports[name], ssl_context=context).start()


async def _live(stage: Stage, address: Address, stop: asyncio.Event) -> None:
    """Move files on each minute, report the jobs each fifth."""
    rounds = 0
    while not stop.is_set():
        now = datetime.now(UTC)
        await asyncio.to_thread(files.write_backups, places.backups(), now)
        if rounds:
            await asyncio.to_thread(files.refresh_database, places.database(), now)
        if rounds % JOBS_EVERY == 0:
            await _until(stop, report_all(stage, address))
        rounds += 1
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), REFRESH_SECONDS)


async def _until(stop: asyncio.Event, work: Awaitable[int]) -> None:
    """Wait for the work or for the end, whichever is first."""
    task = asyncio.ensure_future(work)
    ending = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, ending}, return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if task.done():
        task.result()
    task.cancel()
