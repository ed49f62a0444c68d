"""Whom a cadence may be for, and what the API shows of one."""

from django.db.models import QuerySet

from checklists.models import Cadence
from oncall.models import Rotation, Schedule, User


def cadences_of(checklist_pk: int) -> QuerySet[Cadence]:
    """Return the cadences of a checklist, the oldest first, with whom they concern."""
    rows = Cadence.objects.filter(checklist=checklist_pk)
    return rows.select_related("assignee_user", "assignee_schedule").order_by("pk")


def find_member(team_pk: int, username: str) -> User | None:
    """Return an active member of a team."""
    members = User.objects.filter(memberships__team=team_pk, is_active=True)
    return members.filter(username=username).first()


def find_schedule(team_pk: int, slug: str) -> Schedule | None:
    """Return a schedule of a team."""
    return Schedule.objects.filter(team=team_pk, slug=slug).first()


def find_rotation(team_pk: int, pk: int) -> Rotation | None:
    """Return a rotation of a schedule of a team."""
    return Rotation.objects.filter(schedule__team=team_pk, pk=pk).first()
