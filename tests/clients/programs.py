"""Running programs of others, each in a folder of its own."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 60.0


@contextmanager
def running(folder: Path, *command: object) -> Iterator[None]:
    """Run a program of others until the end of the block."""
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(holds: Callable[[], object], folder: Path) -> None:
    """Return when ``holds()``; fail with the program's own words past patience."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail((folder / "log.txt").read_text()[-4000:])
        time.sleep(0.05)


def alertmanager_command(program: Path, port: int) -> list[object]:
    """Return how an Alertmanager starts with config.yml of its folder, and alone."""
    return [
        program,
        "--config.file=config.yml",
        "--storage.path=data",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
