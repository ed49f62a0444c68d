"""What people say about the work of today, and who took a part of it."""

from datetime import datetime

from checklists.models import Cadence, Run
from checklists.services.assigning import assign_runs
from checklists.services.carrying import carry_over
from checklists.services.commenting import comment_on_run
from opsportal.demo.past_runs import LEFT_BY

_SAID = (
    "The index build of last night still runs, so that lag may rise until noon.",
    "Thanks, I look again after lunch.",
)


def seed_talk(cadences: list[Cadence], now: datetime) -> None:
    """Let the first open run have a thread and a person, and cadences carry over."""
    Cadence.objects.filter(pk__in=[each.pk for each in cadences]).update(
        carry_over=Cadence.CarryOver.LINK
    )
    for cadence in cadences:
        if cadence.checklist.name == LEFT_BY:
            _take_over(cadence, now)
    run = Run.objects.filter(state=Run.State.OPEN).order_by("due_at", "pk").first()
    if run is None:
        return
    members = run.team.memberships.order_by("pk")[:2]
    people = [member.user for member in members]
    for person, words in zip(people, _SAID, strict=False):
        comment_on_run(run.pk, words, by=person, now=now)
    assign_runs(run.team_id, [run.pk], people[0], by=people[0], now=now)


def _take_over(cadence: Cadence, now: datetime) -> None:
    """Let the run of today hold what the one before it left undone."""
    cadence.carry_over = Cadence.CarryOver.COPY
    cadence.save(update_fields=["carry_over"])
    for run in cadence.runs.filter(state=Run.State.OPEN).select_related("version"):
        carry_over(cadence, [run], run.version, now=now)
