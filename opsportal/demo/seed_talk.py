"""What people say about the work of today, and who took a part of it."""

from datetime import datetime

from checklists.models import Cadence, Run
from checklists.services.assigning import assign_runs
from checklists.services.commenting import comment_on_run

_SAID = (
    "The index build of last night still runs, so that lag may rise until noon.",
    "Thanks, I look again after lunch.",
)


def seed_talk(cadences: list[Cadence], now: datetime) -> None:
    """Let the first open run have a thread and a person, and cadences carry over."""
    Cadence.objects.filter(pk__in=[each.pk for each in cadences]).update(
        carry_over=Cadence.CarryOver.LINK
    )
    run = Run.objects.filter(state=Run.State.OPEN).order_by("due_at", "pk").first()
    if run is None:
        return
    members = run.team.memberships.order_by("pk")[:2]
    people = [member.user for member in members]
    for person, words in zip(people, _SAID, strict=False):
        comment_on_run(run.pk, words, by=person, now=now)
    assign_runs(run.team_id, [run.pk], people[0], by=people[0], now=now)
