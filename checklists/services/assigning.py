"""Giving runs and cadences to one person, several at once."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from checklists.models import Cadence, Run
from checklists.services.events import NewEvent, append_events
from oncall.models import Membership, User
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError


def assign_runs(
    team_id: int,
    run_pks: Collection[int],
    person: User | None,
    *,
    by: User,
    now: datetime,
) -> int:
    """Give these runs of a team to a member, whatever their cadences say.

    None gives them back to whom their cadences say. Closed runs and those that are
    the person's already stay as they are. Returns how many changed; the person is
    told of all of them at once. Raises PortalError for somebody of another team.
    """
    _require_member(team_id, person)
    with transaction.atomic():
        rows = (
            Run.objects.select_for_update(of=("self",))
            .select_related("checklist", "assignee_user")
            .filter(pk__in=run_pks, team=team_id)
            .exclude(state=Run.State.CLOSED)
            .order_by("pk")
        )
        changed = [run for run in rows if run.assignee_user != person]
        for run in changed:
            _assign_run(run, person, by=by, now=now)
        if changed:
            touch_team(team_id)
        if changed and person is not None and person != by:
            _tell(team_id, changed, person, by, now)
    return len(changed)


def assign_cadences(
    team_id: int,
    cadence_pks: Collection[int],
    person: User | None,
    *,
    by: User,
    now: datetime,
) -> int:
    """Let the runs of these cadences be for one member, None for the whole team.

    Runs that are open follow, unless somebody gave them away by hand. Returns how
    many cadences changed. Raises PortalError for somebody of another team.
    """
    _require_member(team_id, person)
    kind = Cadence.Assignee.USER if person else Cadence.Assignee.TEAM
    with transaction.atomic():
        rows = (
            Cadence.objects.select_for_update(of=("self",))
            .select_related("assignee_user")
            .filter(pk__in=cadence_pks, checklist__team=team_id)
            .order_by("pk")
        )
        changed = [
            row for row in rows if (row.assignee, row.assignee_user) != (kind, person)
        ]
        for cadence in changed:
            before = {"assignee": cadence.assignee, "person": cadence.assignee_user_id}
            cadence.assignee, cadence.assignee_user = kind, person
            cadence.save(update_fields=["assignee", "assignee_user"])
            record_change(
                "cadence.assigned",
                cadence,
                by=by,
                now=now,
                team_id=team_id,
                before=before,
                after={"assignee": kind.value, "person": cadence.assignee_user_id},
            )
        if changed:
            touch_team(team_id)
    return len(changed)


def _require_member(team_id: int, person: User | None) -> None:
    if person is None:
        return
    mine = Membership.objects.filter(team_id=team_id, user=person)
    if not person.is_active or not mine.exists():
        raise PortalError("Choose a member of the team.", field="person")


def _assign_run(run: Run, person: User | None, *, by: User, now: datetime) -> None:
    before, after = (_name(each) for each in (run.assignee_user, person))
    run.assignee_user = person
    run.save(update_fields=["assignee_user"])
    event = NewEvent(
        verb="assigned", by=by, before={"assignee": before}, after={"assignee": after}
    )
    append_events(run, [event], now=now)
    record_change(
        "run.assigned",
        run,
        by=by,
        now=now,
        team_id=run.team_id,
        before={"assignee": before},
        after={"assignee": after},
    )


def _name(person: User | None) -> str:
    return person.username if person else ""


def _tell(team_id: int, runs: list[Run], person: User, by: User, now: datetime) -> None:
    lines = [
        f"{run.checklist.name} ({run.period_key})\n"
        f"{settings.SITE_URL}{reverse('run_detail', args=[run.pk])}"
        for run in runs
    ]
    what = "a run" if len(runs) == 1 else f"{len(runs)} runs"
    url = settings.SITE_URL + reverse("run_detail", args=[runs[0].pk])
    notifications.enqueue(
        team_id=team_id,
        topic=f"run-assignment:{runs[0].pk}",
        dedupe_key=f"run-assignment:{person.pk}:{runs[0].pk}:{now.isoformat()}",
        recipient=person,
        subject=f"{by.display_name} gave you {what}",
        text="\n\n".join(lines),
        url=url,
        now=now,
    )
