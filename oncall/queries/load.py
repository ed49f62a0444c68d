"""How the load of a schedule was shared: what its page, its card and its plot show."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from oncall.domain.fairness import Load, Served, find_balance, measure_loads
from oncall.domain.rotation import timeline
from oncall.domain.schedule import PersonId
from oncall.domain.schedule import Schedule as Plan
from oncall.models import Notification, Schedule, ShiftRecord
from oncall.queries.duty_rules import read_people
from oncall.queries.loading import load_schedule

CARD = timedelta(days=90)
# What wakes somebody: high urgency, about an alert or an incident.
_PAGES = Q(topic__startswith="alert:") | Q(topic__startswith="incident:")


@dataclass(frozen=True, slots=True)
class LoadRow:
    """What one person carried; ``percent`` is their share of all hours."""

    user_id: int
    name: str
    hours: float
    nights: int
    weekends: int
    holidays: int
    pages: int
    percent: float


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The load of one role, or of all with ``role`` "", within start <= t < end.

    ``balance`` says how evenly hours are shared, 0 to 100.
    """

    starts_at: datetime
    ends_at: datetime
    role: str
    roles: list[str]
    rows: list[LoadRow]
    balance: int

    @property
    def tone(self) -> str:
        """How the balance is to be read."""
        return "ok" if self.balance >= 90 else "warn" if self.balance >= 70 else "crit"

    @property
    def hours(self) -> float:
        """All hours."""
        return sum(row.hours for row in self.rows)


def load_card(schedule: Schedule, plan: Plan, now: datetime) -> LoadReport:
    """Return the load of a schedule's first role over the last 90 days.

    The schedule comes with its team and its plan.
    """
    role = next(iter(plan.expected_roles), "")
    return report_load(schedule, now - CARD, now, now=now, role=role, plan=plan)


def report_load(
    schedule: Schedule,
    start: datetime,
    end: datetime,
    *,
    now: datetime,
    role: str = "",
    plan: Plan | None = None,
) -> LoadReport:
    """Return the load of a schedule, with the same few queries for any period.

    What is past comes from the record of who really was on call, what is ahead from
    the plan.
    """
    plan = plan or load_schedule(schedule.pk)
    served = [
        *_recorded(schedule.pk, start, min(end, now), role),
        *_planned(plan, max(start, now), end, role),
    ]
    members = _members(plan, min(end, now), role)
    ids = {each for each in members if isinstance(each, int)}
    ids |= {each.person for each in served if isinstance(each.person, int)}
    people = read_people(schedule.team, ids, calendar_id=schedule.calendar_id)
    loads = measure_loads(
        served,
        people.rules_of,
        people=members,
        pages=_pages(schedule.team_id, ids, start, end),
    )
    whole = sum((load.time for load in loads), timedelta())
    rows = [_row(load, people.name(load.person), whole) for load in loads]
    return LoadReport(
        starts_at=start,
        ends_at=end,
        role=role,
        roles=list(plan.expected_roles),
        rows=sorted(rows, key=lambda row: (row.name, row.user_id)),
        balance=find_balance(load.time for load in loads),
    )


def _row(load: Load, name: str, whole: timedelta) -> LoadRow:
    return LoadRow(
        user_id=load.person,  # type: ignore[arg-type]  # ours are integers
        name=name,
        hours=load.hours,
        nights=load.nights,
        weekends=load.weekends,
        holidays=load.holidays,
        pages=load.pages,
        percent=100 * (load.time / whole) if whole else 0.0,
    )


def _recorded(
    schedule_pk: int, start: datetime, end: datetime, role: str
) -> list[Served]:
    rows = ShiftRecord.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=start), schedule=schedule_pk, starts_at__lt=end
    )
    if role:
        rows = rows.filter(role=role)
    found = []
    for user_id, starts_at, ends_at in rows.values_list(
        "user_id", "starts_at", "ends_at"
    ):
        stop = end if ends_at is None else min(ends_at, end)
        found.append(Served(user_id, max(starts_at, start), stop))
    return found


def _planned(plan: Plan, start: datetime, end: datetime, role: str) -> list[Served]:
    return [
        Served(part.user, part.start, part.end)
        for part in timeline(plan, start, end)
        if part.user is not None and role in {"", part.role}
    ]


def _members(plan: Plan, at: datetime, role: str) -> list[PersonId]:
    """Return who takes turns at a moment: they count, also with no time at all."""
    found: dict[PersonId, None] = {}
    for rotation in plan.rotations:
        begun = [each for each in rotation.versions if each.effective_from <= at]
        if not begun or role not in {"", *rotation.roles}:
            continue
        for member in max(begun, key=lambda each: each.effective_from).members:
            people = member if isinstance(member, tuple) else (member,)
            found |= dict.fromkeys(each for each in people if each is not None)
    return list(found)


def _pages(
    team_id: int, ids: set[int], start: datetime, end: datetime
) -> dict[PersonId, int]:
    """Return how many alerts and incidents paged each person."""
    rows = (
        Notification.objects.filter(
            _PAGES,
            team=team_id,
            recipient__in=ids,
            urgency=Notification.Urgency.HIGH,
            state__in=[Notification.State.SENT, Notification.State.BUNDLED],
            created_at__gte=start,
            created_at__lt=end,
        )
        .order_by()
        .values_list("recipient_id")
        .annotate(pages=Count("topic", distinct=True))
    )
    return dict(rows)
