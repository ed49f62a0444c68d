"""Failing checks as bad time of objectives; see incidents.slo_sources."""

from collections.abc import Sequence
from datetime import datetime

from checklists.models import Check
from checklists.queries.uptime import spans_by_check
from incidents import slo_sources
from incidents.models import Slo
from incidents.slo_sources import Stretches


def register_source() -> None:
    """Offer the checks of a service to its objectives."""
    slo_sources.register("checks", read_failing, list_checks)


def read_failing(
    slos: Sequence[Slo], start: datetime, end: datetime
) -> dict[int, Stretches]:
    """Return when the checks of each objective were failing; three queries.

    Where client errors do not count, the checks that see server errors alone are
    asked. Without named checks it is those that measure uptime.
    """
    services = {slo.service_id for slo in slos}
    checks = list(Check.objects.filter(service__in=services).order_by("pk"))
    asked = {
        slo.pk: [check.pk for check in checks if _asks(slo, check)] for slo in slos
    }
    pks = {pk for chosen in asked.values() for pk in chosen}
    spans = spans_by_check(sorted(pks), start, end)
    return {
        pk: [(span.start, span.end) for each in chosen for span in spans[each]]
        for pk, chosen in asked.items()
    }


def list_checks(service_pk: int) -> list[tuple[str, str]]:
    """Return slugs and names of the checks of a service."""
    checks = Check.objects.filter(service=service_pk).order_by("name")
    return list(checks.values_list("slug", "name"))


def _asks(slo: Slo, check: Check) -> bool:
    if check.service_id != slo.service_id:
        return False
    named = slo.checks
    if slo.kind == Slo.Kind.ERRORS and not slo.includes_4xx:
        named = slo.server_checks
    if named:
        return check.slug in named
    return slo.kind == Slo.Kind.AVAILABILITY and check.measures_uptime
