"""Let no process outlive the one that started it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(  # pragma: no cover -- runs between fork and exec
    parent: int, sent: signal.Signals = signal.SIGKILL
) -> None:
    """Ask the kernel to send us this signal when the process `parent` ends.

    Call it in the child. Where the kernel cannot (not Linux), nothing happens.
    """
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
    # The parent may have ended before the kernel was asked.
    if os.getppid() != parent:
        os.kill(os.getpid(), sent)


def leash_forks() -> None:
    """Make every process that this one forks, and their forks, end with its parent."""
    parent = os.getpid()

    def follow() -> None:  # pragma: no cover -- runs between fork and exec
        nonlocal parent
        die_with(parent)
        parent = os.getpid()

    os.register_at_fork(after_in_child=follow)
