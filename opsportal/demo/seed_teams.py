"""Teams, people and rotations of the demo."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from oncall.domain.rotation import timeline
from oncall.models import (
    ContactMethod,
    Holiday,
    HolidayCalendar,
    Membership,
    QuietHours,
    Schedule,
    ShiftRecord,
    Team,
    User,
)
from oncall.queries.loading import load_schedule
from oncall.services.audit import record_change
from oncall.services.drafts import RotationDraft
from oncall.services.edits import CreateSchedule
from oncall.services.overrides import OverrideForm, add_override
from oncall.services.schedules import make_edit
from opsportal.demo import LOGIN
from opsportal.demo.people import PEOPLE, TEAMS, TeamPlan

# A number of weeks that three and four people share evenly: the first of each
# rotation has the turn now, as on the first day.
HISTORY = timedelta(weeks=24)
ROLES = ("primary", "secondary")


@dataclass(frozen=True, slots=True)
class Teams:
    """The rows of teams, people and schedules, by slug and user name."""

    teams: dict[str, Team]
    people: dict[str, User]
    schedules: dict[str, Schedule]
    plans: dict[str, TeamPlan]


class _Shape(NamedTuple):
    """An override as the demo shows it, in days from today and hours of a day."""

    days: int
    starts: int
    hours: int


def seed_teams(now: datetime) -> Teams:
    """Make everybody and every rotation, as they have been since `HISTORY` ago."""
    begin = now - HISTORY
    people = _make_people(begin)
    teams = {plan.slug: _make_team(plan, people, now) for plan in TEAMS}
    _make_memberships(teams, people, begin)
    schedules = {
        plan.slug: _make_schedule(plan, teams[plan.slug], people, begin)
        for plan in TEAMS
    }
    return Teams(teams, people, schedules, {plan.slug: plan for plan in TEAMS})


def seed_overrides(rows: Teams, now: datetime) -> None:
    """Show one exception of this week, one to come, and one gap ahead."""
    _override(
        rows, "platform", _Shape(-2, 8, 12), now,
        add="engineer.c", reason="Swapped for a dentist's appointment",
    )  # fmt: skip
    _override(
        rows, "platform", _Shape(4, 17, 16), now,
        add="engineer.d", reason="Release evening",
    )  # fmt: skip
    gap = _Shape(6, 9, 21)
    holder = _who_serves(rows.schedules["energy"], rows.plans["energy"], gap, now)
    _override(rows, "energy", gap, now, remove=holder, reason="Absence, not covered")


def seed_shifts(rows: Teams, now: datetime) -> None:
    """Write down who really was on call since the rotations began."""
    records = [
        ShiftRecord(
            schedule=schedule,
            role=segment.role,
            user_id=segment.user,
            starts_at=segment.start,
            ends_at=segment.end if segment.end < now else None,
            cause="rotation",
        )
        for schedule in rows.schedules.values()
        for segment in timeline(load_schedule(schedule.pk), now - HISTORY, now)
        if isinstance(segment.user, int)
    ]
    ShiftRecord.objects.bulk_create(records)


def _make_people(begin: datetime) -> dict[str, User]:
    # One hash for all: it is meant to be slow.
    password = make_password(LOGIN[1])
    User.objects.bulk_create(
        User(
            username=plan.username,
            email=plan.email,
            name=plan.name,
            time_zone=plan.time_zone,
            password=password,
            is_staff=plan.is_admin,
            is_superuser=plan.is_admin,
            date_joined=begin,
        )
        for plan in PEOPLE
    )
    people = {user.username: user for user in User.objects.all()}
    ContactMethod.objects.bulk_create(
        ContactMethod(
            user=user,
            kind="email",
            address=user.email,
            label="Work",
            verified_at=begin,
        )
        for user in people.values()
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in people.values()
    )
    QuietHours.objects.bulk_create(
        QuietHours(
            user=people[plan.username], starts=plan.quiet_from, ends=plan.quiet_until
        )
        for plan in PEOPLE
        if plan.quiet_from is not None and plan.quiet_until is not None
    )
    return people


def _make_team(plan: TeamPlan, people: dict[str, User], now: datetime) -> Team:
    calendar = HolidayCalendar.objects.create(
        name=f"{plan.name} holidays", country=plan.country
    )
    years = range(now.year - 1, now.year + 2)
    Holiday.objects.bulk_create(
        Holiday(calendar=calendar, on=on, name=name)
        for year in years
        for on, name in plan.holidays_of(year)
    )
    team = Team.objects.create(
        slug=plan.slug,
        name=plan.name,
        time_zone=plan.time_zone,
        calendar=calendar,
        is_demo=True,
    )
    record_change(
        "team.create",
        team,
        by=people[LOGIN[0]],
        now=now - HISTORY,
        team_id=team.pk,
        after={"name": plan.name, "time_zone": plan.time_zone},
    )
    return team


def _make_memberships(
    teams: dict[str, Team], people: dict[str, User], begin: datetime
) -> None:
    members = Membership.objects.bulk_create(
        Membership(team=teams[team], user=people[plan.username], role=role)
        for plan in PEOPLE
        for team, role in plan.roles
    )
    for member in members:
        record_change(
            "member.add",
            member,
            by=people[LOGIN[0]],
            now=begin,
            team_id=member.team_id,
            after={"user": member.user.username, "role": member.role},
        )


def _make_schedule(
    plan: TeamPlan, team: Team, people: dict[str, User], begin: datetime
) -> Schedule:
    edit = CreateSchedule(
        team,
        name=f"{plan.name} rotation",
        slug=plan.schedule_slug,
        time_zone=plan.time_zone,
        draft=RotationDraft(
            people=tuple(people[name].pk for name in plan.rotation),
            roles=ROLES,
            weekday=plan.weekday,
            at=plan.hands_over_at,
        ),
    )
    by = people[plan.lead]
    return make_edit(edit, by=by, now=begin, tells=False).schedule


def _override(
    rows: Teams,
    team: str,
    shape: _Shape,
    now: datetime,
    *,
    add: str = "",
    remove: int | None = None,
    reason: str,
) -> None:
    plan = rows.plans[team]
    starts_at, ends_at = _span(shape, plan, now)
    form = OverrideForm(
        starts_at=starts_at,
        ends_at=ends_at,
        role="primary",
        add_user_id=rows.people[add].pk if add else None,
        remove_user_id=remove,
        takes_role=bool(add),
        reason=reason,
    )
    entered_at = min(now, starts_at - timedelta(days=1))
    add_override(rows.schedules[team], form, by=rows.people[plan.lead], now=entered_at)


def _who_serves(
    schedule: Schedule, plan: TeamPlan, shape: _Shape, now: datetime
) -> int | None:
    start, end = _span(shape, plan, now)
    for segment in timeline(load_schedule(schedule.pk), start, end):
        if segment.role == "primary" and isinstance(segment.user, int):
            return segment.user
    return None


def _span(shape: _Shape, plan: TeamPlan, now: datetime) -> tuple[datetime, datetime]:
    zone = ZoneInfo(plan.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=shape.days)
    starts_at = datetime(day.year, day.month, day.day, shape.starts, tzinfo=zone)
    return starts_at, starts_at + timedelta(hours=shape.hours)
