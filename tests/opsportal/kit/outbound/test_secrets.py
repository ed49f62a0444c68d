import base64
import json
from urllib.parse import quote

import pytest

from opsportal.kit.outbound import (
    BoundSecret,
    SecretBook,
    SecretRefused,
    secret_names,
)

KEY = 'p&ss"wörd/+='
BOOK = SecretBook(
    {
        "api": BoundSecret(KEY, ("api.example.com", "*.svc.example.com")),
        "other": BoundSecret("hunter2hunter2", ("10.0.0.1",)),
        "empty": BoundSecret("", ("x",)),
    }
)


def test_a_secret_is_filled_in_for_its_hosts():
    text = "Bearer {{secret:api}} {{ secret:api }}"
    assert BOOK.fill(text, host="API.example.com.") == f"Bearer {KEY} {KEY}"
    assert BOOK.fill("{{secret:api}}", host="a.svc.example.com") == KEY
    assert BOOK.fill("{{secret:other}}", host="10.0.0.1") == "hunter2hunter2"
    assert BOOK.fill("plain", host="anywhere") == "plain"


@pytest.mark.parametrize(
    "host",
    ["evil.com", "svc.example.com", "api.example.com.evil.com", "xapi.example.com"],
)
def test_a_secret_is_not_sent_to_others(host):
    with pytest.raises(SecretRefused, match="not bound") as caught:
        BOOK.fill("{{secret:api}}", host=host)
    assert KEY not in str(caught.value)


def test_a_secret_that_is_not_there_is_named():
    with pytest.raises(SecretRefused, match="no secret named nope"):
        BOOK.fill("{{secret:nope}}", host="api.example.com")


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY),
        json.dumps(KEY),
        base64.b64encode(KEY.encode()).decode(),
    ],
)
def test_a_secret_is_hidden_in_every_form(form):
    hidden = BOOK.redact(f"before {form} after")
    assert form.strip('"') not in hidden
    assert "[secret]" in hidden
    assert hidden.startswith("before ")


def test_secrets_are_hidden_deep_inside():
    value = {"a": [KEY, 1], KEY: ("x", None)}
    assert BOOK.redact_value(value) == {
        "a": ["[secret]", 1],
        "[secret]": ["x", None],
    }


def test_without_secrets_nothing_is_touched():
    book = SecretBook({})
    value = {"a": (1,)}
    assert book.redact_value(value) is value
    assert book.redact("text") == "text"


def test_a_secret_does_not_show_itself():
    assert KEY not in repr(BoundSecret(KEY, ("x",)))


def test_the_names_in_texts_are_found():
    texts = ["{{secret:a}} {{secret:b.c}}", "none"]
    assert secret_names(texts) == {"a", "b.c"}
