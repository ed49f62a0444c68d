"""What machines ask: health, readiness, figures."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST

from oncall.access import PUBLIC, declares
from oncall.models import Scope
from oncall.queries.sweeps import late_sweeps
from oncall.services.tokens import find_token
from opsportal.engine import URGENT_SWEEPS
from opsportal.metrics import write_metrics

log = logging.getLogger(__name__)


@declares(PUBLIC)
def report_health(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    moment = timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return JsonResponse({"status": "ok", "timestamp": moment})


@declares(PUBLIC)
def report_readiness(request: HttpRequest) -> JsonResponse:
    """Say that the database answers: 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("not_ready")
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@declares(PUBLIC)
def report_engine(request: HttpRequest) -> JsonResponse:
    """Say that every sweep ran lately: 503 names those that did not."""
    now = timezone.now()
    late = late_sweeps(URGENT_SWEEPS, now)
    body = {"status": "late" if late else "ok", "late": late}
    return JsonResponse(body, status=503 if late else 200)


@declares(PUBLIC)
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever has the token."""
    now = timezone.now()
    if not _may_read_metrics(request, now):
        answer = HttpResponse("Send a token with the metrics scope.\n", status=401)
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(write_metrics(now), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest, now: datetime) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given:
        return False
    configured = settings.METRICS_TOKEN
    if configured and constant_time_compare(given, configured):
        return True
    token = find_token(given, now=now)
    return token is not None and Scope.METRICS in token.scopes
