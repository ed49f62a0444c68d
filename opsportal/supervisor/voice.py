"""What the supervisor prints: lines of many processes, each named."""

import os
from typing import TextIO

_COLOURS = ("36", "33", "32", "35", "34", "31", "96")
_WIDTH = 7


class Voice:
    """Print whole lines, each with the name of its process; in colour on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        """Take the stream to print to."""
        self._stream: TextIO | None = stream
        self._unfinished: dict[str, bytes] = {}
        self._colours: dict[str, str] = {}
        self._is_coloured = stream.isatty() and "NO_COLOR" not in os.environ

    def say(self, sentence: str, *, name: str = "start") -> None:
        """Print one line; a reader that went away is no reason to stop."""
        if self._stream is None:
            return
        label = f"{name:<{_WIDTH}} |"
        if self._is_coloured:
            fresh = _COLOURS[len(self._colours) % len(_COLOURS)]
            colour = self._colours.setdefault(name, fresh)
            label = f"\x1b[{colour}m{label}\x1b[0m"
        try:
            print(label, sentence, file=self._stream, flush=True)
        except OSError:
            self._stream = None

    def relay(self, name: str, heard: bytes) -> None:
        """Print the whole lines of what a process wrote; keep the rest for later."""
        *lines, rest = (self._unfinished.pop(name, b"") + heard).split(b"\n")
        for line in lines:
            self.say(line.decode(errors="replace").rstrip("\r"), name=name)
        if rest:
            self._unfinished[name] = rest

    def finish(self, name: str) -> None:
        """Print the last line of a process that ended in the middle of it."""
        if rest := self._unfinished.pop(name, b""):
            self.say(rest.decode(errors="replace"), name=name)
