"""The process in which Apprise sends: it reads a job on stdin and answers on stdout.

It is run as a script, alone, without the settings and secrets of the portal: Apprise
opens sockets of its own, which the guarded client cannot pin, so an audit hook judges
every address at the moment of connecting, and the parent ends the process in time.
"""

import importlib.util
import json
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

POLICY = Path(__file__).parents[2] / "opsportal" / "kit" / "outbound" / "policy.py"
CONNECTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# Some of its plugins would start programs of this machine.
FORBIDDEN = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}
)


class Warden:
    """An audit hook; ``denied`` is the first reason for which it stopped something."""

    def __init__(self, policy: Any) -> None:
        self.policy = policy
        self.denied = ""

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise PermissionError for what may not happen here."""
        if event in FORBIDDEN:
            self._deny("Apprise may not start programs.")
        if event in CONNECTS and (reason := self._judge(args[1])):
            self._deny(reason)

    def _judge(self, address: Any) -> str:
        if not isinstance(address, tuple):
            return "Apprise may not reach sockets of this machine."
        try:
            denied = self.policy.judge_address(address[0], address[1])
        except ValueError:
            # Connecting would look the name up once more, unjudged.
            return "Apprise may only connect to addresses."
        return str(denied.message) if denied else ""

    def _deny(self, reason: str) -> None:
        self.denied = self.denied or reason
        raise PermissionError(reason)


def load_policy(told: dict[str, Any]) -> Any:
    """Return the portal's egress policy as the parent told it.

    The module is loaded by its file: its package would bring Django along.
    """
    spec = importlib.util.spec_from_file_location("egress_policy", POLICY)
    if spec is None or spec.loader is None:
        raise ImportError(f"{POLICY} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.EgressPolicy(
        allowed=tuple(
            module.Allowed(ip_network(network), _ranges(ports))
            for network, ports in told["allowed"]
        ),
        forbidden_endpoints=frozenset(
            (ip_address(address), port) for address, port in told["forbidden"]
        ),
        own_addresses=frozenset(map(ip_address, told["own"])),
        public_ports=_ranges(told["public_ports"]),
    )


def _ranges(pairs: list[list[int]]) -> tuple[range, ...]:
    return tuple(range(first, stop) for first, stop in pairs)


def send(job: dict[str, Any], warden: Warden) -> dict[str, str]:
    """Send with Apprise; return ``outcome`` (sent, refused, unknown, denied)."""
    import apprise  # noqa: PLC0415 -- costs 30 MB and a quarter of a second

    sender = apprise.Apprise()
    if not sender.add(job["url"]):
        return {"outcome": "unknown", "detail": ""}
    is_sent = sender.notify(
        title=job["title"], body=job["body"], body_format=apprise.NotifyFormat.TEXT
    )
    if warden.denied:
        return {"outcome": "denied", "detail": warden.denied}
    return {"outcome": "sent" if is_sent else "refused", "detail": ""}


def main() -> None:
    """Do one job."""
    job = json.load(sys.stdin)
    warden = Warden(load_policy(job["policy"]))
    sys.addaudithook(warden)
    json.dump(send(job, warden), sys.stdout)


if __name__ == "__main__":
    main()
