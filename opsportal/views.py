"""The roof's own pages: home, and what machines ask."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from oncall.access import MEMBER, PUBLIC, PortalRequest, declares


@declares(MEMBER)
def show_today(request: PortalRequest) -> HttpResponse:
    """The morning page."""
    return HttpResponse("Today")


@declares(PUBLIC)
def report_health(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    moment = timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return JsonResponse({"status": "ok", "timestamp": moment})


@declares(PUBLIC)
def report_readiness(request: HttpRequest) -> JsonResponse:
    """Say that the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@declares(PUBLIC)
def report_engine(request: HttpRequest) -> JsonResponse:
    """Say that the sweeps run."""
    return JsonResponse({"status": "ok"})


@declares(PUBLIC)
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus."""
    return HttpResponse("")
