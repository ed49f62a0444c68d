import asyncio
import errno
import socket
import ssl

import aiohttp
import pytest

from checklists.probes.failures import as_unknown, explain, failed, unknown
from checklists.probes.spec import split_host_port
from opsportal.kit.outbound import LookupTimeout, SecretRefused, TooManyRedirects

ERRORS = {
    "timeout": (TimeoutError(), "fail"),
    "resolver": (LookupTimeout("x"), "unknown"),
    "name_not_found": (socket.gaierror(socket.EAI_NONAME, "x"), "fail"),
    "own_network": (OSError(errno.EMFILE, "x"), "unknown"),
    "unreachable": (OSError(errno.EHOSTUNREACH, "x"), "fail"),
    "connection_failed": (ConnectionResetError(errno.ECONNRESET, "x"), "fail"),
    "connect_refused": (ConnectionRefusedError(errno.ECONNREFUSED, "x"), "fail"),
    "tls_failed": (ssl.SSLError(1, "x"), "fail"),
    "tls_invalid": (ssl.SSLCertVerificationError(1, "x"), "fail"),
    "too_many_redirects": (TooManyRedirects("x"), "fail"),
    "secret_refused": (SecretRefused("x"), "unknown"),
    "bad_url": (aiohttp.InvalidURL("x"), "unknown"),
    "bad_answer": (aiohttp.ClientPayloadError("x"), "fail"),
    "connection_closed": (asyncio.IncompleteReadError(b"", 1), "fail"),
    "mine": (unknown("mine", "x"), "unknown"),
    "yours": (failed("yours", "x"), "fail"),
}


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_tells_broken_from_unknown(code):
    error, outcome = ERRORS[code]
    failure = explain(error)
    assert (failure.outcome, failure.code) == (outcome, code)
    assert as_unknown(failure).outcome == "unknown"


def test_a_resolver_in_trouble_is_unknown():
    failure = explain(socket.gaierror(socket.EAI_AGAIN, "x"))
    assert (failure.outcome, failure.code) == ("unknown", "resolver")


def test_a_mistake_of_ours_is_not_explained():
    assert explain(KeyError("x")) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a", ("a", 7)),
        ("a:1", ("a", 1)),
        ("[::1]", ("::1", 7)),
        ("[::1]:1", ("::1", 1)),
        ("::1", ("::1", 7)),
    ],
)
def test_host_and_port_are_split(text, found):
    assert split_host_port(text, 7) == found
