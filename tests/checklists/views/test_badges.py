"""Badges: public by an address that nobody can guess."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from checklists.models import Check
from checklists.queries.badges import badge_token
from tests.factories.checklists import CheckFactory, CheckFlipFactory, settle_check
from tests.factories.runs import NOW

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def badged(service):
    return CheckFactory(service=service, name="API <answers>")


def badge(check, what="status", token=None):
    token = token or badge_token(check.pk)
    return Client().get(reverse("badge", args=[token, what]))


def title_of(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml"
    assert b"style=" not in response.content
    root = ElementTree.fromstring(response.content)  # noqa: S314 -- our own drawing
    return root[0].text


def test_anybody_with_the_address_sees_the_status(badged):
    assert title_of(badge(badged)) == "API <answers>: not checked yet"
    for status, words in (
        ("pass", "passing"),
        ("fail", "failing"),
        ("unknown", "unknown"),
    ):
        settle_check(badged, status)
        assert title_of(badge(badged)) == f"API <answers>: {words}"
    Check.objects.update(is_enabled=False)
    response = badge(badged)
    assert title_of(response) == "API <answers>: stopped"
    assert response["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("down", "words"),
    [
        (0, "100 %"),
        (1, "99.99 %"),
        (60 * 5, "99.31 %"),
        (60 * 24, "96.67 %"),
    ],
)
def test_uptime_comes_from_confirmed_changes(badged, down, words):
    assert title_of(badge(badged, "uptime")) == "API <answers> uptime: not watched"
    CheckFlipFactory(check_ref=badged, at=NOW - 90 * DAY, new_status="pass")
    if down:
        began = NOW - 2 * DAY
        CheckFlipFactory(check_ref=badged, at=began)
        after = began + timedelta(minutes=down)
        CheckFlipFactory(check_ref=badged, at=after, new_status="pass")
    assert title_of(badge(badged, "uptime")) == f"API <answers> uptime: {words}"


def test_other_addresses_lead_nowhere(badged):
    token = badge_token(badged.pk)
    for wrong in (f"{token}x", token.replace(".", ".x"), str(badged.pk), "x.y"):
        assert badge(badged, token=wrong).status_code == 404
    assert badge(badged, "secrets").status_code == 404
    badged.delete()
    assert badge(badged, token=token).status_code == 404


def test_a_long_name_is_cut(badged):
    Check.objects.update(name="x" * 100)
    assert title_of(badge(badged)).startswith("x" * 59 + "…: ")


def test_the_page_of_a_check_gives_the_addresses(sign_in, badged):
    html = sign_in("viewer").get(reverse("check_detail", args=[badged.pk])).content
    for what in ("status", "uptime"):
        address = reverse("badge", args=[badge_token(badged.pk), what])
        assert f"http://testserver{address}".encode() in html
