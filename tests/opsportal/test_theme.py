"""Light or dark, without a script."""

import pytest
from django.http import HttpResponse

from opsportal.kit.theme import COOKIE, keep_theme, read_theme
from opsportal.theme import choose_theme


def post(rf, **data):
    return choose_theme(rf.post("/theme/", data))


@pytest.mark.parametrize(
    ("cookie", "theme"),
    [("", "auto"), ("dark", "dark"), ("light", "light"), ("<b>", "auto")],
)
def test_only_known_themes_are_read(rf, cookie, theme):
    rf.cookies[COOKIE] = cookie
    assert read_theme(rf.get("/")) == theme


def test_the_choice_is_kept_and_leads_back(rf):
    response = post(rf, theme="dark", next="/runs/?page=2")
    assert response.status_code == 302
    assert response["Location"] == "/runs/?page=2"
    kept = response.cookies[COOKIE]
    assert (kept.value, kept["httponly"], kept["samesite"]) == ("dark", True, "Lax")


@pytest.mark.parametrize("chosen", ["auto", "", "purple"])
def test_anything_else_forgets_the_choice(rf, chosen):
    assert post(rf, theme=chosen, next="/").cookies[COOKIE]["max-age"] == 0


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_it_never_leads_to_another_site(rf, away):
    assert post(rf, theme="dark", next=away)["Location"] == "/"


def test_a_link_cannot_change_the_theme(rf):
    assert choose_theme(rf.get("/theme/")).status_code == 405


def test_over_https_the_cookie_is_secure():
    response = HttpResponse()
    keep_theme(response, "light", secure=True)
    assert response.cookies[COOKIE]["secure"] is True
