"""Reading services, as far as alerts and incidents show them."""

from collections.abc import Collection
from typing import NamedTuple

from oncall.models import Service


class ServiceRow(NamedTuple):
    """One service in a choice."""

    pk: int
    team_id: int
    slug: str
    name: str


def list_services(team_ids: Collection[int]) -> list[ServiceRow]:
    """Return the services of the teams, in their order."""
    rows = (
        Service.objects.filter(team_id__in=team_ids)
        .order_by("position", "name")
        .values_list("pk", "team_id", "slug", "name")
    )
    return [ServiceRow._make(row) for row in rows]


def get_services(team_ids: Collection[int], pks: Collection[int]) -> list[Service]:
    """Return those of the services that belong to the teams, in the asked order."""
    found = Service.objects.select_related("team").filter(team_id__in=team_ids)
    by_pk = found.in_bulk(list(pks))
    return [by_pk[pk] for pk in pks if pk in by_pk]


def find_services(team_ids: Collection[int], slugs: Collection[str]) -> list[Service]:
    """Return those of the named services that belong to the teams, as asked."""
    found = Service.objects.select_related("team").filter(
        team_id__in=team_ids, slug__in=slugs
    )
    by_slug = {service.slug: service for service in found}
    return [by_slug[slug] for slug in slugs if slug in by_slug]
