"""Reading services."""

from collections.abc import Collection

from oncall.models import EscalationPolicy, Schedule, Service


def get_service(slug: str, team_ids: Collection[int]) -> Service | None:
    """Return a service of one of the teams, with its team and schedule."""
    return (
        Service.objects.filter(slug=slug, team__in=team_ids)
        .select_related("team", "schedule", "policy")
        .first()
    )


def list_services(team_ids: Collection[int]) -> list[Service]:
    """Return the services of the teams in their order, with what they follow."""
    rows = Service.objects.filter(team__in=team_ids)
    return list(rows.select_related("team", "schedule", "policy"))


def choices_of(team_pk: int) -> tuple[list[Schedule], list[EscalationPolicy]]:
    """Return what a service of the team may follow: schedules and policies by name."""
    return (
        list(Schedule.objects.filter(team=team_pk, is_active=True).order_by("name")),
        list(EscalationPolicy.objects.filter(team=team_pk).order_by("name")),
    )
