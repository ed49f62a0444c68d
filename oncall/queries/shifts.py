"""The shifts of one person, in every schedule of their teams."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from oncall.domain.rotation import timeline
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.stretch import join_segments, mark_days
from oncall.models import Holiday, Override, RotationMember, Schedule
from oncall.queries.loading import load_schedules

SIGHT = timedelta(days=90)
# Followed so far, to say when a shift at the edge really begins and ends.
BEYOND = timedelta(days=35)


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One shift of a person; holidays are those of the schedule's calendar."""

    schedule_id: int
    slug: str
    schedule: str
    team_id: int
    team: str
    role: str
    starts_at: datetime
    ends_at: datetime
    weekend_days: int
    holidays: list[str]

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.ends_at - self.starts_at

    def is_now(self, now: datetime) -> bool:
        """Whether it has begun and is not over."""
        return self.starts_at <= now < self.ends_at


def shifts_of(
    user_pk: int, team_ids: Iterable[int], start: datetime, end: datetime
) -> list[ShiftRow]:
    """Return the person's shifts that meet start <= t < end, the first one first.

    Asks as much about one schedule as about many.
    """
    member = RotationMember.objects.filter(user=user_pk).order_by()
    guest = Override.objects.filter(add_user=user_pk).order_by()
    rows = list(
        Schedule.objects.filter(
            Q(pk__in=member.values("version__rotation__schedule"))
            | Q(pk__in=guest.values("schedule")),
            team__in=list(team_ids),
            is_active=True,
        ).select_related("team")
    )
    plans = load_schedules([row.pk for row in rows])
    names = _holiday_names(rows)
    found = [
        shift
        for row in rows
        for shift in _shifts_in(row, plans[row.pk], user_pk, start, end, names)
    ]
    return sorted(found, key=lambda each: (each.starts_at, each.slug, each.role))


def _shifts_in(
    row: Schedule,
    plan: Plan,
    user_pk: int,
    start: datetime,
    end: datetime,
    names: dict[tuple[int, date], str],
) -> list[ShiftRow]:
    calendar = row.calendar_id or row.team.calendar_id or 0
    parts = timeline(plan, start - BEYOND, end + BEYOND)
    shifts = []
    for each in join_segments(part for part in parts if part.user == user_pk):
        if each.end <= start or each.start >= end:
            continue
        marks = mark_days(each.start, each.end, plan.zone, plan.holidays)
        shifts.append(
            ShiftRow(
                schedule_id=row.pk,
                slug=row.slug,
                schedule=row.name,
                team_id=row.team_id,
                team=row.team.name,
                role=each.role,
                starts_at=each.start,
                ends_at=each.end,
                weekend_days=marks.weekend_days,
                holidays=[names[calendar, day] for day in marks.holidays],
            )
        )
    return shifts


def _holiday_names(rows: Iterable[Schedule]) -> dict[tuple[int, date], str]:
    calendars = {row.calendar_id or row.team.calendar_id for row in rows} - {None}
    days = Holiday.objects.filter(calendar__in=calendars)
    return {
        (calendar, on): name
        for calendar, on, name in days.values_list("calendar_id", "on", "name")
    }
