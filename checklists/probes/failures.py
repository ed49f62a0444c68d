"""What an error says about the watched thing: it is broken, or we could not look."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from checklists.domain.observation import Failure, Outcome
from opsportal.kit.outbound import (
    EgressDenied,
    LookupTimeout,
    SecretRefused,
    TooManyRedirects,
)

FAIL, UNKNOWN = Outcome.FAIL, Outcome.UNKNOWN

_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", -5)})
# Ours, not the target's: no socket, no port, no route of our own.
_OWN_TROUBLE = frozenset(
    {
        errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM,
        errno.EADDRNOTAVAIL, errno.ENETUNREACH, errno.ENETDOWN,
    }
)  # fmt: skip


class ProbeFailed(Exception):  # noqa: N818 -- reads as what happened
    """A probe found a reason of its own not to have anything to judge."""

    def __init__(self, outcome: Outcome, code: str, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(outcome, code, message)


def unknown(code: str, message: str) -> ProbeFailed:
    """We could not look."""
    return ProbeFailed(UNKNOWN, code, message)


def failed(code: str, message: str) -> ProbeFailed:
    """The watched thing is broken."""
    return ProbeFailed(FAIL, code, message)


def explain(error: BaseException) -> Failure | None:
    """The failure behind an error of the network; None for a bug of ours."""
    import aiohttp  # noqa: PLC0415 -- slow import

    if isinstance(error, aiohttp.ClientConnectorError):
        error = error.os_error
    for kind, read in _readers():
        if isinstance(error, kind):
            return read(error)
    return None


def as_unknown(failure: Failure) -> Failure:
    """The same story about something between us and what is watched."""
    return replace(failure, outcome=UNKNOWN)


def _read_certificate(error: BaseException) -> Failure:
    reason = getattr(error, "verify_message", "") or "it cannot be verified"
    return Failure(FAIL, "tls_invalid", f"The certificate is not valid: {reason}.")


def _read_tls(error: BaseException) -> Failure:
    reason = getattr(error, "reason", None) or "the handshake broke off"
    return Failure(FAIL, "tls_failed", f"TLS failed: {reason}.")


def _read_lookup(error: BaseException) -> Failure:
    if isinstance(error, OSError) and error.errno in _NO_SUCH_NAME:
        return Failure(FAIL, "name_not_found", "The host name does not exist.")
    return Failure(UNKNOWN, "resolver", "The host name could not be looked up.")


def _read_system(error: BaseException) -> Failure:
    number = error.errno if isinstance(error, OSError) else None
    if number in _OWN_TROUBLE:
        return Failure(UNKNOWN, "own_network", "The portal has no way to the network.")
    if number == errno.EHOSTUNREACH:
        return Failure(FAIL, "unreachable", "The host cannot be reached.")
    return Failure(FAIL, "connection_failed", "The connection broke.")


def _always(outcome: Outcome, code: str, message: str) -> Callable[..., Failure]:
    return lambda _error: Failure(outcome, code, message)


@cache
def _readers() -> tuple[tuple[type[BaseException], Callable[..., Failure]], ...]:
    import aiohttp  # noqa: PLC0415 -- slow import

    # The first that fits counts, so the particular stands before the general.
    return (
        (ProbeFailed, lambda error: error.failure),
        (EgressDenied, lambda e: Failure(UNKNOWN, "egress_denied", e.denied.message)),
        (SecretRefused, lambda e: Failure(UNKNOWN, "secret_refused", str(e))),
        (
            LookupTimeout,
            _always(UNKNOWN, "resolver", "The resolver did not answer in time."),
        ),
        (socket.gaierror, _read_lookup),
        (ssl.SSLCertVerificationError, _read_certificate),
        (ssl.SSLError, _read_tls),
        (TimeoutError, _always(FAIL, "timeout", "There was no answer in time.")),
        (
            ConnectionRefusedError,
            _always(FAIL, "connect_refused", "The connection was refused."),
        ),
        (
            TooManyRedirects,
            _always(FAIL, "too_many_redirects", "There are too many redirects."),
        ),
        (aiohttp.InvalidURL, _always(UNKNOWN, "bad_url", "The URL cannot be used.")),
        (
            aiohttp.ServerDisconnectedError,
            _always(FAIL, "connection_closed", "The connection was closed at once."),
        ),
        (aiohttp.ClientOSError, _read_system),
        (
            aiohttp.ClientError,
            _always(FAIL, "bad_answer", "The answer is not proper HTTP."),
        ),
        (
            asyncio.IncompleteReadError,
            _always(FAIL, "connection_closed", "The connection was closed at once."),
        ),
        (OSError, _read_system),
    )
