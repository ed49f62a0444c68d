"""Who was there at a moment of the past."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from checklists.models import Cadence
from oncall.domain.rotation import timeline
from oncall.domain.schedule import Segment
from oncall.models import User
from oncall.queries.loading import load_schedule
from opsportal.demo.seed_teams import HISTORY, Teams


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of one team and who of them was primary when."""

    lead: User
    members: tuple[User, ...]
    segments: tuple[Segment, ...]
    holidays: frozenset[date]
    by_pk: Mapping[int, User]

    def primary_at(self, at: datetime) -> User:
        """Return who was primary, or the lead where nobody was."""
        for segment in self.segments:
            if segment.start <= at < segment.end and isinstance(segment.user, int):
                return self.by_pk[segment.user]
        return self.lead

    def person_at(self, at: datetime, cadence: Cadence, chance: random.Random) -> User:
        """Return who worked on a run: the primary, or for a team anybody of it."""
        if cadence.assignee == Cadence.Assignee.ONCALL:
            return self.primary_at(at)
        return chance.choice(self.members)

    def is_holiday(self, on: date) -> bool:
        """Say whether the team had the day off."""
        return on in self.holidays


def make_rosters(rows: Teams, now: datetime) -> dict[int, Roster]:
    """Return the roster of each team by its primary key."""
    people = {user.pk: user for user in rows.people.values()}
    return {
        rows.teams[slug].pk: Roster(
            lead=rows.people[plan.lead],
            members=tuple(rows.people[name] for name in plan.rotation),
            segments=tuple(
                segment
                for segment in timeline(
                    load_schedule(rows.schedules[slug].pk), now - HISTORY, now
                )
                if segment.role == "primary"
            ),
            holidays=frozenset(
                on
                for year in (now.year - 1, now.year)
                for on, _ in plan.holidays_of(year)
            ),
            by_pk=people,
        )
        for slug, plan in rows.plans.items()
    }
