"""A process that loads the portal once and forks those that are to be killed.

So does the supervisor, and so a process that died is back at once. `Parent` is how a
test speaks with it; `python -m tests.faults.parent` is what runs there. Each order is
a line of JSON, and so is each answer.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from pkgutil import resolve_name

from opsportal.kit.deathsig import die_with, leash_forks
from opsportal.supervisor.fork import Fork
from opsportal.supervisor.roles import load_portal

ROOT = Path(__file__).resolve().parents[2]


class Parent:
    """A process that has the portal in memory, and forks it whenever it is asked.

    ``environment`` is what the settings were read from.
    """

    def __init__(self, environment):
        self.environment = environment
        ours = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.parent"],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: die_with(ours),  # noqa: PLW1509 -- brief
        )

    def fork(self, act, *arguments, log):
        """Let ``act``, "module:function", run in a process that writes to ``log``."""
        pid = self.ask("fork", act, arguments, str(log))
        return Forked(self, pid)

    def ask(self, *order):
        """Give one order and return the answer."""
        assert self._process.poll() is None, "who forks has ended: its lines say why"
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline() or "null")

    def close(self):
        """Let it end, and all that it forked with it."""
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Forked:
    """One of its forks; like Popen as far as tests ask. Nobody else may reap it."""

    def __init__(self, parent, pid):
        self.pid, self.returncode = pid, None
        self._parent = parent

    def poll(self):
        if self.returncode is None:
            self.returncode = self._parent.ask("reap", self.pid)
        return self.returncode

    def wait(self, timeout=None):
        ends = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if ends is not None and time.monotonic() > ends:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return self.returncode

    def send_signal(self, sent):
        if self.poll() is None:
            os.kill(self.pid, sent)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def run_engine():
    """Run the sweeps in a loop, as `manage.py engine` does."""
    from django.core.management import call_command  # noqa: PLC0415 -- needs settings

    call_command("engine", pause=0.2)


def serve():
    """Load the portal, then fork and reap as told until nobody is there to tell."""
    leash_forks()
    for _ in load_portal():
        pass
    orders = {"fork": _fork, "reap": _reap}
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        sys.stdout.write(f"{json.dumps(orders[name](*arguments))}\n")
        sys.stdout.flush()


def _fork(act, arguments, log):
    fork = Fork(act.rpartition(":")[2], partial(_live, act, arguments, log))
    # What it says goes to its log.
    fork.stdout.close()
    return fork.pid


def _live(act, arguments, log):
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    return resolve_name(act)(*arguments) or 0


def _reap(pid):
    """Return how it ended, negative: the signal; None while it lives."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


if __name__ == "__main__":
    serve()
