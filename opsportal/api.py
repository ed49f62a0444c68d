"""The API of the portal: the apps' routers under one roof, and one form of error."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from checklists.api import router as checklists
from checklists.views.assigning_api import router as assigning
from checklists.views.cadences_api import router as cadences
from checklists.views.check_editing_api import router as check_settings
from checklists.views.comments_api import router as run_comments
from checklists.views.dependencies_api import router as dependencies
from checklists.views.drafts_api import router as drafts
from checklists.views.history_api import router as history
from checklists.views.items_api import router as run_items
from checklists.views.library_api import router as check_library
from checklists.views.new_checklists_api import router as new_checklists
from checklists.views.responding_api import router as checks_responding
from checklists.views.run_hooks_api import router as run_hooks
from checklists.views.syncing_api import router as syncing
from checklists.views.texts_api import router as checklist_texts
from checklists.views.weekly_api import router as weekly_reviews
from incidents.amas_api import router as plain_alerts
from incidents.api import router as alerts
from incidents.views.afterwards_api import router as after_incidents
from incidents.views.alert_acts_api import router as alert_acts
from incidents.views.communication_api import router as communication
from incidents.views.incidents_api import router as incidents
from incidents.views.integrations_api import router as integrations
from incidents.views.monthly_api import router as monthly_reports
from incidents.views.noise_api import router as noise
from incidents.views.quieting_api import router as quieting
from incidents.views.reviewing_api import router as reviewing
from incidents.views.severities_api import router as severities
from oncall.api import router as oncall
from oncall.api_auth import TokenAuth
from opsportal.kit.errors import Conflict, PortalError
from opsportal.kit.problems import ErrorOut
from opsportal.views.dashboards_api import router as dashboards
from runbooks.api import router as runbooks
from runbooks.views.responding_api import router as runbooks_responding
from runbooks.views.texts_api import router as runbook_texts

ERRORS = {
    "400": "The body is no JSON.",
    "401": "No live token.",
    "403": "The role or a scope is too small.",
    "404": "There is no such thing, or it belongs to another team.",
    "409": "Not allowed in the present state; the message says what is. `current`, "
    "where it stands beside it, is what another left who was faster.",
    "422": "Input of the wrong form; field names it.",
}


class PortalAPI(NinjaAPI):
    """NinjaAPI whose document says how each operation may refuse."""

    _document: OpenAPISchema | None = None

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the document with the common errors on every operation.

        It says the same until the portal is started anew, and takes a second to write.
        """
        if self._document is None:
            self._document = self._write_document(**options)
        return self._document

    def _write_document(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        parts = document["components"]["schemas"]
        form = ErrorOut.model_json_schema(ref_template="#/components/schemas/{model}")
        parts.update(form.pop("$defs"))
        parts["ErrorOut"] = form
        reference = {"$ref": "#/components/schemas/ErrorOut"}
        content = {"application/json": {"schema": reference}}
        for path in document["paths"].values():
            for operation in path.values():
                answers = operation["responses"]
                for status, words in ERRORS.items():
                    # What an operation says of its own refusals is more exact.
                    own = answers.pop(int(status), {"content": content})
                    answers[status] = {**own, "description": words}
        return document


api = PortalAPI(
    title="opsportal",
    version="1",
    description=(
        "Everything that the pages show, with the same permissions. Make a token in "
        "your profile and send it as `Authorization: Bearer`. Moments are RFC 3339; "
        "intervals are half-open. An error is `{error: {code, message, field}}`."
    ),
    auth=TokenAuth(),
    urls_namespace="api",
    # Its page of the document would be fetched from elsewhere.
    docs_url=None,
)
api.add_router("", oncall)
# Before the others: "active" is no number of an alert.
api.add_router("", plain_alerts)
api.add_router("", alert_acts)
api.add_router("", alerts)
api.add_router("", incidents)
api.add_router("", after_incidents)
api.add_router("", reviewing)
api.add_router("", monthly_reports)
api.add_router("", dashboards)
api.add_router("", communication)
api.add_router("", integrations)
api.add_router("", severities)
api.add_router("", noise)
api.add_router("", quieting)
api.add_router("", checklists)
api.add_router("", run_items)
api.add_router("", checks_responding)
api.add_router("", check_library)
api.add_router("", check_settings)
api.add_router("", dependencies)
api.add_router("", weekly_reviews)
api.add_router("", history)
api.add_router("", checklist_texts)
api.add_router("", drafts)
api.add_router("", new_checklists)
api.add_router("", cadences)
api.add_router("", syncing)
api.add_router("", run_hooks)
api.add_router("", assigning)
api.add_router("", run_comments)
api.add_router("", runbooks)
api.add_router("", runbooks_responding)
api.add_router("", runbook_texts)


def _answer(
    request: HttpRequest,
    status: int,
    code: str,
    message: str,
    field: str = "",
    **more: Any,
) -> HttpResponse:
    body = {"error": {"code": code, "message": message, "field": field}, **more}
    return api.create_response(request, body, status=status)


@api.exception_handler(PortalError)
def refuse(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer a refusal with its own status, 422 for bad input."""
    status = 422 if error.status == PortalError.status else error.status
    theirs = error.current if isinstance(error, Conflict) else None
    more = {"current": theirs.model_dump()} if isinstance(theirs, Schema) else {}
    return _answer(request, status, error.code, error.message, error.field, **more)


@api.exception_handler(AuthenticationError)
def turn_away(request: HttpRequest, _error: Any) -> HttpResponse:
    """Answer a call without a live token."""
    answer = _answer(request, 401, "unauthorized", "Send a live token as Bearer.")
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def stop(request: HttpRequest, error: Any) -> HttpResponse:
    """Answer what ninja itself refuses, such as a body that is no JSON."""
    return _answer(request, error.status_code, "bad_request", str(error))


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
