"""Names to addresses, with threads, cache and patience of our own.

asyncio looks names up in its default executor (six threads on two cores), where
lookups that timed out keep their thread and healthy ones wait behind them.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass

from opsportal.kit.outbound.threads import DaemonPool, join

Lookup = Callable[[str], tuple[str, ...]]

KEEP_SECONDS = 30.0
KEEP_FAILURE_SECONDS = 5.0
MOST_NAMES = 10_000


class LookupTimeout(TimeoutError):  # noqa: N818 -- reads as what happened
    """Our resolver did not answer in time: nothing is known about the host."""


@dataclass(frozen=True, slots=True)
class _Answer:
    addresses: tuple[str, ...] = ()
    errno: int = 0
    text: str = ""


@dataclass(slots=True)
class _Entry:
    future: Future[_Answer]
    stale_at: float


def look_up(host: str) -> tuple[str, ...]:
    """Ask the system for the addresses of a name, in the order it prefers.

    Raises socket.gaierror, also for a name that cannot be one.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (UnicodeError, ValueError):
        raise socket.gaierror(socket.EAI_NONAME, "Not a host name") from None
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Resolver:
    """A cache of lookups; one at a time for a name, however many ask.

    Answers are kept 30 s, failures 5 s (a failing check looks again after 10 s).
    """

    def __init__(
        self,
        *,
        lookup: Lookup = look_up,
        threads: int = 64,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookup = lookup
        self._clock = clock
        self._pool = DaemonPool(threads, "resolver")
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def resolve(self, host: str, *, seconds: float) -> tuple[str, ...]:
        """Addresses of a name, at most ``seconds`` later.

        Raises socket.gaierror, or LookupTimeout.
        """
        try:
            return _open(self._ask(host).result(seconds))
        except FutureTimeoutError:
            raise LookupTimeout(f"No answer from the resolver for {host}.") from None

    async def resolve_async(self, host: str) -> tuple[str, ...]:
        """Addresses of a name, without holding the loop; raises socket.gaierror."""
        return _open(await join(self._ask(host)))

    def recall(self, host: str) -> tuple[str, ...] | None:
        """Addresses that are known already; None when somebody must be asked.

        Raises socket.gaierror when what is known is that there are none.
        """
        entry = self._entries.get(host.lower())
        if entry is None or not entry.future.done() or self._clock() >= entry.stale_at:
            return None
        return _open(entry.future.result())

    def _ask(self, host: str) -> Future[_Answer]:
        key = host.lower()
        now = self._clock()
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and now < entry.stale_at:
                return entry.future
            if len(self._entries) >= MOST_NAMES:
                self._entries.clear()
            entry = _Entry(Future(), float("inf"))
            self._entries[key] = entry
            future = entry.future
        self._pool.submit(lambda: self._fill(host, entry))
        return future

    def _fill(self, host: str, entry: _Entry) -> None:
        try:
            answer = _Answer(self._lookup(host))
        except OSError as error:
            # Kept as a value: an exception raised for many waiters would gather
            # their tracebacks for as long as it stays in the cache.
            answer = _Answer((), error.errno or socket.EAI_FAIL, str(error.strerror))
        keep = KEEP_SECONDS if answer.addresses else KEEP_FAILURE_SECONDS
        entry.stale_at = self._clock() + keep
        entry.future.set_result(answer)


def _open(answer: _Answer) -> tuple[str, ...]:
    if not answer.addresses:
        raise socket.gaierror(answer.errno or socket.EAI_NONAME, answer.text)
    return answer.addresses


_shared: dict[int, Resolver] = {}
_shared_lock = threading.Lock()


def shared_resolver() -> Resolver:
    """The resolver of this process. Threads do not survive a fork: one a pid."""
    pid = os.getpid()
    with _shared_lock:
        if pid not in _shared:
            _shared.clear()
            _shared[pid] = Resolver()
        return _shared[pid]
