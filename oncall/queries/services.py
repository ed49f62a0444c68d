"""Reading services."""

from collections.abc import Collection

from django.db.models import Q

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


def choices_of(
    team_pk: int, service: Service | None = None
) -> tuple[list[Schedule], list[EscalationPolicy]]:
    """Return what a service of the team may follow: schedules and policies by name.

    What ``service`` follows already is among them, archived or not.
    """
    kept = (service.schedule_id, service.policy_id) if service else (None, None)
    schedules = Schedule.objects.filter(Q(team=team_pk, is_active=True) | Q(pk=kept[0]))
    policies = EscalationPolicy.objects.filter(Q(team=team_pk) | Q(pk=kept[1]))
    return list(schedules.order_by("name")), list(policies.order_by("name"))
