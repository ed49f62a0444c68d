"""One common scale behind every service's own words for severity.

Level 1 is critical, 5 is info. Smaller is worse.
"""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Literal, NamedTuple

from oncall.domain.walltime import to_utc, to_wall

Tone = Literal["", "warn", "crit"]

LEVELS: Final = {1: "Critical", 2: "High", 3: "Medium", 4: "Low", 5: "Info"}
WORST: Final = 1
MILDEST: Final = 5
# "Next business day" ends here, on the clock of the team.
CLOSE_OF_BUSINESS: Final = time(17, 0)
_DAY: Final = timedelta(days=1)


class Target(NamedTuple):
    """How fast a severity wants an answer; both empty means that none is set."""

    response: timedelta | None = None
    is_next_business_day: bool = False


def name_level(level: int) -> str:
    """Return the common word of a level, such as "High" for 2."""
    return LEVELS[level]


def alert_tone(level: int) -> Tone:
    """Return the colour of an alert of this level."""
    if level == WORST:
        return "crit"
    return "warn" if level <= 3 else ""


def incident_tone(level: int) -> Tone:
    """Return the colour of an incident: one step louder than that of an alert."""
    return alert_tone(max(WORST, level - 1))


def worst_level(*levels: int) -> int:
    """Return the most severe of the levels."""
    return min(levels)


def is_raise(level: int, peak: int) -> bool:
    """Say whether ``level`` is worse than the worst so far."""
    return level < peak


def find_response_deadline(
    target: Target, since: datetime, zone: tzinfo, holidays: frozenset[date]
) -> datetime | None:
    """Return the aware UTC moment by which somebody has to answer, or None.

    ``since`` is an aware moment. A length counts round the clock. "Next business
    day" is 17:00 in ``zone`` on the first Monday to Friday after the local date
    of ``since`` that is no holiday. No target gives None: none is invented.
    """
    if target.is_next_business_day:
        day = _next_business_day(to_wall(since, zone).date(), holidays)
        return to_utc(datetime.combine(day, CLOSE_OF_BUSINESS), zone)
    return None if target.response is None else since + target.response


def _next_business_day(day: date, holidays: frozenset[date]) -> date:
    day += _DAY
    while day.weekday() >= 5 or day in holidays:
        day += _DAY
    return day
