"""Fetching one document of somebody else: guarded at every hop, with an end."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from opsportal.kit.outbound.client import Answer, OutboundError, post
from opsportal.kit.outbound.loading import policy_from_settings
from opsportal.kit.outbound.sockets import Guard
from opsportal.kit.outbound.web import REDIRECTS

TIMEOUT = (3.0, 15.0)
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an address answered; ``body`` is None when it is the same as before.

    ``etag`` and ``last_modified`` are what to ask with the next time.
    """

    body: bytes | None
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""


def download(url: str, *, most_bytes: int, guard: Guard | None = None) -> bytes:
    """Return what the address answers, following a few redirects, each one judged.

    Raises OutboundError, also for an error status and for more than ``most_bytes``.
    """
    return _body_of(_follow(url, most_bytes, guard, {}, {}), most_bytes)


def download_changed(
    url: str,
    *,
    most_bytes: int,
    etag: str = "",
    last_modified: str = "",
    credentials: Mapping[str, str] | None = None,
    guard: Guard | None = None,
) -> Document:
    """Return what the address answers, unless it is what was read before.

    ``credentials`` are headers for the address itself: no other host, scheme or port
    that it redirects to gets them. Raises OutboundError as ``download`` does.
    """
    asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {name: text for name, text in asked.items() if text}
    answer = _follow(url, most_bytes, guard, headers, credentials or {})
    if headers and answer.status == NOT_MODIFIED:
        return Document(body=None, etag=etag, last_modified=last_modified)
    return Document(
        body=_body_of(answer, most_bytes),
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
        content_type=answer.headers.get("content-type", ""),
    )


def _follow(
    url: str,
    most_bytes: int,
    guard: Guard | None,
    headers: Mapping[str, str],
    credentials: Mapping[str, str],
) -> Answer:
    guard = guard or Guard.of(policy_from_settings())
    first = _origin_of(url)
    for _ in range(guard.policy.max_redirects + 1):
        own = credentials if _origin_of(url) == first else {}
        # One byte more than allowed tells a long answer from one that just fits.
        answer = post(
            url,
            method="GET",
            headers={**headers, **own},
            timeout=TIMEOUT,
            guard=guard,
            most_bytes=most_bytes + 1,
        )
        target = answer.headers.get("location", "")
        if answer.status not in REDIRECTS or not target:
            return answer
        url = _next_hop(url, target)
    raise OutboundError("redirects", "It redirects too often.", permanent=True)


def _origin_of(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:  # the client says so in its own words
        return "", ""
    return parts.scheme, parts.netloc.casefold()


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
