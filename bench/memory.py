"""What the whole stack of `start` holds in memory: proportional set size."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.figures import Figure
from bench.load import free_port, serving

NEEDS_DATABASE = False
ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0
PAGES = ("/accounts/login/", "/healthz", "/readyz", "/health/engine")
LIMIT = "the same server with a bare Django view, its workers together"


def _pss(process: psutil.Process) -> float:
    """Return the MB of a process, shared pages divided by those who share them."""
    for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no Pss in smaps_rollup")


@contextmanager
def _started() -> Iterator[tuple[psutil.Process, str]]:
    """Run `manage.py start` in a folder of its own until it says its address."""
    with tempfile.TemporaryDirectory(prefix="opsportal-bench-") as folder:
        port = free_port()
        own = {"PORT": str(port), "OPSPORTAL_VAR": folder}
        taken = {"DATABASE_URL", "REDIS_URL", "OPSPORTAL_TEST_SERVERS"}
        kept = {key: text for key, text in os.environ.items() if key not in taken}
        with (Path(folder) / "start.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "start"],
                cwd=ROOT,
                env=kept | own,
                stdout=log,
                stderr=log,
            )
        try:
            yield psutil.Process(process.pid), f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _wait_for(address: str) -> None:
    import requests  # noqa: PLC0415 -- slow import

    deadline = time.monotonic() + PATIENCE
    ready = False
    while not ready:
        try:
            ready = requests.get(f"{address}/health/engine", timeout=5).ok
        except requests.RequestException:
            ready = False
        assert time.monotonic() < deadline, "start does not answer"
        time.sleep(0.5)
    for _ in range(20):
        for page in PAGES:
            requests.get(address + page, timeout=10)


def _role_of(process: psutil.Process) -> str:
    words = " ".join(process.cmdline()).split()
    if words[0] == "opsportal":
        return words[1]
    if "valkey" in words[0]:
        return "broker"
    return "supervisor"


def measure() -> list[Figure]:
    """Start it all, let it work, and add up."""
    with serving("bench.bare") as server:
        family = [server.process, *server.process.children(recursive=True)]
        bare = sum(_pss(each) for each in family)
    with _started() as (supervisor, address):
        _wait_for(address)
        family = [supervisor, *supervisor.children(recursive=True)]
        rows = [(_role_of(each), _pss(each)) for each in family]
    goals = {"web": "300 MB", "worker": "250 MB"}
    figures = []
    for role in dict.fromkeys(role for role, _ in rows):
        sizes = [size for name, size in rows if name == role]
        figures.append(
            Figure(
                what=f"{role} ({len(sizes)} processes)",
                value=sum(sizes),
                unit="MB",
                limit=bare if role == "web" else None,
                limit_is=LIMIT if role == "web" else "",
                goal=goals.get(role, ""),
            )
        )
    whole = sum(size for _, size in rows)
    figures.append(Figure(what="all of it", value=whole, unit="MB", goal="500 MB"))
    return figures
