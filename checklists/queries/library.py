"""What one service has said to the check library, and what came of it."""

from checklists.domain.check_library import PLACES_BY_NAME
from checklists.models import DataSource, LibraryCheck, ServiceMapping


def places_of(service_pk: int) -> dict[str, str]:
    """Return what stands in every place for a service; "" where nothing does."""
    mappings = ServiceMapping.objects.filter(service=service_pk)
    said = mappings.values_list("places", flat=True).first() or {}
    return {
        name: said.get(name) or place.default for name, place in PLACES_BY_NAME.items()
    }


def made_of(service_pk: int) -> dict[str, LibraryCheck]:
    """Return by template what the library made for a service, with its check."""
    rows = LibraryCheck.objects.filter(service=service_pk).select_related("check_ref")
    return {row.template: row for row in rows}


def source_names(team_pk: int) -> list[str]:
    """Return the names of a team's data sources."""
    sources = DataSource.objects.filter(team=team_pk)
    return list(sources.values_list("name", flat=True))
