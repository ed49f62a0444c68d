"""The whole portal under its supervisor, with real processes that are really killed."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opsportal.kit import embedded
from tests import migrated
from tests.faults.harness import comes_true

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0

pytestmark = [pytest.mark.faults, pytest.mark.slow]


class Portal:
    """One `manage.py start` of our own: its process, its folder, what it prints."""

    def __init__(self, var: Path, log: Path, *, port: int, **changes: str) -> None:
        self.var, self.log, self.port = var, log, port
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"REDIS_URL", "DATABASE_URL", "CI"}
        }
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "start"],
                cwd=ROOT,
                env=kept
                | {
                    "OPSPORTAL_VAR": str(var),
                    "OPSPORTAL_BOOTSTRAP": "0",
                    "OPSPORTAL_DEMO": "0",
                    "PORT": str(port),
                }
                | changes,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern: str) -> str:
        found = wait(lambda: re.search(pattern, self.said()), self.said)
        return found.group(0)

    def family(self) -> list[int]:
        return descendants(self.process.pid)

    def pids_of(self, role: str) -> list[int]:
        return [pid for pid in self.family() if command_of(pid) == f"opsportal {role}"]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def wait(found: Callable[[], object], explain: Callable[[], str] = str):
    value = comes_true(found, PATIENCE)
    assert value, explain()
    return value


def command_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


def descendants(pid: int) -> list[int]:
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            text = stat.read_text()
            fields = text[text.rindex(")") + 2 :].split()
            if fields[0] != "Z":
                parents[int(stat.parent.name)] = int(fields[1])
    family, fresh = [], {pid}
    while fresh := {child for child, parent in parents.items() if parent in fresh}:
        family += sorted(fresh)
    return family


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_listening(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    """Start a portal in its own folder; it is gone when the test is."""
    portals: list[Portal] = []

    def begin(*, var: Path | None = None, port: int = 0, **changes: str) -> Portal:
        log = tmp_path / f"start{len(portals)}.log"
        portal = Portal(
            var or tmp_path / "var", log, port=port or free_port(), **changes
        )
        portals.append(portal)
        return portal

    yield begin
    for portal in portals:
        if portal.process.poll() is None:
            portal.process.kill()
            portal.process.wait()


@pytest.fixture
def used(tmp_path: Path, pytestconfig: pytest.Config) -> dict[str, object]:
    """What a folder has that a portal ran in before, to start one there again.

    Its static files are as they are, because to hash them is not what is looked at.
    """
    var = tmp_path / "var"
    var.mkdir(mode=0o700)
    migrated.copy_to_sqlite(
        pytestconfig.cache.mkdir("migrated"), var / "opsportal.sqlite3"
    )
    return {"var": var, "OPSPORTAL_HASHED_STATIC": "0"}


class TestAPortal:
    def test_starts_restarts_what_dies_and_leaves_nothing_when_killed(
        self, start, used
    ):
        portal = start(**used)
        portal.wait_for(r"start +\| ready: http://localhost:\d+/")
        roles = ("web", "worker", "beat")
        wait(lambda: all(portal.pids_of(role) for role in roles))
        assert is_listening(portal.port)

        for role in roles:
            os.kill(portal.pids_of(role)[0], signal.SIGKILL)
        for role in roles:
            portal.wait_for(rf"{role} died of SIGKILL, restarting in 0\.\d s")
        wait(lambda: all(portal.pids_of(role) for role in roles), portal.said)
        wait(lambda: is_listening(portal.port))

        broker = embedded.broker_socket(portal.var)
        server = next(p for p in portal.family() if str(broker) in command_of(p))
        os.kill(server, signal.SIGKILL)
        portal.wait_for("broker died of SIGKILL, restarting in 0.2 s")
        wait(lambda: embedded.answers_ping(broker))

        wait(lambda: len(portal.pids_of("web")) == 3, portal.said)
        wait(lambda: len(portal.pids_of("worker")) == 3, portal.said)
        family = portal.family()
        assert len(family) >= 8
        portal.process.kill()
        portal.process.wait()
        wait(lambda: not any(command_of(pid) for pid in family))
        wait(lambda: not is_listening(portal.port))

    def test_stops_in_order_and_starts_again_on_the_same_folder(self, start):
        first = start()
        first.wait_for("bringing the database up to date: ")
        first.wait_for("ready: ")
        second = start(var=first.var)
        assert second.process.wait(PATIENCE) == 1
        assert second.said() == (
            f"opsportal already runs here: process {first.process.pid} at "
            f"http://localhost:{first.port}/. Stop that one first, or give this one its "
            "own PORT and OPSPORTAL_VAR.\n"
        )
        wait(lambda: first.pids_of("worker"))
        family = first.family()
        assert first.stop() == 0
        assert not any(command_of(pid) for pid in family)
        assert first.said().rstrip().endswith("stopped")
        again = start(var=first.var)
        again.wait_for("ready: ")
        assert "migrations" not in again.said()
        assert again.stop() == 0

    def test_ends_with_an_error_when_the_database_cannot_be_prepared(self, start):
        portal = start(
            DATABASE_URL="sqlite:////nowhere/at/all.sqlite3",
            OPSPORTAL_HASHED_STATIC="0",
        )
        assert portal.process.wait(PATIENCE) == 1
        assert (
            "setup   | The database /nowhere/at/all.sqlite3 does not open (unable to "
            "open database file): start it or mend DATABASE_URL, then run this again.\n"
            "start   | setup ended with exit code 1: the lines above say why\n"
        ) in portal.said()

    def test_a_broker_that_does_not_answer_is_one_sentence(self, start, used):
        portal = start(**used, REDIS_URL="redis://127.0.0.1:1/0")
        portal.wait_for("ready: ")
        assert "setup   | REDIS_URL does not answer" in portal.said()


def test_a_taken_port_is_one_sentence(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        portal = start(port=port)
        assert portal.process.wait(PATIENCE) == 1
    assert portal.said() == (
        f"Port {port} on 127.0.0.1 is taken by another program: choose another, for "
        f"example PORT={port + 1} python3 manage.py start.\n"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORT": "http"}, "PORT=http is not a port: give a number from 1 to 65535."),
        (
            {"DATABASE_URL": "mysql://root@db/portal"},
            "DATABASE_URL begins with mysql, which the portal does not know: write "
            "postgres://user:password@host:5432/name, or leave it out.",
        ),
        ({"PORT": "70000"}, "PORT=70000 is not a port: give a number from 1 to 65535."),
        ({"HOST": "192.0.2.1"}, "HOST=192.0.2.1 is not an address of this machine"),
        ({"OPSPORTAL_VAR": "/proc/nowhere"}, "Cannot write in /proc/nowhere ("),
    ],
)
def test_what_is_in_the_way_is_one_sentence(start, changes, sentence):
    portal = start(**changes)
    assert portal.process.wait(PATIENCE) == 1
    assert portal.said().startswith(sentence)
    assert portal.said().count("\n") == 1
