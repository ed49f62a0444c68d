"""What counts as night and holiday for the people of a team, and who they are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from oncall.domain.duty_time import DayRules
from oncall.domain.schedule import PersonId
from oncall.models import Holiday, StipendRates, Team, User


@dataclass(frozen=True, slots=True)
class DutyPeople:
    """People by id, with the rules for time on call of each.

    The holidays are those of the calendar where a person lives, or else of the
    schedule or the team; the clock is the team's.
    """

    rates: StipendRates
    users: dict[int, User]
    holidays: dict[int | None, frozenset[date]]
    calendar_id: int | None

    def rules_of(self, person: PersonId) -> DayRules:
        """Return what is night and holiday for a person."""
        return DayRules(
            zone=ZoneInfo(self.rates.team.time_zone),
            holidays=self.holidays_of(person),
            night_starts=self.rates.night_starts,
            night_ends=self.rates.night_ends,
        )

    def holidays_of(self, person: PersonId) -> frozenset[date]:
        """Return a person's holidays."""
        user = self.users.get(person) if isinstance(person, int) else None
        own = user.calendar_id if user else None
        return self.holidays.get(own or self.calendar_id, frozenset())

    def name(self, person: PersonId) -> str:
        """Return a person's display name."""
        user = self.users.get(person) if isinstance(person, int) else None
        return user.display_name if user else ""


def rates_of(team: Team) -> StipendRates:
    """Return the team's rates, or what holds until somebody saves some."""
    found = StipendRates.objects.filter(team=team).first() or StipendRates(team=team)
    found.team = team
    return found


def read_people(
    team: Team, ids: Collection[int], *, calendar_id: int | None = None
) -> DutyPeople:
    """Return people of a team with their rules, with three queries for any number."""
    users = {user.pk: user for user in User.objects.filter(pk__in=ids)}
    fallback = calendar_id or team.calendar_id
    calendars = {user.calendar_id for user in users.values()} | {fallback}
    days: dict[int | None, set[date]] = defaultdict(set)
    for calendar, on in Holiday.objects.filter(
        calendar__in=calendars - {None}
    ).values_list("calendar_id", "on"):
        days[calendar].add(on)
    return DutyPeople(
        rates=rates_of(team),
        users=users,
        holidays={calendar: frozenset(found) for calendar, found in days.items()},
        calendar_id=fallback,
    )
