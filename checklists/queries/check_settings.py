"""Checks by the names that settings are kept under elsewhere: service/check."""

from collections.abc import Sequence

from django.db.models import Prefetch

from checklists.models import Check
from opsportal.kit.errors import PortalError


def find_named(service_pk: int, slug: str) -> Check | None:
    """Return a check of a service with its parents, in name order."""
    parents = Check.objects.select_related("service").order_by("service__slug", "slug")
    rows = Check.objects.select_related("service__team").filter(service=service_pk)
    return (
        rows.prefetch_related(Prefetch("depends_on", parents)).filter(slug=slug).first()
    )


def name_of(check: Check) -> str:
    """Return the name of a check beyond its service."""
    return f"{check.service.slug}/{check.slug}"


def read_parents(team_pk: int, names: Sequence[str]) -> tuple[Check, ...]:
    """Return the named checks of a team. Raises PortalError for one it has not."""
    slugs = {name.rpartition("/")[2] for name in names}
    rows = Check.objects.filter(service__team=team_pk, slug__in=slugs)
    known = {name_of(check): check for check in rows.select_related("service")}
    for name in names:
        if name not in known:
            raise PortalError(
                f"The team has no check “{name}”. Write service/check.",
                field="depends_on",
            )
    return tuple(known[name] for name in dict.fromkeys(names))
