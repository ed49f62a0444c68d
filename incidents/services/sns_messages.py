"""Messages of SNS: genuine ones only, and subscriptions confirmed."""

import base64
import binascii
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from incidents.domain.payloads import sns
from incidents.domain.payloads.signal import Signal
from incidents.domain.payloads.sns import Envelope
from opsportal.kit.outbound.download import download

MOST_BYTES = 64 * 1024
_HASHES: dict[str, type[hashes.SHA1] | type[hashes.SHA256]] = {
    "1": hashes.SHA1,
    "2": hashes.SHA256,
}


class NotGenuine(Exception):  # noqa: N818 -- reads as what happened
    """The signature of a message does not fit."""


def verify(body: bytes) -> Envelope:
    """Return a message whose signature fits the certificate that SNS publishes.

    The host of every address is judged before any fetch. Raises ParseError,
    NotGenuine, and OutboundError when the certificate cannot be fetched now.
    """
    envelope = sns.open_envelope(body)
    check_signature(envelope, _fetch_certificate(envelope.certificate_url))
    return envelope


def confirm(envelope: Envelope) -> None:
    """Confirm a subscription at SNS. Raises OutboundError."""
    if envelope.kind == "SubscriptionConfirmation":
        download(envelope.subscribe_url, most_bytes=MOST_BYTES)


def read(envelope: Envelope) -> list[Signal]:
    """Return the signals of a message; a confirmation has none."""
    return sns.read_message(envelope) if envelope.kind == "Notification" else []


def check_signature(envelope: Envelope, certificate: bytes) -> None:
    """Pass a message that the key of the certificate signed. Raises NotGenuine."""
    kind = _HASHES.get(envelope.version)
    if kind is None:
        raise NotGenuine("The version of the signature is not known.")
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        signature = base64.b64decode(envelope.signature, validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            raise NotGenuine("The certificate holds no RSA key.")
        # SHA-1 is what SNS signs version 1 with; the certificate's host is proven.
        key.verify(signature, envelope.signed, padding.PKCS1v15(), kind())
    except (InvalidSignature, binascii.Error, ValueError):
        raise NotGenuine("The signature does not fit.") from None


@lru_cache(maxsize=16)
def _fetch_certificate(url: str) -> bytes:
    return download(url, most_bytes=MOST_BYTES)
