"""Only what SNS signed is believed; nothing else is fetched."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from django.test import Client

from incidents.domain.payloads import sns
from incidents.models import Alert, IngestEvent
from incidents.services import sns_messages
from incidents.services.inbox import apply_inbox
from incidents.services.sns_messages import NotGenuine, check_signature
from opsportal.kit.outbound import OutboundError
from opsportal.kit.tokens import hash_token
from tests.conftest import NOW
from tests.factories.incidents import IntegrationFactory

KEY = "k" * 32
URL = "https://sns.eu-west-1.amazonaws.com/a.pem"
CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"


def certify(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    began = datetime(2026, 1, 1, tzinfo=UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


RSA_KEY = rsa.generate_private_key(65537, 2048)
CERTIFICATE = certify(RSA_KEY)


def write(version="2", **changes):
    message = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": "arn:aws:sns:eu-west-1:123:Critical",
        "Message": "Disk full",
        "Timestamp": "2026-01-14T10:30:00.000Z",
        "SignatureVersion": version,
        "Signature": "x",
        "SigningCertURL": URL,
    } | changes
    signed = sns.open_envelope(json.dumps(message).encode()).signed
    kind = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 -- what SNS signs version 1 with
    made = RSA_KEY.sign(signed, padding.PKCS1v15(), kind)
    return message | {"Signature": base64.b64encode(made).decode()}


def check(message, certificate=CERTIFICATE):
    check_signature(sns.open_envelope(json.dumps(message).encode()), certificate)


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_was_signed_passes(version):
    check(write(version))


@pytest.mark.parametrize(
    "change",
    [
        {"Message": "Disk fine"},
        {"Signature": "AAAA"},
        {"Signature": "*"},
        {"SignatureVersion": "3"},
        {"Subject": "new"},
    ],
)
def test_what_was_altered_does_not(change):
    with pytest.raises(NotGenuine):
        check(write() | change)


@pytest.mark.parametrize(
    "certificate", [b"", b"text", certify(ec.generate_private_key(ec.SECP256R1()))]
)
def test_a_strange_certificate_proves_nothing(certificate):
    with pytest.raises(NotGenuine):
        check(write(), certificate)


@pytest.fixture
def fetched(monkeypatch):
    """Stand in for the network: a list of what was fetched."""
    addresses = []

    def download(url, *, most_bytes):
        addresses.append(url)
        assert most_bytes == 64 * 1024
        return CERTIFICATE

    monkeypatch.setattr(sns_messages, "download", download)
    sns_messages._fetch_certificate.cache_clear()
    yield addresses
    sns_messages._fetch_certificate.cache_clear()


def post(message):
    IntegrationFactory(kind="sns", name="SNS", key_hash=hash_token(KEY))
    return Client().post(
        f"/ingest/sns/{KEY}", json.dumps(message), content_type="text/plain"
    )


@pytest.mark.django_db
def test_a_notification_is_an_alert_once(fetched):
    message = write()
    assert post(message).status_code == 200
    assert post(message).content == b"duplicate\n"
    apply_inbox(now=NOW)
    assert Alert.objects.get().event_count == 1
    # The certificate is fetched once, and kept.
    assert fetched == [URL]


@pytest.mark.django_db
def test_a_subscription_is_confirmed_at_its_host(fetched):
    kinds = {"SubscribeURL": CONFIRM, "Token": "t"}
    answer = post(write(Type="SubscriptionConfirmation", **kinds))
    assert answer.status_code == 200
    assert fetched == [URL, CONFIRM]
    post(write(Type="UnsubscribeConfirmation", MessageId="m-2", **kinds))
    assert fetched == [URL, CONFIRM]
    assert not Alert.objects.exists()


@pytest.mark.django_db
def test_a_forged_message_is_kept_and_refused(fetched):
    assert post(write() | {"Message": "forged"}).status_code == 403
    assert IngestEvent.objects.get().reason == "The signature does not fit."
    message = write() | {"SigningCertURL": "https://169.254.169.254/"}
    assert post(message).status_code == 400
    assert fetched == [URL]


@pytest.mark.django_db
def test_sns_that_cannot_be_reached_is_to_be_tried_again(monkeypatch):
    def fail(_url, *, most_bytes):
        raise OutboundError("timeout", f"{most_bytes} bytes too late", permanent=False)

    monkeypatch.setattr(sns_messages, "download", fail)
    answer = post(write())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
