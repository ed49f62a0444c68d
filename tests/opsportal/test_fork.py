"""Processes that begin as copies of the supervisor."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opsportal.supervisor.child import Child
from tests.processes import wait_until_gone

ROOT = Path(__file__).resolve().parents[2]


def run(source: str) -> str:
    """Run ``source`` with Fork in a process without other threads and files."""
    head = "import os, signal, sys, time\nfrom opsportal.supervisor.fork import Fork\n"
    done = subprocess.run(
        [sys.executable, "-c", head + source],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("lambda: 0", "0"),
        ("lambda: 3", "3"),
        ("lambda: sys.exit()", "0"),
        ("lambda: sys.exit(4)", "4"),
        ("lambda: sys.exit('no')", "1"),
        ("lambda: 1 // 0", "1"),
        ("lambda: os.kill(os.getpid(), signal.SIGTERM)", "-15"),
    ],
)
def test_its_end_is_that_of_what_it_ran(act, code):
    assert run(f"print(Fork('x', {act}).wait())").split() == [code]


def test_what_it_writes_is_heard_and_nothing_is_written_twice():
    heard = run(
        "print('before', end=' ')\n"
        "def act():\n"
        "    print('out')\n"
        "    print('err', file=sys.stderr)\n"
        "    return 1 // 0\n"
        "fork = Fork('x', act)\n"
        "lines = fork.stdout.read().decode().splitlines()\n"
        "print(fork.wait(), lines[:2], lines[-1])\n"
    )
    assert heard == (
        "before 1 ['out', 'err'] ZeroDivisionError: "
        "integer division or modulo by zero\n"
    )


def test_it_has_no_file_of_ours_and_hears_signals_as_a_fresh_process():
    heard = run(
        "kept = os.open('/dev/null', os.O_RDONLY)\n"
        "os.set_inheritable(kept, True)\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "def act():\n"
        "    fresh = signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n"
        "    try:\n"
        "        os.fstat(kept)\n"
        "    except OSError:\n"
        "        print(fresh, 'closed', repr(sys.stdin.read()), os.getpgrp() == os.getpid())\n"
        "    return 0\n"
        "print(Fork('x', act).stdout.read().decode())\n"
    )
    assert heard.strip() == "True closed '' True"


def test_it_goes_by_its_name():
    heard = run(
        "def act():\n"
        "    print(open('/proc/self/cmdline').read().strip(chr(0)))\n"
        "    print(open('/proc/self/comm').read())\n"
        "    return 0\n"
        "print(Fork('worker', act).stdout.read().decode())\n"
    )
    assert heard.split("\n")[:2] == ["opsportal worker", "opsportal worke"]


def test_it_ends_with_who_started_it():
    heard = run(
        "def inner():\n"
        "    fork = Fork('inner', lambda: time.sleep(60))\n"
        "    print(fork.pid)\n"
        "    return 0\n"
        "outer = Fork('outer', inner)\n"
        "print(outer.stdout.readline().decode(), outer.wait())\n"
    )
    pid, code = heard.split()
    assert code == "0"
    wait_until_gone(int(pid))


def test_a_child_may_be_a_function_of_ours_and_start_again():
    child = Child(name="x", command=lambda: os.write(1, b"here\n") * 0)
    for _ in range(2):
        child.start()
        assert child.process is not None
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), True)
        assert child.process.stdout.readline() == b"here\n"
        while (code := child.ended()) is None:
            pass
        assert code == 0
        child.forget()
    assert not child.is_alive
    child.send(signal.SIGTERM)


def test_the_portal_is_loaded_without_a_thread_a_connection_or_a_file_left_open():
    heard = run(
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'opsportal.settings'\n"
        "files = os.listdir('/proc/self/fd')\n"
        "from opsportal.supervisor import roles\n"
        "steps = list(roles.load_portal())\n"
        "slow = [name for name in ('aiohttp', 'dns') if name in sys.modules]\n"
        "rest = list(roles.load_the_rest())\n"
        "from django.db import connections\n"
        "from django.urls import reverse\n"
        "threads = len(os.listdir('/proc/self/task'))\n"
        "print(len(steps) > 3, any(steps), threads, reverse('today'), sep='|')\n"
        "print(slow, len(rest) > 3, any(rest))\n"
        "print([each for each in connections.all() if each.connection is not None])\n"
        "print(len(os.listdir('/proc/self/fd')) - len(files))\n"
    )
    assert heard.splitlines() == ["True|False|1|/", "[] True False", "[]", "0"]
