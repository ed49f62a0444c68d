"""What can be given to a person: open runs and cadences, by team."""

from collections.abc import Collection
from dataclasses import dataclass

from checklists.models import Cadence, Run
from oncall.models import Membership, Team, User


@dataclass(frozen=True, slots=True)
class TeamWork:
    """A team with its open runs, its cadences, and its members."""

    team: Team
    runs: list[Run]
    cadences: list[Cadence]
    people: list[User]


def work_of(team_ids: Collection[int]) -> list[TeamWork]:
    """Return what each of the teams could give away; four queries."""
    teams = list(Team.objects.filter(pk__in=team_ids).order_by("name"))
    runs = list(
        Run.objects.filter(team__in=team_ids)
        .exclude(state=Run.State.CLOSED)
        .select_related("checklist", "assignee_user")
        .order_by("due_at", "pk")
    )
    cadences = list(
        Cadence.objects.filter(
            checklist__team__in=team_ids, checklist__is_archived=False
        )
        .select_related("checklist", "assignee_user", "assignee_schedule", "rotation")
        .order_by("checklist__name", "pk")
    )
    members = Membership.objects.filter(team__in=team_ids, user__is_active=True)
    pairs = list(members.select_related("user").order_by("user__name", "user__pk"))
    return [
        TeamWork(
            team=team,
            runs=[run for run in runs if run.team_id == team.pk],
            cadences=[row for row in cadences if row.checklist.team_id == team.pk],
            people=[each.user for each in pairs if each.team_id == team.pk],
        )
        for team in teams
    ]
