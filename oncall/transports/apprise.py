"""apprise: whatever the Apprise library reaches, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from oncall.transports.answers import Policy
from oncall.transports.protocol import Message, Receipt, TransportError
from opsportal.kit.outbound import EgressPolicy, policy_from_settings

CHILD = Path(__file__).with_name("apprise_child.py")
SECONDS = 10.0
MOST_TITLE, MOST_BODY = 250, 4_000
_REFUSALS = {
    "unknown": ("bad_address", "Apprise does not know this URL.", True),
    "denied": ("egress_denied", "{detail}", True),
    "refused": ("apprise_refused", "The other side did not take it.", False),
}


def schemes_from_settings() -> frozenset[str]:
    """The schemes that the operator allowed, in lower case."""
    return frozenset(each.strip().lower() for each in settings.APPRISE_SCHEMES)


@dataclass(frozen=True, slots=True)
class AppriseTransport:
    """The address is an Apprise URL whose scheme the operator allowed.

    The process is killed after ten seconds. See docs/decisions.
    """

    schemes: Callable[[], AbstractSet[str]] = schemes_from_settings
    policy: Policy = policy_from_settings
    seconds: float = SECONDS

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Send once; raises TransportError. Most services know no repetition."""
        scheme = address.partition("://")[0].lower()
        if scheme not in self.schemes():
            raise TransportError(
                "scheme_not_allowed",
                f"The operator does not allow {scheme[:30]}:// any more.",
                permanent=True,
            )
        job = {
            "url": address,
            "title": message.subject[:MOST_TITLE],
            "body": _write_body(message),
            "policy": describe_policy(self.policy()),
        }
        answer = self._run(json.dumps(job))
        outcome = answer.get("outcome", "")
        if outcome != "sent":
            code, words, permanent = _REFUSALS.get(outcome, _REFUSALS["refused"])
            raise TransportError(code, words.format(**answer), permanent=permanent)
        return Receipt(provider_id=key, detail="Apprise sent it.")

    def _run(self, job: str) -> dict[str, str]:
        try:
            # Isolated and without our environment: no secret of ours is in there.
            done = subprocess.run(  # noqa: S603 -- our own script
                [sys.executable, "-I", str(CHILD)],
                input=job,
                capture_output=True,
                text=True,
                timeout=self.seconds,
                env={"PATH": "", "LANG": "C.UTF-8"},
                check=True,
            )
            answer: dict[str, str] = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            raise TransportError(
                "timeout", "Apprise took too long and was ended.", permanent=False
            ) from None
        except (subprocess.CalledProcessError, OSError, ValueError):
            # What it printed may hold the address.
            raise TransportError(
                "apprise_failed", "Apprise broke down.", permanent=False
            ) from None
        return answer


def describe_policy(policy: EgressPolicy) -> dict[str, Any]:
    """The policy as JSON, for the process that judges by it."""
    return {
        "allowed": [[str(each.network), _pairs(each.ports)] for each in policy.allowed],
        "forbidden": [
            [str(address), port] for address, port in policy.forbidden_endpoints
        ],
        "own": [str(address) for address in policy.own_addresses],
        "public_ports": _pairs(policy.public_ports),
    }


def _pairs(ports: Iterable[range]) -> list[list[int]]:
    return [[each.start, each.stop] for each in ports]


def _write_body(message: Message) -> str:
    text = message.text[:MOST_BODY]
    if not message.url or message.url in text:
        return text or message.subject[:MOST_TITLE]
    return f"{text}\n\n{message.url}".strip()
