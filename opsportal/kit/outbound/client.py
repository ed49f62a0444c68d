"""One guarded request at a time, for transports: `requests`, pinned, no redirects."""

import email.utils
import json as json_module
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from opsportal.kit.outbound.loading import policy_from_settings
from opsportal.kit.outbound.policy import EgressDenied
from opsportal.kit.outbound.resolver import LookupTimeout
from opsportal.kit.outbound.sockets import Guard
from opsportal.kit.outbound.tls import tls_context

MOST_ANSWER_BYTES = 64 * 1024
CHUNK_BYTES = 16 * 1024
AGENT = "opsportal"


class OutboundError(Exception):
    """The request was not answered.

    ``permanent`` means that the same request cannot succeed later. The message
    never holds the URL, which may be a secret itself (Slack).
    """

    def __init__(self, code: str, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, at most 64 KB of body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def retry_after(self, now: datetime) -> timedelta | None:
        """How long the server asks to wait, from seconds or a date."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isdecimal():
            return timedelta(seconds=min(int(asked), 86_400))
        try:
            at = email.utils.parsedate_to_datetime(asked)
        except ValueError:
            return None
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(timedelta(0), min(aware - now, timedelta(days=1)))


class _Guarded(HTTPConnection):
    """A connection whose socket is opened by a guard."""

    def __init__(self, *args: Any, guard: Guard, held: "_Held", **kwargs: Any) -> None:
        self._guard = guard
        self._held = held
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        """Replace the one place where urllib3 resolves and connects."""
        seconds = self.timeout if isinstance(self.timeout, int | float) else 3.0
        sock = self._guard.connect(self._dns_host, self.port, seconds=seconds)
        self._held.take(sock)
        return sock


class _GuardedTLS(_Guarded, HTTPSConnection):
    """The same, wrapped in TLS for the name."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded

    def __init__(self, *args: Any, guard: Guard, held: "_Held", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn_kw |= {"guard": guard, "held": held}


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLS

    def __init__(self, *args: Any, guard: Guard, held: "_Held", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn_kw |= {"guard": guard, "held": held}


class _Held:
    """The socket in use, so that a timer can end it from outside.

    A read timeout starts again with every byte; a server that drips one a second
    would hold a sender for hours.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sock: socket.socket | None = None
        self.is_over = False

    def take(self, sock: socket.socket) -> None:
        """Remember a duplicate: TLS takes the original away."""
        with self._lock:
            self._sock = sock.dup()
        if self.is_over:
            self.end()

    def end(self) -> None:
        """Cut the connection now."""
        with self._lock:
            self.is_over = True
            if self._sock is not None:
                # The other side may have been faster.
                with suppress(OSError):
                    self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the duplicate back."""
        with self._lock:
            if self._sock is not None:
                self._sock.close()
                self._sock = None


class _Adapter(HTTPAdapter):
    """Pools that know the guard; nothing is retried."""

    def __init__(self, guard: Guard, held: _Held) -> None:
        self._guard = guard
        self._held = held
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use our pools for both schemes."""
        super().init_poolmanager(*args, **kwargs)

        def plain(*args: Any, **kwargs: Any) -> _Pool:
            return _Pool(*args, guard=self._guard, held=self._held, **kwargs)

        def secure(*args: Any, **kwargs: Any) -> _TLSPool:
            return _TLSPool(*args, guard=self._guard, held=self._held, **kwargs)

        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        """Verify with the context that probes use."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] != "https":
            return host, {}
        return host, {"ssl_context": tls_context(self._guard.policy.ca_file)}

    def cert_verify(self, conn: Any, *_args: Any, **_kwargs: Any) -> None:
        """Leave it to the context."""
        conn.cert_reqs = "CERT_REQUIRED"


def post(
    url: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: tuple[float, float] = (3.0, 10.0),
    guard: Guard | None = None,
    method: str = "POST",
    most_bytes: int = MOST_ANSWER_BYTES,
) -> Answer:
    """Send JSON or bytes; ``timeout`` is seconds to connect and seconds in all.

    ``method`` is for gateways that want another one. Redirects are answers like any
    other. Of the answer ``most_bytes`` are read. Raises OutboundError.
    """
    sent = dict(headers or {})
    if json is not None:
        body = json_module.dumps(json, separators=(",", ":")).encode()
        sent.setdefault("Content-Type", "application/json")
    guard = guard or Guard.of(policy_from_settings())
    if denied := guard.policy.judge_url(url):
        raise OutboundError(denied.code, denied.message, permanent=True)
    held = _Held()
    timer = threading.Timer(timeout[1], held.end)
    timer.daemon = True
    with _translated(held), requests.Session() as session:
        session.trust_env = False
        adapter = _Adapter(guard, held)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        timer.start()
        try:
            answer = _send(session, method, url, body, sent, timeout, most_bytes)
            if held.is_over:
                raise TimeoutError
            return answer
        finally:
            timer.cancel()
            held.close()


def _send(
    session: requests.Session,
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    timeout: tuple[float, float],
    most_bytes: int,
) -> Answer:
    given = {"User-Agent": AGENT, "Accept-Encoding": "identity", **headers}
    with session.request(
        method,
        url,
        data=body,
        headers=given,
        timeout=timeout,
        allow_redirects=False,
        stream=True,
    ) as response:
        kept = bytearray()
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
            kept += chunk
            if len(kept) >= most_bytes:
                break
        names = {name.lower(): text for name, text in response.headers.items()}
        return Answer(response.status_code, names, bytes(kept[:most_bytes]))


# What is at the bottom of an error, what it is called, and whether it stays so.
# The first that fits counts; egress and TLS errors bring their own words.
EXPLANATIONS: tuple[tuple[type[BaseException], str, str, bool], ...] = (
    (EgressDenied, "egress_denied", "{0.denied.message}", True),
    (LookupTimeout, "name_not_found", "The host name was not found.", False),
    (socket.gaierror, "name_not_found", "The host name was not found.", False),
    (
        ssl.SSLError,
        "tls_failed",
        "The certificate or the handshake was refused.",
        False,
    ),
    (TimeoutError, "timeout", "It took too long to answer.", False),
    (ConnectionRefusedError, "connect_refused", "The connection was refused.", False),
    (ValueError, "bad_url", "This is not a URL.", True),
)


@contextmanager
def _translated(held: _Held) -> Iterator[None]:
    try:
        yield
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
        ValueError,
    ) as error:
        raise explain(TimeoutError() if held.is_over else error) from None


def explain(error: BaseException) -> OutboundError:
    """Say in our own words what requests, urllib3 and the system say in theirs."""
    for root in _chain(error):
        for kind, code, message, permanent in EXPLANATIONS:
            if isinstance(root, kind):
                return OutboundError(code, message.format(root), permanent=permanent)
    return OutboundError("connection_failed", "The connection broke.", permanent=False)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps: requests and urllib3 do it several times over."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
