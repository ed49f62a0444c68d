"""Timetables and moments for the calendar tests, biased to where clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from checklists.domain.cadence import Timetable, Timing
from checklists.domain.cadence_rule import (
    HOURS,
    CadenceKind,
    CadenceRule,
    DayPick,
)
from checklists.domain.holiday import HolidayPolicy

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Whole days skipped, half-hour and two-hour changes, changes at midnight,
# offsets of quarter hours, the ends of the earth, and changes decided late.
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Gaza",
    "Asia/Tehran",
    "Asia/Kathmandu",
    "America/Havana",
    "America/Santiago",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "Antarctica/Troll",
)
_FROM = datetime(1994, 1, 1, tzinfo=UTC)
_FORTNIGHTS = 26 * 40


def at(text):
    """Read an instant such as "2025-11-02 10:00" as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def clock_changes(name):
    """Return the instants at which a zone changed its clocks, or one plain one."""
    zone = ZoneInfo(name)
    found = []
    before, old = _FROM, _FROM.astimezone(zone).utcoffset()
    # Two weeks: closer than any zone put two changes, even around Ramadan.
    for count in range(1, _FORTNIGHTS):
        after = _FROM + count * 14 * DAY
        new = after.astimezone(zone).utcoffset()
        if new != old:
            found.append(_bisect(zone, before, after))
        before, old = after, new
    return found or [_FROM]


def _bisect(zone, low, high):
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


# Strategies are made once: making one takes longer than drawing from it.
_ONE_OF_FOUR, _AROUND = st.integers(0, 3), st.integers(-180, 180)
_EVER = st.integers(0, 40 * 365 * 1440)


@cache
def _changes(name):
    return st.sampled_from(clock_changes(name))


def draw_moment(draw, zone):
    """Draw an instant in 1994 to 2033, mostly within 3 hours of a clock change."""
    if draw(_ONE_OF_FOUR):
        near = draw(_changes(zone.key))
        return near + timedelta(minutes=draw(_AROUND))
    return _FROM + timedelta(minutes=draw(_EVER))


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]))


def lengths(low, high):
    """Lengths of low to high minutes."""
    return st.integers(low, high).map(lambda minutes: timedelta(minutes=minutes))


_GRACES, _LONGER = lengths(0, 2000), lengths(0, 3000)
_AHEAD = st.one_of(lengths(1, 600), lengths(1, 20000))


def draw_timing(draw):
    """Draw when a run is due, opens and closes."""
    grace = draw(_GRACES)
    return Timing(
        due_time=draw(times),
        opens_before=draw(_AHEAD),
        grace=grace,
        closes_after=grace + draw(_LONGER),
    )


_picks = st.one_of(
    st.builds(lambda day: {"on": DayPick.DAY, "day": day}, st.integers(1, 28)),
    st.just({"on": DayPick.LAST_DAY}),
    st.builds(
        lambda nth, weekday: {"on": DayPick.WEEKDAY, "nth": nth, "weekday": weekday},
        st.sampled_from([1, 2, 3, 4, -1]),
        st.integers(1, 7),
    ),
    st.builds(
        lambda nth: {"on": DayPick.BUSINESS_DAY, "nth": nth},
        st.sampled_from([*range(1, 16), *range(-15, 0)]),
    ),
)
_days = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
dates = st.dates(date(1994, 1, 1), date(2033, 12, 31))

plain_rules = st.sampled_from(
    [CadenceRule(kind=CadenceKind.DAILY), CadenceRule(kind=CadenceKind.WEEKDAYS)]
)
weekly_rules = st.one_of(
    st.builds(lambda days: CadenceRule(kind=CadenceKind.WEEKLY, days=days), _days),
    st.builds(
        lambda days, every, starts_on: CadenceRule(
            kind=CadenceKind.WEEKLY, days=days, every=every, starts_on=starts_on
        ),
        _days,
        st.integers(2, 8),
        dates,
    ),
)
monthly_rules = st.one_of(
    st.builds(lambda pick: CadenceRule(kind=CadenceKind.MONTHLY, **pick), _picks),
    st.integers(29, 31).map(
        lambda day: CadenceRule(kind=CadenceKind.MONTHLY, on=DayPick.DAY, day=day)
    ),
)
long_rules = st.one_of(
    st.builds(
        lambda pick, month: CadenceRule(
            kind=CadenceKind.QUARTERLY, month=month, **pick
        ),
        _picks,
        st.integers(1, 3),
    ),
    st.builds(
        lambda pick, month: CadenceRule(kind=CadenceKind.YEARLY, month=month, **pick),
        _picks,
        st.integers(1, 12),
    ),
)
hourly_rules = st.sampled_from(HOURS).map(
    lambda hours: CadenceRule(kind=CadenceKind.HOURLY, hours=hours)
)
rules = st.one_of(plain_rules, weekly_rules, monthly_rules, long_rules, hourly_rules)
zones = st.one_of(
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.sampled_from(sorted(available_timezones())),
).map(ZoneInfo)


_OFFSETS = st.sets(st.integers(-40, 40), max_size=12)


def draw_holidays(draw, day):
    """Draw up to 12 holidays within 40 days of ``day``."""
    return frozenset(day + timedelta(days=offset) for offset in draw(_OFFSETS))


@st.composite
def timetables_at(draw, some_rules=rules, policies=tuple(HolidayPolicy)):
    """A timetable and an instant near which it has holidays and clock changes."""
    zone = draw(zones)
    moment = draw_moment(draw, zone)
    timetable = Timetable(
        rule=draw(some_rules),
        timing=draw_timing(draw),
        zone=zone,
        holidays=draw_holidays(draw, moment.date()),
        policy=draw(st.sampled_from(policies)),
    )
    return timetable, moment
