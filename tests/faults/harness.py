"""Processes that can be killed, the world that they run in, and what arrived there."""

import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from functools import partial
from pathlib import Path

from django.db import OperationalError, connection

from oncall.models import Notification
from oncall.transports.email import message_id
from opsportal.kit import embedded
from opsportal.kit.deathsig import die_with
from tests.faults.parent import ROOT, Parent
from tests.oncall.sinks import HttpSink, MailSink
from tests.targets import WebTarget, free_port

# Within these seconds all is well again, whatever was killed.
RECOVERY = 30.0
# How long a step may take at all, on a machine that is busy with other things.
PATIENCE = 3 * RECOVERY
# Seconds in which a process of ours starts on a quiet machine.
USUAL_START = 2.0
_ROLE = ("-m", "opsportal.supervisor.roles")
# What a process runs as a program of its own, and as a fork of one that has it loaded.
_PROGRAMS = {
    "web": (*_ROLE, "web"),
    "worker": (*_ROLE, "worker"),
    "beat": (*_ROLE, "beat"),
    "engine": ("manage.py", "engine", "--pause", "0.2"),
}
_FORKS = {
    "web": "opsportal.supervisor.roles:serve_web",
    "worker": "opsportal.supervisor.roles:run_worker",
    "beat": "opsportal.supervisor.roles:run_beat",
    "engine": "tests.faults.parent:run_engine",
}


def slowness():
    """How many times longer than usual a process takes to start now; at least 1.

    The seconds above are those of a quiet machine, and this stretches them.
    """
    began = time.monotonic()
    starting = [sys.executable, "-c", "import django; django.setup()"]
    subprocess.run(starting, cwd=ROOT, check=True)
    return max(1.0, (time.monotonic() - began) / USUAL_START)


def comes_true(holds, patience=PATIENCE):
    """Return what ``holds()`` gives once that is true, None past patience.

    How slow the machine is shows when patience ends, not when the tests begin.
    """
    began = time.monotonic()
    for stretch in (lambda: 1.0, slowness):
        ends = began + patience * stretch()
        while not (value := holds()):
            if time.monotonic() > ends:
                break
            time.sleep(0.05)
        else:
            return value
    return None


def run_program(command, environment, *, log):
    """Start a program that ends with us and writes to the file ``log``."""
    parent = os.getpid()
    with log.open("ab") as file:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            preexec_fn=lambda: die_with(parent),  # noqa: PLW1509 -- brief
        )


class Proc:
    """One process of ours; it can be started again after it ended.

    ``begin`` starts it, given the file for what it says, and returns its Popen.
    """

    def __init__(self, name, begin, folder):
        self.name, self._begin = name, begin
        self._log = folder / f"{name}.log"
        self._process = None

    def start(self):
        self._log.touch()
        self._process = self._begin(log=self._log)
        return self

    @property
    def is_alive(self):
        return self._process is not None and self._process.poll() is None

    def kill9(self):
        """End it as the kernel does when memory is short; no farewell."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        """Let it stand still, as when its machine swaps or is moved."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    def kill9_children(self):
        """End those that it started, as the kernel does; returns how many."""
        listed = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        pids = [int(pid) for each in listed for pid in each.read_text().split()]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)

    def stop(self, patience=RECOVERY):
        """Ask it to end; returns its code. After ``patience`` seconds it is killed."""
        if not self.is_alive:
            return self._process.returncode if self._process else None
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(patience)
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(patience * (slowness() - 1))
        self.kill9()
        return None

    def said(self):
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(f"{self.name} | {line[:400]}" for line in lines[-15:])


def _answers():
    """Tell whether the database answers; a connection that it ended is dropped."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        connection.close()
        return False
    return True


def lasting_port():
    """A port where nobody listens, to be given up and taken again.

    Linux lets no connection of ours begin there: those have higher ones.
    """
    while True:
        # Not random: that draws the same for two runs of one seed.
        port = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def socket_in(folder):
    """Where the broker of a world with this folder listens."""
    return folder / "valkey.sock"


def environment_at(folder, database, *, port, mail_port):
    """Return what the processes of a world read their settings from."""
    return {
        "DATABASE_URL": database,
        "REDIS_URL": f"unix://{socket_in(folder)}",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "OPSPORTAL_EGRESS_ALLOW": "127.0.0.1/32:*",
        # Each message is counted by itself here.
        "OPSPORTAL_WEBHOOKS_A_MINUTE": "0",
        "OPSPORTAL_BOOTSTRAP": "0",
        "WORKER_PROCESSES": "2",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }


@dataclass
class World:
    """A database, a broker and receivers of our own for one test.

    Its processes are forks of ``parent``, where there is one, or else programs of
    their own; those that ``programs`` names are that anyway.
    """

    folder: Path
    database: str
    port: int = field(default_factory=free_port)
    # 0: any.
    mail_port: int = 0
    parent: Parent | None = None
    programs: tuple = ()
    procs: list = field(default_factory=list)

    def __post_init__(self):
        self.slack, self.target = HttpSink(), WebTarget()
        self.mail = MailSink(self.mail_port)
        self.socket = socket_in(self.folder)
        self.environment = environment_at(
            self.folder, self.database, port=self.port, mail_port=self.mail.port
        )
        assert self.parent is None or self.parent.environment == self.environment

    def spawn(self, role):
        """Start a worker, beat or engine."""
        if self.parent is None or role in self.programs:
            return self._start(role, [sys.executable, *_PROGRAMS[role]])
        return self.fork(role, _FORKS[role])

    def fork(self, name, act, *arguments):
        """Start a function, "module:function", in a fork of the loaded portal."""
        return self._begin(name, partial(self.parent.fork, act, *arguments))

    def spawn_web(self):
        """Start the web server; return it when it answers on ``port``."""
        web = self.spawn("web")
        self.wait_for(
            "the web server", lambda: not web.is_alive or self.get("/healthz")
        )
        assert web.is_alive, web.said()
        return web

    def get(self, path):
        """Return the status of an answer, None without one."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            client.request("GET", path)
            return client.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            client.close()

    def spawn_broker(self):
        """Start a broker that keeps nothing; return it when it answers."""
        program = os.environ.get("OPSPORTAL_REDIS_SERVER", "")
        command = embedded.broker_command(
            self.socket, self.folder, is_durable=False, program=program
        )
        broker = self._start("broker", command)
        self.wait_for("the broker", lambda: embedded.answers_ping(self.socket))
        return broker

    def spawn_all(self):
        """Start all that drives a portal with Celery: broker, beat, worker."""
        return self.spawn_broker(), self.spawn("beat"), self.spawn("worker")

    def _start(self, name, command):
        return self._begin(name, partial(run_program, command, self.environment))

    def _begin(self, name, begin):
        count = sum(proc.name.startswith(name) for proc in self.procs)
        proc = Proc(f"{name}{count}", begin, self.folder)
        self.procs.append(proc)
        return proc.start()

    def close(self):
        for proc in self.procs:
            if proc.is_alive:
                proc.kill9()
        for receiver in (self.slack, self.mail, self.target):
            receiver.close()

    def wait_for(self, what, holds, patience=PATIENCE):
        """Return the seconds until ``holds()``; fail with all logs past patience."""
        began = time.monotonic()
        came = comes_true(holds, patience)
        waited = time.monotonic() - began
        if not came:
            logs = "\n".join(proc.said() for proc in self.procs)
            raise AssertionError(f"not within {waited:.0f} s: {what}\n{logs}")
        return waited

    def crash_database(self):
        """Kill one backend by SIGKILL: PostgreSQL ends all others and recovers."""
        victim = connection.get_new_connection(connection.get_connection_params())
        assert _answers()
        os.kill(victim.info.backend_pid, signal.SIGKILL)
        # Until it has noticed, it lets in what it is about to throw out.
        self.wait_for("the crash", lambda: not _answers())
        self.wait_for("the database", _answers)
        victim.close()

    def cut_connections(self):
        """Terminate every other backend of this database; returns how many."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0]

    def received(self):
        """Count what arrived, by run and way: ("slack", 7) or ("mail", 7)."""
        runs = {
            message_id(row.dedupe_key): int(row.topic.removeprefix("run:"))
            for row in Notification.objects.exclude(recipient=None)
        }
        posts = [re.search(r"/runs/(\d+)/", post["text"]) for post in self.slack.posts]
        mails = [
            message_from_bytes(envelope.content)["Message-ID"]
            for envelope in self.mail.mails
        ]
        return Counter(
            [("slack", int(found[1])) for found in posts]
            + [("mail", runs[name]) for name in mails]
        )
