"""Who is away when, and which coming shifts that concerns."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from oncall.domain.absence_times import days_between, days_of_month
from oncall.domain.rotation import timeline
from oncall.domain.schedule import PersonId
from oncall.domain.swap import Leg, Parties, held_shifts, span_of
from oncall.domain.walltime import to_utc
from oncall.models import Absence, Membership, Schedule, Team, User
from oncall.queries.loading import load_schedules
from oncall.queries.swaps import AHEAD, ShiftRow, shifts_of

KEPT_IN_SIGHT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """A time in which a person is away."""

    pk: int
    user_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    kind: str
    kind_label: str
    note: str
    feed: str
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClashRow:
    """A part of a coming shift in which its person is away."""

    absence_id: int
    user_id: int
    name: str
    schedule_slug: str
    schedule_name: str
    team_id: int
    role: str
    starts_at: datetime
    ends_at: datetime
    shift_key: str


@dataclass(frozen=True, slots=True)
class AwayRow:
    """A part of a shift in which whoever would receive it is away."""

    user_id: int
    name: str
    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of one person: away, on call, both, or neither."""

    on: date
    is_away: bool
    is_on_call: bool
    is_weekend: bool

    @property
    def words(self) -> str:
        """What it means, for those who do not see it."""
        if self.is_away:
            return "away, but on call" if self.is_on_call else "away"
        return "on call" if self.is_on_call else ""


@dataclass(frozen=True, slots=True)
class PersonMonth:
    """A month of one member."""

    user_id: int
    name: str
    days: list[DayCell]


def absences_of(user_id: int, now: datetime) -> list[AbsenceRow]:
    """Return a person's absences of the last 90 days and ahead, the next first."""
    rows = Absence.objects.filter(user=user_id, ends_at__gt=now - KEPT_IN_SIGHT)
    return _rows(rows.order_by("-starts_at", "-pk"))


def absences_ahead(team_ids: Iterable[int], now: datetime) -> list[AbsenceRow]:
    """Return when members of the teams are away, now or later, the next first."""
    rows = Absence.objects.filter(
        user__in=_members(team_ids), ends_at__gt=now, cancelled_at=None
    )
    return _rows(rows.order_by("starts_at", "pk"))


def find_absence(pk: int) -> Absence | None:
    """Return an absence with its person."""
    return Absence.objects.filter(pk=pk).select_related("user").first()


def teams_shared(user_id: int, team_ids: Iterable[int]) -> set[int]:
    """Return those of the teams to which the person belongs."""
    rows = Membership.objects.filter(user=user_id, team__in=list(team_ids))
    return set(rows.values_list("team_id", flat=True))


def clashes_of(user_id: int, team_ids: Iterable[int], now: datetime) -> list[ClashRow]:
    """Return where a person is away and on call within 90 days, the next first."""
    away = [
        row
        for row in absences_of(user_id, now)
        if row.cancelled_at is None and row.starts_at < now + AHEAD
    ]
    if not away:
        return []
    return clash(away, shifts_of(user_id, team_ids, now))


def clashes_in(team: Team, now: datetime) -> list[ClashRow]:
    """Return where members are away and on call in the team, the next first."""
    away = absences_ahead([team.pk], now)
    if not away:
        return []
    shifts = [
        shift
        for person in {row.user_id for row in away}
        for shift in shifts_of(person, [team.pk], now)
    ]
    return clash(away, shifts)


def clash(away: Iterable[AbsenceRow], shifts: Iterable[ShiftRow]) -> list[ClashRow]:
    """Return the parts of the shifts in which their person is away."""
    by_person = defaultdict(list)
    for shift in shifts:
        by_person[shift.user_id].append(shift)
    found = [
        ClashRow(
            absence_id=row.pk,
            user_id=row.user_id,
            name=row.name,
            schedule_slug=shift.schedule_slug,
            schedule_name=shift.schedule_name,
            team_id=shift.team_id,
            role=shift.role,
            starts_at=max(shift.starts_at, row.starts_at),
            ends_at=min(shift.ends_at, row.ends_at),
            shift_key=shift.key,
        )
        for row in away
        for shift in by_person[row.user_id]
        if shift.starts_at < row.ends_at and row.starts_at < shift.ends_at
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.name, each.role))


def away_in_swap(legs: Iterable[Leg], parties: Parties) -> list[AwayRow]:
    """Return when a party is away in a shift that a swap gives them, the first first.

    One query. Without a taker only the requester is known.
    """
    mine = [(parties.receiver(leg), leg) for leg in legs]
    mine = [(user, leg) for user, leg in mine if user is not None]
    if not mine:
        return []
    start, end = span_of(leg for _, leg in mine)
    rows = Absence.objects.filter(
        user__in={user for user, _ in mine},
        starts_at__lt=end,
        ends_at__gt=start,
        cancelled_at=None,
    ).select_related("user")
    found = [
        AwayRow(
            user_id=row.user_id,
            name=row.user.display_name,
            role=leg.role,
            starts_at=max(leg.start, row.starts_at),
            ends_at=min(leg.end, row.ends_at),
        )
        for row in rows
        for user, leg in mine
        if user == row.user_id and leg.start < row.ends_at and row.starts_at < leg.end
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.name, each.role))


def month_of(team: Team, month: date) -> list[PersonMonth]:
    """Return a month of every active member on the team's clock, by name."""
    zone = ZoneInfo(team.time_zone)
    days = days_of_month(month)
    start = to_utc(datetime.combine(days[0], datetime.min.time()), zone)
    after = days[-1] + timedelta(days=1)
    end = to_utc(datetime.combine(after, datetime.min.time()), zone)
    people = User.objects.filter(memberships__team=team, is_active=True)
    away = _days_away(team.pk, start, end, zone)
    serving = _days_on_call(team.pk, start, end, zone)
    return [
        PersonMonth(
            person.pk,
            person.display_name,
            [
                DayCell(
                    on=day,
                    is_away=day in away[person.pk],
                    is_on_call=day in serving[person.pk],
                    is_weekend=day.weekday() >= 5,
                )
                for day in days
            ],
        )
        for person in people.order_by("name", "username")
    ]


def _days_away(
    team_id: int, start: datetime, end: datetime, zone: ZoneInfo
) -> dict[int, set[date]]:
    rows = Absence.objects.filter(
        user__in=_members([team_id]),
        starts_at__lt=end,
        ends_at__gt=start,
        cancelled_at=None,
    )
    found: dict[int, set[date]] = defaultdict(set)
    for row in rows:
        found[row.user_id].update(
            days_between(max(row.starts_at, start), min(row.ends_at, end), zone)
        )
    return found


def _days_on_call(
    team_id: int, start: datetime, end: datetime, zone: ZoneInfo
) -> dict[PersonId, set[date]]:
    active = Schedule.objects.filter(team=team_id, is_active=True)
    plans = load_schedules(active.values_list("pk", flat=True))
    found: dict[PersonId, set[date]] = defaultdict(set)
    for plan in plans.values():
        for held in held_shifts(timeline(plan, start, end)):
            found[held.user].update(days_between(held.start, held.end, zone))
    return found


def _members(team_ids: Iterable[int]) -> QuerySet[Membership, int]:
    rows = Membership.objects.filter(team__in=list(team_ids), user__is_active=True)
    return rows.values_list("user_id", flat=True)


def _rows(rows: QuerySet[Absence]) -> list[AbsenceRow]:
    return [
        AbsenceRow(
            pk=row.pk,
            user_id=row.user_id,
            name=row.user.display_name,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            kind=row.kind,
            kind_label=row.get_kind_display(),
            note=row.note,
            feed=row.feed.name if row.feed else "",
            cancelled_at=row.cancelled_at,
        )
        for row in rows.select_related("user", "feed")
    ]
