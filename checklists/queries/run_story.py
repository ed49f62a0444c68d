"""What happened in a run, and what moved since somebody looked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet

from checklists.models import Attachment, Check, Run, RunEvent, RunItem
from oncall.models import Membership
from oncall.queries import users_on_call


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; ``by`` is empty when the portal did it."""

    number: int
    at: datetime
    verb: str
    item: str
    by: str
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file or photo of an item."""

    pk: int
    run_item_id: int
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an item of a run comes from that its version alone does not explain.

    ``run`` and ``period_key`` are those of the run that first left it open;
    ``is_gone`` says that the version of the run has it no more.
    """

    run: int | None
    period_key: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far a run is: its newest event, and the newest look of its checks."""

    event: int
    looked_at: datetime | None


def events_of(run_pk: int) -> list[EventRow]:
    """Return the events of a run, newest first."""
    rows = (
        RunEvent.objects.filter(run_id=run_pk)
        .order_by("-number")
        .values_list(
            "number",
            "at",
            "verb",
            "run_item__item__text",
            "actor__name",
            "actor__username",
            "before",
            "after",
            "reason",
        )
    )
    return [
        EventRow(number, at, verb, item or "", name or username or "", *rest)
        for number, at, verb, item, name, username, *rest in rows
    ]


def comments_of(run_pk: int) -> list[EventRow]:
    """Return what people said about a run, oldest first."""
    rows = RunEvent.objects.filter(run_id=run_pk, verb="commented").order_by("number")
    return [
        EventRow(number, at, verb, "", name or username or "", *rest)
        for number, at, verb, name, username, *rest in rows.values_list(
            "number", "at", "verb", "actor__name", "actor__username",
            "before", "after", "reason",
        )
    ]  # fmt: skip


def names_in(team_id: int) -> list[str]:
    """Return the user names of a team's active members, for mentions."""
    members = Membership.objects.filter(team_id=team_id, user__is_active=True)
    names = members.order_by("user__username").distinct()
    return list(names.values_list("user__username", flat=True))


def attachments_of(run_pk: int) -> dict[int, list[AttachmentRow]]:
    """Return the files of a run by item."""
    rows = Attachment.objects.filter(run_item__run_id=run_pk).order_by("pk")
    found: dict[int, list[AttachmentRow]] = {}
    for row in rows.values_list("pk", "run_item_id", "name", "content_type", "size"):
        each = AttachmentRow(*row)
        found.setdefault(each.run_item_id, []).append(each)
    return found


def origins_of(run: Run) -> dict[int, Origin]:
    """Return the items of a run that were carried over, or left out since."""
    rows = RunItem.objects.filter(run=run).exclude(
        carried_from__isnull=True, item__version=run.version_id
    )
    return {
        pk: Origin(carried, key or "", version != run.version_id)
        for pk, carried, key, version in rows.values_list(
            "pk", "carried_from_id", "carried_from__period_key", "item__version_id"
        )
    }


def neighbours_of(run: Run) -> tuple[Run | None, Run | None]:
    """Return the unfinished run before this one, and the one that took over."""
    return run.carried_from, run.carried_into.order_by("opens_at", "pk").first()


def pulse_of(run_pk: int, version_pk: int) -> Pulse:
    """Return how far a run is; two queries."""
    event = RunEvent.objects.filter(run_id=run_pk).aggregate(last=Max("number"))
    look = Check.objects.filter(items__version_id=version_pk).aggregate(
        last=Max("last_observed_at")
    )
    return Pulse(event["last"] or 0, look["last"])


def items_changed_since(run_pk: int, number: int) -> frozenset[int]:
    """Return the items of a run that events after ``number`` changed."""
    rows = RunEvent.objects.filter(
        run_id=run_pk, number__gt=number, run_item__isnull=False
    )
    return frozenset(rows.values_list("run_item_id", flat=True))


def hidden_items_of(run_pk: int) -> frozenset[int]:
    """Return the items of a run that are not asked for now."""
    rows = RunItem.objects.filter(run_id=run_pk, is_hidden=True)
    return frozenset(rows.values_list("pk", flat=True))


def say_assignee(run: Run, now: datetime) -> tuple[str, list[str]]:
    """Return for whom a run is, and the names of whoever that is now."""
    if run.assignee_user is not None:
        return run.assignee_user.display_name, []
    cadence = run.cadence
    if cadence is None or cadence.assignee == "team":
        return run.team.name, []
    if cadence.assignee == "user":
        person = cadence.assignee_user
        return (person.display_name if person else run.team.name), []
    if cadence.assignee_schedule_id is None:
        return f"{cadence.assignee_role or 'whoever is'} on call", []
    people = users_on_call(
        cadence.assignee_schedule_id, now, cadence.assignee_role or None
    )
    return (
        f"{cadence.assignee_role or 'whoever is'} on call",
        [person.name for person in people],
    )


def files_of(item_pk: int) -> QuerySet[Attachment]:
    """Return the files and photos of a run item, the first first."""
    rows = Attachment.objects.filter(run_item=item_pk)
    return rows.select_related("uploaded_by").order_by("pk")


def find_attachment(pk: int, team_ids: Collection[int]) -> Attachment | None:
    """Return a file when it belongs to one of the teams."""
    return Attachment.objects.filter(pk=pk, run_item__run__team__in=team_ids).first()
