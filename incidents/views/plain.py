"""The addresses of alerts that runbooks know, without the API's version."""

from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.views.decorators.http import require_GET

from oncall.access import PUBLIC, declares


# The operation itself asks for the token.
@declares(PUBLIC)
@require_GET
def show_alerts(request: HttpRequest, which: str) -> HttpResponse:
    """Answer as /api/v1/alerts/active or /api/v1/alerts/history does."""
    found = resolve(f"/api/v1/alerts/{which}")
    answer: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return answer
