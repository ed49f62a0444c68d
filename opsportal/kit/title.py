"""Naming a process for those who look at it with ps and top."""

import ctypes
import sys
from pathlib import Path

_PR_SET_NAME = 15
# Counted from the state, which follows the name in brackets: see proc(5).
_ARG_START, _ARG_END = 45, 46


def set_title(title: str) -> None:
    """Show ``title`` as the command of this process, as far as there is room.

    The kernel shows what stands where the words of the command line stood when the
    program began; nobody else reads them there. Not on Linux: nothing happens.
    """
    if sys.platform != "linux":
        return
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
    room = end - start
    if start == 0 or room < 2:
        return
    words = title.encode()[: room - 1]
    ctypes.memmove(start, words.ljust(room, b"\0"), room)
    ctypes.CDLL(None).prctl(_PR_SET_NAME, words, 0, 0, 0)
