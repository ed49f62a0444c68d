"""One supervised process: start it, hear it, see it end, start it again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from opsportal.kit.deathsig import die_with
from opsportal.supervisor.fork import Fork

FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0
# A process that lived this long (seconds) had started well; its next delay is short.
LIVED_WELL = 20.0


@dataclass(kw_only=True)
class Child:
    """One process and what is to become of it. Times are time.monotonic() seconds."""

    name: str
    # What it runs: a program, or a function of ours in a fork of this process.
    command: Sequence[str] | Callable[[], int]
    environment: Mapping[str, str] = field(default_factory=dict)
    # Once: its end is an event, not an accident.
    runs_once: bool = False
    # A pipe on which it may tell us something, its number in OPSPORTAL_TELL.
    tells: bool = False
    process: subprocess.Popen[bytes] | Fork | None = None
    output: int | None = None
    told: int | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    delay: float = FIRST_DELAY

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None

    def start(self) -> None:
        """Start the process in a group of its own, tied to our life."""
        if callable(self.command):
            self.process = Fork(self.name, self.command)
        else:
            self.process = self._run_program(self.command)
        if self.process.stdout is not None:
            self.output = self.process.stdout.fileno()
            os.set_blocking(self.output, False)
        self.started_at = time.monotonic()
        self.restart_at = None

    def _run_program(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        supervisor = os.getpid()
        mouth: int | None = None
        environment = {**os.environ, **self.environment}
        if self.tells:
            self.told, mouth = os.pipe()
            os.set_blocking(self.told, False)
            environment["OPSPORTAL_TELL"] = str(mouth)
        process = subprocess.Popen(  # noqa: S603 -- our own commands
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=[] if mouth is None else [mouth],
            # A Ctrl-C in the terminal reaches us alone: we end them in order.
            process_group=0,
            preexec_fn=lambda: die_with(supervisor),  # noqa: PLW1509 -- one thread
        )
        if mouth is not None:
            os.close(mouth)
        return process

    def send(self, sent: signal.Signals) -> None:
        """Send a signal to the process, and SIGKILL to all that it started as well."""
        if self.process is None:
            return
        # Not Popen.send_signal: it might reap, and only `ended` does that.
        if sent == signal.SIGKILL:
            os.killpg(self.process.pid, sent)
        else:
            os.kill(self.process.pid, sent)

    def ended(self) -> int | None:
        """Reap the process if it ended; return its exit code, negative: the signal."""
        if self.process is None:
            return None
        asked = os.WEXITED | os.WNOHANG | os.WNOWAIT
        if os.waitid(os.P_PID, self.process.pid, asked) is None:
            return None
        # While the leader is not reaped nobody else can get the number of its group.
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def forget(self) -> None:
        """Close what was left of the process that ended."""
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
        if self.told is not None:
            os.close(self.told)
        self.process = self.output = self.told = None

    def plan_restart(self) -> float:
        """Set the moment of the next start; return how many seconds away that is."""
        now = time.monotonic()
        if now - self.started_at > LIVED_WELL:
            self.delay = FIRST_DELAY
        delay = self.delay
        self.restart_at = now + delay
        self.delay = min(self.delay * 2, LONGEST_DELAY)
        return delay


def describe_end(code: int) -> str:
    """Say how a process ended, from its exit code."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"died of {signal.Signals(-code).name}"
    except ValueError:
        return f"died of signal {-code}"
