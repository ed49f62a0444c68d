"""The teams of the demo and the people in them, named by what they do."""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPlan:
    """One account; ``roles`` are by team."""

    username: str
    name: str
    time_zone: str
    roles: tuple[tuple[str, str], ...]
    is_admin: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None

    @property
    def email(self) -> str:
        """An address that leads nowhere but to this machine."""
        return f"{self.username}@demo.localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlan:
    """One team with its weekly rotation; ``rotation`` are user names in order."""

    slug: str
    name: str
    time_zone: str
    country: str
    lead: str
    rotation: tuple[str, ...]
    weekday: int
    hands_over_at: time
    channel: str
    # Holidays as they fall in any year: month, day, name.
    holidays: tuple[tuple[int, int, str], ...]

    @property
    def schedule_slug(self) -> str:
        """The short name of the rotation."""
        return self.slug

    def holidays_of(self, year: int) -> list[tuple[date, str]]:
        """Return the dates of one year."""
        return [(date(year, month, day), name) for month, day, name in self.holidays]


BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
BUENOS_AIRES = "America/Argentina/Buenos_Aires"

TEAMS = (
    TeamPlan(
        slug="platform",
        name="Platform",
        time_zone=BERLIN,
        country="DE",
        lead="team.lead",
        rotation=("engineer.a", "engineer.b", "engineer.c", "engineer.d"),
        weekday=0,
        hands_over_at=time(9),
        channel="#platform-ops",
        holidays=(
            (1, 1, "New Year's Day"),
            (5, 1, "Labour Day"),
            (10, 3, "German Unity Day"),
            (12, 25, "Christmas Day"),
            (12, 26, "Second Day of Christmas"),
        ),
    ),
    TeamPlan(
        slug="energy",
        name="Energy",
        time_zone=NEW_YORK,
        country="US",
        lead="energy.lead",
        rotation=("engineer.e", "engineer.f", "engineer.g"),
        weekday=2,
        hands_over_at=time(10),
        channel="#incident-response",
        holidays=(
            (1, 1, "New Year's Day"),
            (6, 19, "Juneteenth"),
            (7, 4, "Independence Day"),
            (11, 11, "Veterans Day"),
            (12, 25, "Christmas Day"),
        ),
    ),
    TeamPlan(
        slug="invoicing",
        name="Invoicing",
        time_zone=BUENOS_AIRES,
        country="AR",
        lead="tech.lead",
        rotation=("engineer.h", "engineer.j", "engineer.k"),
        weekday=0,
        hands_over_at=time(10),
        channel="#arca-incidents",
        holidays=(
            (1, 1, "New Year's Day"),
            (3, 24, "Day of Remembrance"),
            (5, 25, "May Revolution"),
            (7, 9, "Independence Day"),
            (12, 8, "Immaculate Conception"),
            (12, 25, "Christmas Day"),
        ),
    ),
)


def _engineer(letter: str, team: str, zone: str) -> PersonPlan:
    return PersonPlan(
        username=f"engineer.{letter}",
        name=f"Engineer {letter.upper()}",
        time_zone=zone,
        roles=((team, "responder"),),
    )


PEOPLE = (
    PersonPlan(
        username="engineer.a",
        name="Engineer A",
        time_zone=BERLIN,
        # As an admin they see every team; this one is home.
        roles=(("platform", "manager"),),
        is_admin=True,
    ),
    _engineer("b", "platform", BERLIN),
    _engineer("c", "platform", BERLIN),
    _engineer("d", "platform", BERLIN),
    PersonPlan(
        username="team.lead",
        name="Team lead",
        time_zone=BERLIN,
        roles=(("platform", "manager"),),
        quiet_from=time(22),
        quiet_until=time(7),
    ),
    _engineer("e", "energy", NEW_YORK),
    _engineer("f", "energy", NEW_YORK),
    _engineer("g", "energy", NEW_YORK),
    PersonPlan(
        username="energy.lead",
        name="Energy lead",
        time_zone=NEW_YORK,
        roles=(("energy", "manager"),),
    ),
    _engineer("h", "invoicing", BUENOS_AIRES),
    _engineer("j", "invoicing", BUENOS_AIRES),
    _engineer("k", "invoicing", BUENOS_AIRES),
    PersonPlan(
        username="tech.lead",
        name="Tech lead",
        time_zone=BUENOS_AIRES,
        roles=(("invoicing", "manager"),),
    ),
    PersonPlan(
        username="observer",
        name="Observer",
        time_zone="UTC",
        roles=(("platform", "viewer"), ("energy", "viewer")),
    ),
)
