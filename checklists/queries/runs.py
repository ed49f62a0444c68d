"""Runs as pages show them: flat rows, a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404

from checklists.domain.period_words import say_key
from checklists.models import Run, RunItem
from checklists.queries.today_sql import cards_between, cards_by_pk
from oncall.access import Actor, teams_of


@dataclass(frozen=True, slots=True)
class RunCard:
    """One run in a list. ``tone`` is that of its ring, ``pill_tone`` of its pill."""

    pk: int
    team_id: int
    name: str
    service: str
    period_key: str
    time_zone: str
    assignee: str
    state: str
    outcome: str
    opens_at: datetime
    due_at: datetime
    closed_at: datetime | None
    missed_at: datetime | None
    total: int
    answered: int
    failing: int
    is_overdue: bool
    tone: str
    pill_tone: str

    @property
    def left(self) -> int:
        """How many items need something."""
        return self.total - self.answered

    @property
    def period_name(self) -> str:
        """What people read of its key."""
        return say_key(self.period_key)


def get_run_for(actor: Actor, pk: int) -> Run:
    """Return the run with what its page needs, or raise Http404."""
    run = (
        Run.objects.filter(pk=pk, team__in=teams_of(actor))
        .select_related(
            "team",
            "checklist__service",
            "cadence__assignee_user",
            "version",
            "completed_by",
            "signed_by",
            "carried_from",
            "assignee_user",
        )
        .first()
    )
    if run is None:
        raise Http404
    return run


def get_item_for(actor: Actor, pk: int) -> RunItem:
    """Return a run item with its run, or raise Http404."""
    item = (
        RunItem.objects.filter(pk=pk, run__team__in=teams_of(actor))
        .select_related("run__team", "item", "done_by")
        .first()
    )
    if item is None:
        raise Http404
    return item


def items_of(run: Run) -> list[RunItem]:
    """Return the items of a run in order, with their checks; three queries."""
    return list(
        run.items.select_related("item", "done_by", "overridden_by")
        .prefetch_related("item__checks", "attachments")
        .order_by("item__position")
    )


def cards_of_today(team_ids: Iterable[int], now: datetime) -> list[RunCard]:
    """Return what is open now, most urgent first, then what closed today.

    "Today" is the day of each team: what closed on an earlier local day is left
    to the history, and so are periods that were lost while the portal was down.
    """
    rows = cards_between(
        list(team_ids), now=now, closed_after=now - timedelta(hours=30)
    )
    cards = [_card(row, now) for row in rows]
    shown = [card for card in cards if card.closed_at is None or _is_today(card, now)]
    return sorted(shown, key=lambda card: (card.closed_at is not None, card.due_at))


def count_overdue(team_ids: Iterable[int], now: datetime) -> int:
    """Return how many open runs of the teams are past their due time."""
    return (
        Run.objects.filter(team__in=list(team_ids), due_at__lt=now)
        .exclude(state=Run.State.CLOSED)
        .count()
    )


def recent_cards(checklist_pk: int, now: datetime, most: int = 60) -> list[RunCard]:
    """Return the newest runs of one checklist, newest first."""
    runs = Run.objects.filter(checklist_id=checklist_pk).order_by("-due_at")
    pks = list(runs.values_list("pk", flat=True)[:most])
    cards = [_card(row, now) for row in cards_by_pk(pks)]
    return sorted(cards, key=lambda card: card.due_at, reverse=True)


def _is_today(card: RunCard, now: datetime) -> bool:
    zone = ZoneInfo(card.time_zone)
    closed_at = card.closed_at or now
    return closed_at.astimezone(zone).date() == now.astimezone(zone).date()


def _card(row: dict[str, Any], now: datetime) -> RunCard:
    is_overdue = row["state"] != Run.State.CLOSED and row["due_at"] < now
    tone, pill_tone = _tones(row, now, is_overdue=is_overdue)
    return RunCard(
        pk=row["id"],
        team_id=row["team_id"],
        name=row["name"],
        service=row["service"] or "",
        period_key=row["period_key"],
        time_zone=row["zone"] or row["team_zone"],
        assignee=_assignee(row),
        state=row["state"],
        outcome=row["outcome"],
        opens_at=row["opens_at"],
        due_at=row["due_at"],
        closed_at=row["closed_at"],
        missed_at=row["missed_at"],
        total=row["total"],
        answered=row["answered"],
        failing=row["failing"],
        is_overdue=is_overdue,
        tone=tone,
        pill_tone=pill_tone,
    )


def _tones(row: dict[str, Any], now: datetime, *, is_overdue: bool) -> tuple[str, str]:
    if row["state"] == Run.State.CLOSED:
        if row["outcome"] == Run.Outcome.COMPLETED:
            return "ok", "warn" if row["missed_at"] else "ok"
        return ("crit", "crit") if row["outcome"] == Run.Outcome.MISSED else ("", "")
    if row["state"] == Run.State.AWAITING:
        return "ok", "acc"
    if is_overdue:
        return "crit", "crit"
    soon = row["due_at"] - now <= timedelta(hours=1)
    return "acc", "warn" if soon else ""


def _assignee(row: dict[str, Any]) -> str:
    if row["given_to"]:
        return str(row["given_to"])
    if row["assignee"] == "oncall":
        return f"{row['role'] or 'whoever is'} on call"
    if row["assignee"] == "user" and row["person"]:
        return str(row["person"])
    return str(row["team_name"])
