"""Where the target of the demo listens, and what lets the portal look at it.

Everything lies in ``demo/`` below the data folder: ``target.json`` (ports and the
tokens of its jobs), ``allow.env`` (read by the settings: these ports, this folder and
this authority may be used, nothing else on this machine) and a certificate authority.
"""

import json
import os
import socket
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from opsportal.demo.target import certificates

HOST = "127.0.0.1"
PORT_NAMES = ("http", "tls", "tls_soon", "redis", "database", "smtp")
FIRST_PORT = 18_000
NEEDS = ("OPSPORTAL_EGRESS_ALLOW", "OPSPORTAL_FILE_ROOTS", "OPSPORTAL_CA_FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Ports by name, the moment of loading, and job tokens by the check's slug."""

    made_at: datetime
    ports: Mapping[str, int]
    jobs: Mapping[str, str] = field(default_factory=dict)

    @property
    def check_ports(self) -> tuple[int, ...]:
        """The ports that checks may reach: mail has a way of its own."""
        return tuple(port for name, port in self.ports.items() if name != "smtp")

    @property
    def url(self) -> str:
        """The target's address without a path."""
        return f"http://{HOST}:{self.ports['http']}"

    def fill(self, value: Any) -> Any:
        """Put addresses in the place of the texts in angle brackets, however deep."""
        if isinstance(value, Mapping):
            return {key: self.fill(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(each) for each in value]
        if not isinstance(value, str):
            return value
        whole: dict[str, int] = {
            "<redis>": self.ports["redis"],
            "<database>": self.ports["database"],
        }
        return whole[value] if value in whole else self._fill_text(value)

    def _fill_text(self, text: str) -> str:
        for mark, said in {
            "<target>": self.url,
            "<tls>": f"{HOST}:{self.ports['tls']}",
            "<tls-soon>": f"{HOST}:{self.ports['tls_soon']}",
            "<host>": HOST,
            "<backups>": str(backups()),
        }.items():
            text = text.replace(mark, said)
        return text


def folder() -> Path:
    """Return the demo's own folder."""
    return Path(settings.VAR_DIR).absolute() / "demo"


def backups() -> Path:
    """Return the folder of the backups that the target writes."""
    return folder() / "backups"


def database() -> Path:
    """Return the SQLite file that plays the services' databases."""
    return folder() / "services.sqlite3"


def authority() -> Path:
    """Return the PEM file of the certificate authority of the demo."""
    return folder() / "authority.pem"


def set_up(now: datetime) -> Stage:
    """Choose free ports, write the files, and let this process use them too."""
    stage = Stage(made_at=now, ports=_choose_ports())
    backups().mkdir(parents=True, exist_ok=True)
    save(stage)
    certificates.make_authority(authority(), now)
    allowed = {
        "OPSPORTAL_EGRESS_ALLOW": f"{HOST}/32:" + ",".join(
            str(port) for port in stage.check_ports
        ),
        "OPSPORTAL_FILE_ROOTS": str(folder()),
        "OPSPORTAL_CA_FILE": str(authority()),
        # Mail goes there too, where it can be read; nothing leaves the machine.
        "EMAIL_URL": f"smtp://{HOST}:{stage.ports['smtp']}",
    }  # fmt: skip
    head = "# Written by `manage.py demo`: what its target on this machine needs.\n"
    lines = [f"{name}={value}\n" for name, value in allowed.items()]
    (folder() / "allow.env").write_text(head + "".join(lines))
    # The settings of this process were read before that file existed.
    settings.EGRESS_ALLOW = _chosen("OPSPORTAL_EGRESS_ALLOW", allowed)
    settings.FILE_ROOTS = _chosen("OPSPORTAL_FILE_ROOTS", allowed).split(",")
    settings.CA_FILE = _chosen("OPSPORTAL_CA_FILE", allowed)
    return stage


def _chosen(name: str, allowed: Mapping[str, str]) -> str:
    """Return what the operator set, which goes before what the demo needs."""
    return os.environ.get(name, allowed[name])


def save(stage: Stage) -> None:
    """Write the stage for the target; it holds tokens, so for nobody else."""
    path = folder() / "target.json"
    plain = asdict(stage) | {"made_at": stage.made_at.isoformat()}
    path.touch(mode=0o600)
    path.write_text(json.dumps(plain, indent=1))


def with_jobs(stage: Stage, jobs: Mapping[str, str]) -> Stage:
    """Return the stage with the tokens of the jobs."""
    return replace(stage, jobs=dict(jobs))


def load() -> Stage:
    """Read the stage; raises OSError when the demo was never loaded here."""
    plain = json.loads((folder() / "target.json").read_text())
    return Stage(
        made_at=datetime.fromisoformat(plain["made_at"]),
        ports=plain["ports"],
        jobs=plain["jobs"],
    )


def _choose_ports() -> dict[str, int]:
    first = os.environ.get("OPSPORTAL_DEMO_TARGET_PORT", "")
    if first:
        return _from(int(first))
    # Below the ports that the system gives to outgoing connections, and the same
    # ones again for the same folder.
    start = zlib.crc32(os.fsencode(folder())) % 2000 * len(PORT_NAMES)
    for offset in range(0, 10_000, len(PORT_NAMES)):
        ports = _from(FIRST_PORT + (start + offset) % 10_000)
        if all(_is_free(port) for port in ports.values()):
            return ports
    raise OSError("There are no free ports for the demo's target on this machine.")


def _from(first: int) -> dict[str, int]:
    return {name: first + place for place, name in enumerate(PORT_NAMES)}


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
    return True
