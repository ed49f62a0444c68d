"""Threads for calls that block, bounded, and never waited for at exit.

`concurrent.futures` joins its threads when the interpreter ends, so one hung name
server or network folder would hold a worker that was told to stop.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonPool:
    """At most ``size`` daemon threads, started when there is work for them."""

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._busy = 0

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Run ``call`` in a thread; what it returns or raises is in the future."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 -- carried to the waiter
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            self._busy += 1
            wanted = self._busy > self._threads and self._threads < self._size
            self._threads += wanted
            number = self._threads
        if wanted:
            name = f"{self._name}-{number}"
            threading.Thread(target=self._serve, name=name, daemon=True).start()
        self._work.put(run)
        return future

    def _serve(self) -> None:
        while True:
            run = self._work.get()
            run()
            del run
            with self._lock:
                self._busy -= 1


async def join(future: Future[T]) -> T:
    """Wait for a thread's future without ever cancelling it.

    Several may wait for one future, and one that gives up must not take the
    result from the others; that is what `asyncio.wrap_future` would do.
    """
    if future.done():
        return future.result()
    loop = asyncio.get_running_loop()
    mine: asyncio.Future[T] = loop.create_future()

    def hand_over(done: Future[T]) -> None:
        # The loop may have ended while the thread was still busy.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_copy, done, mine)

    future.add_done_callback(hand_over)
    return await mine


def _copy(done: Future[Any], mine: "asyncio.Future[Any]") -> None:
    if mine.done():
        return
    if (error := done.exception()) is not None:
        mine.set_exception(error)
    else:
        mine.set_result(done.result())
