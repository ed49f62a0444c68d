"""A process that begins as a copy of this one, with all that it has imported.

Imported once instead of by each process, the portal starts in half the time, and what
nobody changes is in memory once.
"""

import contextlib
import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from opsportal.kit.deathsig import die_with
from opsportal.kit.title import set_title

# What the supervisor listens to, as a fresh process hears it.
_FRESH: dict[signal.Signals, "signal._HANDLER"] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
    signal.SIGCHLD: signal.SIG_DFL,
}


def settle_memory() -> None:
    """Let forks share what is there now: call it before forking.

    A later collection would touch, and so copy, every page that they share.
    """
    gc.collect()
    gc.freeze()


class Fork:
    """A function in a process of its own; like Popen as far as Child asks.

    It leads a process group, ends with us, has no input, and what it writes, to
    output or error, is ``stdout``. It inherits no other open file.
    """

    def __init__(self, name: str, act: Callable[[], int]) -> None:
        """Start it; its exit code will be what ``act`` returns, 1 if that raises."""
        supervisor = os.getpid()
        heard, mouth = os.pipe()
        # What stands in a buffer would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _live(name, act, mouth, supervisor)
        os.close(mouth)
        self.stdout = io.FileIO(heard)
        # Both sides do it: neither knows who comes first.
        with contextlib.suppress(OSError):
            os.setpgid(self.pid, self.pid)

    def wait(self) -> int:
        """Reap it; return its exit code, negative: the signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _live(  # pragma: no cover -- runs in the fork
    name: str, act: Callable[[], int], mouth: int, supervisor: int
) -> NoReturn:
    """Become a process like any other, act, and end."""
    code = 1
    try:
        os.setpgid(0, 0)
        die_with(supervisor)
        signal.set_wakeup_fd(-1)
        for sent, handler in _FRESH.items():
            signal.signal(sent, handler)
        _take_files(mouth)
        set_title(f"opsportal {name}")
        code = act()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 -- nothing may return into the supervisor
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _take_files(mouth: int) -> None:  # pragma: no cover -- runs in the fork
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(mouth, 1)
    os.dup2(mouth, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
