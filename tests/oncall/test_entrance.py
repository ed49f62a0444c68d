"""Whoever was signed out comes out on the page they had open."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

ACT = "/alerts/many/"
PAGE = "http://testserver/alerts/?tab=active"


def next_of(url):
    return parse_qs(urlsplit(url).query)["next"]


def said(answer):
    return [str(each) for each in answer.wsgi_request._messages]


def test_an_address_is_opened_after_signing_in(client):
    answer = client.get("/alerts/?tab=active")
    assert next_of(answer["Location"]) == ["/alerts/?tab=active"]
    assert said(answer) == []


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (PAGE, "/alerts/?tab=active"),
        ("http://testserver/alerts/7/", "/alerts/7/"),
        ("http://testserver", "/"),
        ("https://elsewhere.example/alerts/", "/"),
        ("", "/"),
    ],
)
def test_what_was_pressed_leads_back_to_its_page(client, referer, back):
    answer = client.post(ACT, headers={"referer": referer})
    assert answer["Location"].startswith(reverse("account_login"))
    assert next_of(answer["Location"]) == [back]
    assert said(answer) == [
        "You were signed out, so that was not saved. Sign in and do it again."
    ]


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client):
    asked = {"HX-Request": "true", "HX-Current-URL": PAGE}
    answer = client.get("/alerts/", headers=asked)
    assert (answer.status_code, answer.content) == (200, b"")
    assert next_of(answer["HX-Redirect"]) == ["/alerts/?tab=active"]
    assert said(answer) == []
    pressed = client.post(ACT, headers=asked)
    assert next_of(pressed["HX-Redirect"]) == ["/alerts/?tab=active"]
    assert len(said(pressed)) == 1
