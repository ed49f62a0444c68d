import json
from urllib.parse import parse_qs, urlsplit

import pytest

from oncall.transports import Message, TransportError
from oncall.transports.sms import Gateway, SmsTransport, fill_body, write_text
from tests.oncall.transports.conftest import NOW, POLICY
from tests.targets import Reply

LINK = "https://ops.example.org/alerts/12/"
PAGE = Message("Queue is full", "value 900", url=LINK, reference="alert 12")
NUMBER = "+48123456789"


def sms(site, **changes):
    plain = {"url": f"{site.url}/send", "headers": {"X-Key": "planted"}}
    gateway = Gateway(**{**plain, **changes})
    return SmsTransport(lambda: gateway, policy=lambda: POLICY, clock=lambda: NOW)


def test_a_gateway_gets_json_with_its_secret(site):
    site.routes["/send"] = Reply(202)
    receipt = sms(site).send(PAGE, NUMBER, key="alert:12:m1")
    (seen,) = site.seen
    assert json.loads(seen.body) == {
        "to": NUMBER,
        "text": f"alert 12: Queue is full {LINK}",
    }
    assert seen.headers["x-key"] == "planted"
    assert receipt.detail == "The SMS gateway took it: 202."


def test_a_gateway_may_want_a_form(site):
    site.routes["/send"] = Reply(201)
    body = {"To": "{to}", "From": "Ops", "Body": "{text}"}
    sms(site, format="form", body=body).send(PAGE, NUMBER, key="k")
    (seen,) = site.seen
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    sent = parse_qs(seen.body.decode())
    assert (sent["To"], sent["From"]) == ([NUMBER], ["Ops"])


def test_a_gateway_may_want_everything_in_the_address(site):
    site.routes["/send"] = Reply(200)
    url = f"{site.url}/send?to={{to}}&text={{text}}"
    sms(site, method="GET", url=url).send(
        Message("a&b={to}", "", url=LINK), NUMBER, key="k"
    )
    (seen,) = site.seen
    assert (seen.method, seen.body) == ("GET", b"")
    sent = parse_qs(urlsplit(seen.path).query)
    assert sent == {"to": [NUMBER], "text": [f"a&b={{to}} {LINK}"]}


@pytest.mark.parametrize(("status", "permanent"), [(500, False), (401, True)])
def test_the_gateway_decides_whether_to_try_again(site, status, permanent):
    site.routes["/send"] = Reply(status)
    with pytest.raises(TransportError) as caught:
        sms(site).send(PAGE, NUMBER, key="k")
    assert caught.value.permanent is permanent
    assert NUMBER not in caught.value.message


def test_without_a_gateway_it_says_so(settings):
    settings.SMS_URL = ""
    with pytest.raises(TransportError, match="No SMS gateway") as caught:
        SmsTransport().send(PAGE, NUMBER, key="k")
    assert caught.value.permanent


@pytest.mark.parametrize(("name", "value"), [("METHOD", "BREW"), ("FORMAT", "xml")])
def test_a_gateway_that_is_configured_wrongly_is_not_asked(settings, name, value):
    settings.SMS_URL = "https://sms.example.org/"
    setattr(settings, f"SMS_{name}", value)
    with pytest.raises(TransportError, match="wrongly"):
        SmsTransport().send(PAGE, NUMBER, key="k")


def test_the_settings_describe_the_gateway(site, settings):
    site.routes["/send"] = Reply(200)
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"
    settings.SMS_URL = f"{site.url}/send"
    settings.SMS_BODY = {"messages": [{"to": ["{to}"], "text": "{text}"}], "n": 1}
    SmsTransport().send(PAGE, NUMBER, key="k")
    sent = json.loads(site.seen[0].body)
    assert sent["messages"][0]["to"] == [NUMBER]
    assert sent["n"] == 1


def test_a_text_is_short_and_keeps_its_link():
    long = Message("x" * 500, "", url=LINK, reference="alert 12")
    text = write_text(long)
    assert len(text) == 306
    assert text.startswith("alert 12: xxx")
    assert text.endswith(f"x… {LINK}")
    endless = Message("x" * 500, "", url="https://x/" + "y" * 300)
    assert write_text(endless) == "x" * 305 + "…"


def test_a_text_without_a_link_says_more():
    assert write_text(Message("Your code", "1234 5678\n\nEnter it")) == (
        "Your code 1234 5678 Enter it"
    )
    known = Message("alert 12 is back", "", reference="alert 12")
    assert write_text(known) == "alert 12 is back"


def test_a_text_that_looks_like_a_place_means_itself():
    values = {"to": NUMBER, "text": "call {to} {text}"}
    assert fill_body("{text}!", values) == "call {to} {text}!"
