"""Who calls the API, and what of it they may do."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import HttpBearer

from oncall.access import Actor, teams_of
from oncall.domain.permission import scope_allows
from oncall.services.tokens import find_token


class ApiRequest(HttpRequest):
    """A request that TokenAuth let in."""

    auth: Actor


class TokenAuth(HttpBearer):
    """`Authorization: Bearer opp_api_...`; gives the Actor behind the token.

    ``takes_files``: the body is a form of several parts, of which only the texts are
    looked at; it is read when the token is known to live.
    """

    def __init__(self, *, takes_files: bool = False) -> None:
        super().__init__()
        self._takes_files = takes_files

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Return the actor of a live token; None is answered with 401."""
        _refuse_nul_in_address(request)
        if not self._takes_files:
            _refuse_nul(request.body)
        row = find_token(token, now=timezone.now())
        if row is None:
            return None
        if self._takes_files:
            texts = [text for _, said in request.POST.lists() for text in said]
            _refuse_nul("".join(texts).encode())
        return Actor(
            user=row.user,
            scopes=frozenset(row.scopes),
            team_id=row.team_id,
            label=f"token:{row.prefix}",
        )


# No text of the database can hold it, so it is refused before anything reads it.
def _refuse_nul_in_address(request: HttpRequest) -> None:
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        raise HttpError(400, "An address cannot contain a NUL character.")


def _refuse_nul(body: bytes) -> None:
    if b"\0" in body or b"\\u0000" in body:
        raise HttpError(400, "A text cannot contain a NUL character.")


def own_teams(request: ApiRequest) -> list[int]:
    """Return the ids of the token's teams, to find what an act is about.

    The act itself asks `authorize`, so no scope is asked here.
    """
    return list(teams_of(request.auth).values_list("pk", flat=True))


def readable_teams(request: ApiRequest) -> list[int]:
    """Return the ids of the teams that the token may read.

    Raises PermissionDenied when its scopes do not include reading.
    """
    scopes = request.auth.scopes
    if scopes is not None and not scope_allows(scopes, "team.see"):
        raise PermissionDenied("This token has no read scope.")
    return own_teams(request)
