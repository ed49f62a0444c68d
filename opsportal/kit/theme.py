"""The viewer's choice of light or dark: one cookie, no script."""

from typing import Final

from django.http import HttpRequest, HttpResponse

THEMES: Final = ("auto", "light", "dark")
COOKIE: Final = "theme"
_YEAR: Final = 365 * 24 * 3600


def read_theme(request: HttpRequest) -> str:
    """What the viewer chose; "auto" follows the machine and is the default."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in THEMES else THEMES[0]


def keep_theme(response: HttpResponse, chosen: str, *, secure: bool) -> None:
    """Remember `chosen` for a year; anything unknown forgets the choice."""
    if chosen not in THEMES[1:]:
        response.delete_cookie(COOKIE)
        return
    response.set_cookie(
        COOKIE, chosen, max_age=_YEAR, secure=secure, httponly=True, samesite="Lax"
    )
