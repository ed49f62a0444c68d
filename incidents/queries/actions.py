"""Reading action items."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from incidents.domain.action_item import OPEN, say_due
from incidents.models import ActionItem
from incidents.queries.names import display_name
from oncall.models import Channel, User

MOST_SHOWN = 500


class ActionRow(NamedTuple):
    """One action item as lists show it."""

    pk: int
    title: str
    kind: str
    priority: int
    state: str
    reason: str
    due_on: date | None
    completed_at: datetime | None
    exported_at: datetime | None
    owner: str | None
    incident_ref: str
    incident_title: str
    time_zone: str

    @property
    def state_word(self) -> str:
        """The state as people write it."""
        return str(ActionItem.State(self.state).label)

    @property
    def kind_word(self) -> str:
        """What it is good for, as people write it."""
        return str(ActionItem.Kind(self.kind).label)

    @property
    def priority_word(self) -> str:
        """The priority as people write it."""
        return str(ActionItem.Priority(self.priority).label)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state in OPEN

    def due_words(self, now: datetime) -> str:
        """Return when it is due, as of ``now`` on the team's clock."""
        return say_due(self.due_on, _today(now, self.time_zone))

    def is_overdue(self, now: datetime) -> bool:
        """Say whether it is open and its day has passed."""
        late = self.due_on is not None and self.due_on < _today(now, self.time_zone)
        return late and self.is_open


def action_rows(
    team_ids: Collection[int], *, tab: str, me: User, text: str, now: datetime
) -> list[ActionRow]:
    """Return action items: "mine", the "team"'s, "overdue" or "done", next due first.

    At most 500; done ones newest first.
    """
    found = ActionItem.objects.filter(incident__team_id__in=team_ids)
    if text:
        found = found.filter(
            Q(title__icontains=text) | Q(incident__ref__icontains=text)
        )
    if tab == "done":
        done = found.exclude(state__in=OPEN)
        return _rows(done.order_by(F("completed_at").desc(nulls_last=True), "-pk"))
    found = found.filter(state__in=OPEN)
    if tab == "mine":
        found = found.filter(owner=me)
    rows = _rows(found.order_by(F("due_on").asc(nulls_last=True), "priority", "pk"))
    return [row for row in rows if tab != "overdue" or row.is_overdue(now)]


def actions_of(incident_pk: int) -> list[ActionRow]:
    """Return the action items of an incident, open ones first."""
    found = ActionItem.objects.filter(incident=incident_pk)
    rows = _rows(found.order_by(F("due_on").asc(nulls_last=True), "priority", "pk"))
    return sorted(rows, key=lambda row: not row.is_open)


def get_action(team_ids: Collection[int], pk: int) -> ActionItem | None:
    """Return one action item with its incident, None when it is not theirs."""
    return (
        ActionItem.objects.filter(incident__team_id__in=team_ids, pk=pk)
        .select_related("incident__team", "owner", "created_by")
        .first()
    )


def actions_of_teams(team_ids: Collection[int]) -> QuerySet[ActionItem]:
    """Return the teams' action items, newest first, with what a list shows."""
    return (
        ActionItem.objects.filter(incident__team_id__in=team_ids)
        .select_related("incident", "owner")
        .order_by("-pk")
    )


def list_trackers(team_id: int) -> list[Channel]:
    """Return the webhooks that an action item can be sent to."""
    return list(
        Channel.objects.filter(team=team_id, kind="webhook", is_enabled=True).order_by(
            "name"
        )
    )


def _rows(found: QuerySet[ActionItem]) -> list[ActionRow]:
    rows = found.annotate(owner_name=display_name("owner")).values_list(
        "pk",
        "title",
        "kind",
        "priority",
        "state",
        "reason",
        "due_on",
        "completed_at",
        "exported_at",
        "owner_name",
        "incident__ref",
        "incident__title",
        "incident__team__time_zone",
    )
    return [ActionRow._make(row) for row in rows[:MOST_SHOWN]]


def _today(now: datetime, time_zone: str) -> date:
    return now.astimezone(ZoneInfo(time_zone)).date()
