"""Handoffs as pages, briefs and the API read them: a constant number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from oncall import handoff_sections
from oncall.domain.changeover import shift_bounds
from oncall.domain.handoff_steps import ACCEPT_FROM
from oncall.handoff_sections import Section, ShiftOver
from oncall.models import Handoff, User
from oncall.queries.loading import load_schedule

# How long the people of a handoff see it on Today, before and after its moment.
AROUND = timedelta(hours=24)
# A card goes on showing a handoff that nobody accepted for so long.
WAITING = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class HandoffCard:
    """One handoff as a page shows it."""

    row: Handoff
    sections: Sequence[Section]
    is_frozen: bool
    can_be_accepted: bool

    @property
    def title(self) -> str:
        """People and moment, on the clock of whoever looks.

        "Handoff · Monday 23 November 09:00 · A → B".
        """
        local = self.row.at.astimezone(timezone.get_current_timezone())
        when = f"{local:%A} {local.day} {local:%B %H:%M}"
        return f"Handoff · {when} · {self.outgoing} → {self.incoming}"

    @property
    def filled(self) -> list[Section]:
        """The sections that have something to say."""
        return [section for section in self.sections if section.lines]

    @property
    def outgoing(self) -> str:
        """Who hands over."""
        return _name(self.row.outgoing)

    @property
    def incoming(self) -> str:
        """Who takes over."""
        return _name(self.row.incoming)

    @property
    def pill(self) -> tuple[str, str]:
        """How it stands, in words and a tone."""
        return say_state(self.row)


def _name(person: User | None) -> str:
    return person.display_name if person is not None else "No one"


def say_state(row: Handoff) -> tuple[str, str]:
    """Return how a handoff stands, as words and a tone."""
    if row.accepted_at is not None:
        stands_in = row.accepted_by_id != row.incoming_id
        place = f" in place of {_name(row.incoming)}" if stands_in else ""
        return f"accepted by {_name(row.accepted_by)}{place}", "ok"
    if row.cancelled_at is not None:
        return "does not happen", ""
    if row.incoming_id is None:
        return "nobody takes over", "crit"
    tone = "crit" if row.escalated_at else "warn" if row.asked_at else ""
    return f"waiting for {_name(row.incoming)} to accept", tone


def get_handoff(pk: int) -> Handoff:
    """Return one handoff with everybody in it. Raises Handoff.DoesNotExist."""
    return _whole(Handoff.objects.all()).get(pk=pk)


def find_handoff(pk: int, team_ids: Collection[int]) -> Handoff | None:
    """Return one handoff of the teams, None when it is not theirs."""
    rows = _whole(Handoff.objects.filter(schedule__team__in=team_ids))
    return rows.filter(pk=pk).first()


def list_handoffs(
    team_ids: Collection[int], *, schedule: str = "", text: str = ""
) -> QuerySet[Handoff]:
    """Return the handoffs of the teams, newest first; ``text`` looks into notes."""
    rows = _whole(Handoff.objects.filter(schedule__team__in=team_ids))
    if schedule:
        rows = rows.filter(schedule__slug=schedule)
    if text:
        rows = rows.filter(
            Q(notes__icontains=text)
            | Q(outgoing__name__icontains=text)
            | Q(incoming__name__icontains=text)
            | Q(schedule__name__icontains=text)
        )
    return rows.order_by("-at", "-pk")


def schedules_with_handoffs(team_ids: Collection[int]) -> list[tuple[str, str]]:
    """Return slug and name of the schedules to choose from."""
    rows = Handoff.objects.filter(schedule__team__in=team_ids)
    pairs = rows.values_list("schedule__slug", "schedule__name")
    return list(pairs.distinct().order_by("schedule__name", "schedule__slug"))


def handoff_card(schedule_pk: int, now: datetime) -> HandoffCard | None:
    """Return the handoff that a schedule's page shows.

    The last one while it waits for acceptance, else the next one, else the last
    that was accepted within a day. None when there is none of these.
    """
    rows = _whole(Handoff.objects.filter(schedule=schedule_pk, cancelled_at=None))
    waiting = Q(accepted_at=None, at__gt=now - WAITING)
    row = (
        rows.filter(waiting).order_by("at", "pk").first()
        or rows.filter(at__gt=now - AROUND, at__lte=now).order_by("-at").first()
    )
    return show_handoff(row, now) if row is not None else None


def handoffs_of(user: User, now: datetime) -> list[Handoff]:
    """Return the handoffs around now that this person gives or takes."""
    rows = Handoff.objects.filter(
        Q(outgoing=user) | Q(incoming=user),
        at__gt=now - AROUND,
        at__lte=now + AROUND,
        accepted_at=None,
        cancelled_at=None,
    )
    # Mostly there are none; asking for whole ones costs five times as much.
    return list(_whole(rows).order_by("at", "pk")) if rows.exists() else []


def show_handoff(row: Handoff, now: datetime) -> HandoffCard:
    """Return a handoff with its brief: live, or as it was when it was accepted."""
    is_over = row.accepted_at is not None or row.cancelled_at is not None
    frozen = row.brief is not None
    if row.brief is not None:
        sections = handoff_sections.sections_from_json(row.brief["sections"])
    else:
        sections = [] if is_over else live_sections(row, now)
    return HandoffCard(
        row=row,
        sections=sections,
        is_frozen=frozen,
        can_be_accepted=not is_over and now >= row.at - ACCEPT_FROM,
    )


def live_sections(row: Handoff, now: datetime) -> list[Section]:
    """Return what the brief says at this moment."""
    plan = load_schedule(row.schedule_id)
    starts_at, ends_at = shift_bounds(plan, row.rotation_id, row.at)
    return handoff_sections.read_sections(
        ShiftOver(
            team_id=row.schedule.team_id,
            schedule_id=row.schedule_id,
            schedule_slug=row.schedule.slug,
            rotation_id=row.rotation_id,
            time_zone=row.schedule.time_zone,
            starts_at=starts_at,
            at=row.at,
            ends_at=ends_at,
            now=now,
        )
    )


def _whole(rows: QuerySet[Handoff]) -> QuerySet[Handoff]:
    return rows.select_related(
        "schedule__team", "rotation", "outgoing", "incoming", "notes_by", "accepted_by"
    )
