"""Reading services."""

from collections.abc import Collection

from oncall.models import Service


def get_service(slug: str, team_ids: Collection[int]) -> Service | None:
    """Return a service of one of the teams, with its team and schedule."""
    return (
        Service.objects.filter(slug=slug, team__in=team_ids)
        .select_related("team", "schedule", "policy")
        .first()
    )


def list_services(team_ids: Collection[int]) -> list[Service]:
    """Return the services of the teams in their order, with their teams."""
    return list(Service.objects.filter(team__in=team_ids).select_related("team"))
