import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from oncall.transports import Message, TransportError
from oncall.transports.webhook import (
    WebhookTransport,
    derive_key,
    endpoint_keys,
    safe_id,
    sign,
)
from tests.oncall.transports.conftest import NOW, POLICY
from tests.targets import Reply

NEW = "whsec_" + base64.b64encode(b"n" * 24).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()
MESSAGE = Message(
    "Late", "2 items öpen", "<p>x</p>", url="https://x.example/r", reference="run 7"
)


@pytest.fixture
def webhook():
    return WebhookTransport(
        policy=lambda: POLICY, keys=lambda _url: (NEW, OLD), clock=lambda: NOW
    )


def verify(key, seen):
    """Read the scheme's own words anew, independently of the sender."""
    content = ".".join(
        [
            seen.headers["webhook-id"],
            seen.headers["webhook-timestamp"],
            seen.body.decode(),
        ]
    )
    raw = base64.b64decode(key.split("_", 1)[1])
    made = hmac.new(raw, content.encode(), hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(made).decode()
    return wanted in seen.headers["webhook-signature"].split(" ")


def test_a_message_is_signed_with_every_key(site, webhook):
    site.routes["/in"] = Reply(204)
    receipt = webhook.send(MESSAGE, f"{site.url}/in", key="run:7:due")
    (seen,) = site.seen
    assert json.loads(seen.body) == {
        "id": "run:7:due",
        "type": "notice",
        "about": "run 7",
        "subject": "Late",
        "text": "2 items öpen",
        "url": "https://x.example/r",
    }
    assert seen.headers["webhook-id"] == receipt.provider_id == "run:7:due"
    assert seen.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert verify(NEW, seen)
    assert verify(OLD, seen)
    assert not verify("whsec_" + base64.b64encode(b"x" * 24).decode(), seen)


def test_a_change_anywhere_breaks_the_signature(site, webhook):
    site.routes["/in"] = Reply(200)
    webhook.send(MESSAGE, f"{site.url}/in", key="k")
    (seen,) = site.seen
    for place in range(0, len(seen.body), 7):
        changed = bytearray(seen.body)
        changed[place] ^= 1
        seen_changed = type(seen)("POST", "/in", seen.headers, bytes(changed))
        try:
            assert not verify(NEW, seen_changed)
        except UnicodeDecodeError:
            continue
    for name in ("webhook-id", "webhook-timestamp"):
        headers = {**seen.headers, name: seen.headers[name] + "1"}
        assert not verify(NEW, type(seen)("POST", "/in", headers, seen.body))


def test_a_repetition_has_the_same_id(site, webhook):
    site.routes["/in"] = [Reply(500), Reply(200)]
    with pytest.raises(TransportError) as caught:
        webhook.send(MESSAGE, f"{site.url}/in", key="k")
    assert not caught.value.permanent
    webhook.send(MESSAGE, f"{site.url}/in", key="k")
    assert [seen.headers["webhook-id"] for seen in site.seen] == ["k", "k"]


@pytest.mark.parametrize("key", ["", "a b", "a\r\nX: 1", "a.b", "ö", "x" * 300])
def test_an_odd_key_travels_as_its_hash(key):
    assert safe_id(key) == hashlib.sha256(key.encode()).hexdigest()


@pytest.mark.parametrize(
    "keys", [(), ("whsec_",), ("whsec_!!",), ("whsec_" + "YQ==",), (NEW, "")]
)
def test_without_a_proper_key_nothing_is_sent(site, keys):
    webhook = WebhookTransport(
        policy=lambda: POLICY, keys=lambda _url: keys, clock=lambda: NOW
    )
    with pytest.raises(TransportError) as caught:
        webhook.send(MESSAGE, f"{site.url}/in", key="k")
    assert (caught.value.code, caught.value.permanent) == ("bad_key", True)
    assert site.seen == []


def test_each_endpoint_has_a_key_of_its_own(settings):
    settings.SECRET_KEY = "new" * 20
    settings.SECRET_KEY_FALLBACKS = ["old" * 20]
    keys = endpoint_keys("https://a.example/")
    assert keys == (
        derive_key("new" * 20, "https://a.example/"),
        derive_key("old" * 20, "https://a.example/"),
    )
    assert keys != endpoint_keys("https://b.example/")
    assert sign(keys, "k", NOW, b"{}").count("v1,") == 2


def test_the_signature_that_reference_libraries_test_with_is_ours():
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    moment = datetime.fromtimestamp(1614265330, UTC)
    signature = sign(
        (key,), "msg_p5jXN8AQM9LWM0D4loKWxJek", moment, b'{"test": 2432232314}'
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
