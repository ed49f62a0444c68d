"""Packages of npm by their lock file, without npm: python -m tests.clients.npm LOCK TO.

A process of its own, because the tests themselves may not leave this machine.
"""

import base64
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path, PurePosixPath

import requests

REGISTRY = "https://registry.npmjs.org"
PATIENCE = 60


def install(lock: Path, folder: Path) -> None:
    """Unpack below ``folder`` what the lock file names and the folder has not yet.

    Raises AssertionError for a package whose bytes are not those of the lock.
    """
    packages = json.loads(lock.read_text())["packages"]
    for place, package in packages.items():
        target = folder / place
        if place and not (target / "package.json").exists():
            name = place.removeprefix("node_modules/")
            _unpack(_download(name, package["version"], package["integrity"]), target)


def _download(name: str, version: str, integrity: str) -> bytes:
    base = name.rpartition("/")[2]
    url = f"{REGISTRY}/{name}/-/{base}-{version}.tgz"
    answer = requests.get(url, timeout=PATIENCE)
    answer.raise_for_status()
    digest = base64.b64encode(hashlib.sha512(answer.content).digest()).decode()
    assert f"sha512-{digest}" == integrity, url
    return answer.content


def _unpack(archive: bytes, target: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        # package.json last: it says that the folder is whole.
        for member in sorted(
            files, key=lambda each: each.name.endswith("package.json")
        ):
            # The first part of a name is the folder of the archive.
            path = target.joinpath(*PurePosixPath(member.name).parts[1:])
            source = files.extractfile(member)
            if source is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read())


if __name__ == "__main__":
    install(*map(Path, sys.argv[1:]))
