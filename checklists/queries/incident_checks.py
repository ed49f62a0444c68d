"""The checks that belong to an incident: of its services, and linked by hand."""

from collections.abc import Collection
from typing import Final

from django.db.models import Case, IntegerField, QuerySet, Value, When

from checklists.models import Check, Run
from checklists.queries.checks import CheckRow, as_check_rows
from incidents.models import Incident

MOST: Final = 12
# What is wrong is what a responder looks for.
_WORST_FIRST: Final = Case(
    When(status="fail", then=Value(0)),
    When(status="unknown", then=Value(1)),
    When(status="pass", then=Value(3)),
    default=Value(2),
    output_field=IntegerField(),
)


def linked_checks(incident: Incident) -> set[int]:
    """Return the keys of the checks that somebody put into the timeline."""
    entries = incident.timeline.filter(kind="check").values_list("data", flat=True)
    return {data["check"] for data in entries}


def list_incident_checks(incident: Incident, linked: Collection[int]) -> list[CheckRow]:
    """Return its checks, linked ones first, then what fails; at most twelve more.

    Those of its services that are on count, and whatever was linked.
    """
    by_hand = _in_order(Check.objects.filter(pk__in=linked))
    of_services = _in_order(
        Check.objects.filter(
            service__in=incident.services.all(), is_enabled=True
        ).exclude(pk__in=linked)
    )
    return as_check_rows(by_hand) + as_check_rows(of_services[:MOST])


def list_linkable_checks(
    incident: Incident, linked: Collection[int]
) -> list[tuple[int, str]]:
    """Return the team's checks that are not linked yet: key, service and name."""
    rows = Check.objects.filter(service__team=incident.team_id, is_enabled=True)
    return [
        (pk, f"{service}: {name}")
        for pk, service, name in rows.exclude(pk__in=linked)
        .order_by("service__position", "service__name", "name", "pk")
        .values_list("pk", "service__name", "name")
    ]


def list_incident_runs(incident: Incident) -> list[Run]:
    """Return the runs that answer an incident with their items, newest first."""
    return list(
        Run.objects.filter(incident=incident)
        .select_related("checklist")
        .prefetch_related("items__item")
        .order_by("-opens_at", "-pk")
    )


def _in_order(checks: QuerySet[Check]) -> QuerySet[Check]:
    return checks.order_by(_WORST_FIRST, "service__name", "name", "pk")
