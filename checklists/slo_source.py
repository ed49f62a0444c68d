"""Failing checks as bad time of objectives; see incidents.slo_sources."""

from datetime import datetime

from checklists.models import Check
from checklists.queries.uptime import spans_by_check
from incidents import slo_sources
from incidents.models import Slo


def register_source() -> None:
    """Offer the checks of a service to its objectives."""
    slo_sources.register("checks", read_failing, list_checks)


def read_failing(
    slo: Slo, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return when the objective's checks were failing; three queries.

    Where client errors do not count, the checks that see server errors alone are
    asked. Without named checks it is those that measure uptime.
    """
    named = slo.checks
    if slo.kind == Slo.Kind.ERRORS and not slo.includes_4xx:
        named = slo.server_checks
    checks = Check.objects.filter(service=slo.service_id)
    if named:
        checks = checks.filter(slug__in=named)
    elif slo.kind == Slo.Kind.AVAILABILITY:
        checks = checks.filter(measures_uptime=True)
    else:
        return []
    spans = spans_by_check(checks.values_list("pk", flat=True), start, end)
    return [(span.start, span.end) for found in spans.values() for span in found]


def list_checks(service_pk: int) -> list[tuple[str, str]]:
    """Return slugs and names of the checks of a service."""
    checks = Check.objects.filter(service=service_pk).order_by("name")
    return list(checks.values_list("slug", "name"))
