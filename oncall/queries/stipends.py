"""What teams owe for time on call, from the record of who really was on call."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from oncall.domain.duty_time import Kind
from oncall.domain.stipend import Duty, Rates, StipendLine, report_stipends
from oncall.models import Schedule, ShiftRecord, StipendRates, Team
from oncall.queries.duty_rules import DutyPeople, read_people


@dataclass(frozen=True, slots=True)
class StipendRow:
    """One person in one schedule, in whole minutes."""

    team: str
    schedule: str
    schedule_name: str
    user: str
    name: str
    weekday_minutes: int
    night_minutes: int
    weekend_minutes: int
    holiday_minutes: int
    total_minutes: int
    amount: Decimal
    currency: str
    lieu_minutes: int


HEAD = [
    "team",
    "schedule",
    "user",
    "name",
    "weekday minutes",
    "night minutes",
    "weekend minutes",
    "holiday minutes",
    "total minutes",
    "amount",
    "currency",
    "time off in lieu minutes",
]


def stipend_rows(
    team_ids: Iterable[int],
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    schedule: str = "",
) -> list[StipendRow]:
    """Return what teams owe for start <= t < end, up to now.

    By team, schedule and name; with ``schedule`` of that one alone. Three queries a
    team and two more.
    """
    found: list[StipendRow] = []
    for team, records in _records_by_team(team_ids, start, end, schedule).items():
        people = read_people(team, {record.user_id for record in records})
        paid = people.rates.roles
        lines = report_stipends(
            (
                Duty(each.user_id, each.schedule_id, each.starts_at, each.ends_at)
                for each in records
                if not paid or each.role in paid
            ),
            start,
            min(end, now),
            rules_of=people.rules_of,
            rates=read_rates(people.rates),
        )
        schedules = {record.schedule_id: record.schedule for record in records}
        rows = [_row(line, schedules, people) for line in lines]
        found += sorted(rows, key=lambda row: (row.schedule, row.name, row.user))
    return found


def read_rates(row: StipendRates) -> Rates:
    """Return the rates of a team as a value."""
    return Rates(
        {
            Kind.WEEKDAY: row.weekday_hour,
            Kind.NIGHT: row.night_hour,
            Kind.WEEKEND: row.weekend_hour,
            Kind.HOLIDAY: row.holiday_hour,
        },
        row.lieu_percent,
    )


def csv_row(row: StipendRow) -> list[str | int | Decimal]:
    """Return the cells of a row, under HEAD."""
    return [
        row.team,
        row.schedule,
        row.user,
        row.name,
        row.weekday_minutes,
        row.night_minutes,
        row.weekend_minutes,
        row.holiday_minutes,
        row.total_minutes,
        row.amount,
        row.currency,
        row.lieu_minutes,
    ]


def _records_by_team(
    team_ids: Iterable[int], start: datetime, end: datetime, schedule: str
) -> dict[Team, list[ShiftRecord]]:
    rows = (
        ShiftRecord.objects.filter(
            Q(ends_at=None) | Q(ends_at__gt=start),
            schedule__team__in=list(team_ids),
            starts_at__lt=end,
        )
        .select_related("schedule__team")
        .order_by("schedule__team__name", "starts_at", "pk")
    )
    if schedule:
        rows = rows.filter(schedule__slug=schedule)
    found: dict[Team, list[ShiftRecord]] = defaultdict(list)
    for row in rows:
        found[row.schedule.team].append(row)
    return found


def _row(
    line: StipendLine, schedules: dict[int, Schedule], people: DutyPeople
) -> StipendRow:
    schedule = schedules[line.place]  # type: ignore[index]  # ours are integers
    user = people.users[line.person]  # type: ignore[index]  # ours are integers
    return StipendRow(
        team=schedule.team.slug,
        schedule=schedule.slug,
        schedule_name=schedule.name,
        user=user.username,
        name=user.display_name,
        weekday_minutes=line.minutes[Kind.WEEKDAY],
        night_minutes=line.minutes[Kind.NIGHT],
        weekend_minutes=line.minutes[Kind.WEEKEND],
        holiday_minutes=line.minutes[Kind.HOLIDAY],
        total_minutes=line.total_minutes,
        amount=line.amount,
        currency=people.rates.currency,
        lieu_minutes=line.lieu_minutes,
    )
