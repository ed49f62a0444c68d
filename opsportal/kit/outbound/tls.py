"""One TLS context for everything: building one costs 30 ms."""

import functools
import ssl

import certifi


@functools.lru_cache(maxsize=8)
def tls_context(ca_file: str = "") -> ssl.SSLContext:
    """Verify chain and host name against public authorities and ``ca_file``.

    A bare machine may have no authorities of its own, so certifi's are loaded too.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


@functools.lru_cache(maxsize=1)
def look_only_context() -> ssl.SSLContext:
    """Trusts anybody: only to read a certificate that was already refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
