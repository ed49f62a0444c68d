"""The API of the portal: the apps' routers under one roof, and one form of error."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from checklists.api import router as checklists
from incidents.api import router as incidents
from oncall.api import router as oncall
from oncall.api_auth import TokenAuth
from opsportal.kit.errors import PortalError

api = NinjaAPI(
    title="opsportal",
    version="1",
    description=(
        "Everything that the pages show, with the same permissions. Make a token in "
        "your profile and send it as `Authorization: Bearer`. Moments are RFC 3339; "
        "intervals are half-open. An error is `{error: {code, message, field}}`."
    ),
    auth=TokenAuth(),
    urls_namespace="api",
)
api.add_router("", oncall)
api.add_router("", incidents)
api.add_router("", checklists)


def _answer(
    request: HttpRequest, status: int, code: str, message: str, field: str = ""
) -> HttpResponse:
    body = {"error": {"code": code, "message": message, "field": field}}
    return api.create_response(request, body, status=status)


@api.exception_handler(PortalError)
def refuse(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a refusal with its own status, 422 for bad input."""
    status = 422 if error.status == PortalError.status else error.status
    return _answer(request, status, error.code, error.message, error.field)


@api.exception_handler(PermissionDenied)
def forbid(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer too small a role or scope."""
    return _answer(request, 403, "forbidden", str(error))


@api.exception_handler(Http404)
def miss(request: HttpRequest, _error: Any) -> HttpResponse:
    """Answer what is not there, or is another team's."""
    return _answer(request, 404, "not_found", "There is no such thing.")


@api.exception_handler(ValidationError)
def reject(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer input of the wrong form, naming its first wrong field."""
    first = error.errors[0] if error.errors else {}
    field = ".".join(str(part) for part in first.get("loc", ())[1:])
    return _answer(request, 422, "invalid", first.get("msg", "Invalid input."), field)
