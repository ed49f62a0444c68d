"""A small load generator, and servers to load."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

_PATIENCE = 60.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_ETAG = re.compile(rb"\r\netag: ([^\r]+)", re.IGNORECASE)
_COOKIE = re.compile(rb"\r\nset-cookie: ([^;]+)", re.IGNORECASE)


@dataclass
class Server:
    """A web server with its workers, all of them ours."""

    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of CPU that the server and its workers have used."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in family)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(*module: str) -> Iterator[Server]:
    """Run ``python -m MODULE ...`` with a PORT, until it answers."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 -- our own servers
        [sys.executable, "-m", *module],
        env=os.environ | {"PORT": str(port), "HOST": "127.0.0.1"},
    )
    try:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, f"{module} ended"
                assert time.monotonic() < deadline, f"{module} does not answer"
                time.sleep(0.1)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            # What it measured stands; it must only not stay behind.
            for each in (*psutil.Process(process.pid).children(), process):
                each.kill()
            process.wait(15)


@dataclass
class Visitor:
    """One keep-alive connection of a browser: it keeps cookies, and an ETag."""

    port: int
    path: str = "/"
    cookies: dict[str, str] = field(default_factory=dict)
    asks_for_news: bool = False
    etag: str = ""
    statuses: list[int] = field(default_factory=list)

    async def open(self) -> "Visitor":
        streams = await asyncio.open_connection("127.0.0.1", self.port)
        self._reader, self._writer = streams
        return self

    async def get(self) -> None:
        lines = [f"GET {self.path} HTTP/1.1", "Host: localhost"]
        if self.cookies:
            pairs = (f"{name}={value}" for name, value in self.cookies.items())
            lines.append(f"Cookie: {'; '.join(pairs)}")
        if self.asks_for_news and self.etag:
            lines.append(f"If-None-Match: {self.etag}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        if found := _LENGTH.search(head):
            await self._reader.readexactly(int(found[1]))
        self.statuses.append(int(head[9:12]))
        if found := _ETAG.search(head):
            self.etag = found[1].decode()
        for pair in _COOKIE.findall(head):
            name, _, value = pair.decode().partition("=")
            self.cookies[name] = value

    def close(self) -> None:
        self._writer.close()


async def _timed(act: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def one_by_one(
    visitor: Visitor, count: int, *, before: Callable[[], object] = lambda: None
) -> list[float]:
    """Return the seconds of each of ``count`` requests, with ``before()`` between."""
    await visitor.open()
    took = []
    for _ in range(count):
        before()
        took.append(await _timed(visitor.get))
    visitor.close()
    return took


async def at_rate(visitors: list[Visitor], *, rate: int, seconds: float) -> list[float]:
    """Return the seconds from when each request was to leave to its answer.

    An open loop: requests leave on time, whether or not the others were answered,
    as long as a connection is free.
    """
    free: asyncio.Queue[Visitor] = asyncio.Queue()
    for visitor in visitors:
        free.put_nowait(await visitor.open())
    began = time.perf_counter()
    took: list[float] = []

    async def ask(due: float) -> None:
        visitor = await free.get()
        await visitor.get()
        took.append(time.perf_counter() - due)
        free.put_nowait(visitor)

    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            group.create_task(ask(due))
    for visitor in visitors:
        visitor.close()
    return took
