"""Fetching one document of somebody else: guarded at every hop, with an end."""

from urllib.parse import urljoin, urlsplit

from opsportal.kit.outbound.client import Answer, OutboundError, post
from opsportal.kit.outbound.loading import policy_from_settings
from opsportal.kit.outbound.sockets import Guard
from opsportal.kit.outbound.web import REDIRECTS

TIMEOUT = (3.0, 15.0)


def download(url: str, *, most_bytes: int, guard: Guard | None = None) -> bytes:
    """Return what the address answers, following a few redirects, each one judged.

    Raises OutboundError, also for an error status and for more than ``most_bytes``.
    """
    guard = guard or Guard.of(policy_from_settings())
    for _ in range(guard.policy.max_redirects + 1):
        # One byte more than allowed tells a long answer from one that just fits.
        answer = post(
            url, method="GET", timeout=TIMEOUT, guard=guard, most_bytes=most_bytes + 1
        )
        target = answer.headers.get("location", "")
        if answer.status not in REDIRECTS or not target:
            return _body_of(answer, most_bytes)
        url = _next_hop(url, target)
    raise OutboundError("redirects", "It redirects too often.", permanent=True)


def _body_of(answer: Answer, most_bytes: int) -> bytes:
    if not answer.is_success:
        raise OutboundError(
            "http_status", f"The server answered {answer.status}.", permanent=False
        )
    if len(answer.body) > most_bytes:
        size = f"{most_bytes // 1_000_000} MB"
        raise OutboundError(
            "too_large", f"The answer is larger than {size}.", permanent=True
        )
    return answer.body


def _next_hop(url: str, target: str) -> str:
    there = urljoin(url, target)
    if urlsplit(url).scheme == "https" and urlsplit(there).scheme != "https":
        raise OutboundError("bad_url", "It redirects to plain HTTP.", permanent=True)
    return there
