"""From the days on which somebody says to be away to instants, and back."""

from datetime import date, datetime, time, timedelta, tzinfo

from oncall.domain.walltime import to_utc, to_wall

DAY = timedelta(days=1)


def read_span(
    first: date,
    last: date,
    zone: tzinfo,
    *,
    starts: time | None = None,
    ends: time | None = None,
) -> tuple[datetime, datetime]:
    """Return the instants from which and until which somebody is away.

    Without times whole days on the clock of `zone`, the last one included.
    """
    begin = datetime.combine(first, starts or time())
    stop = (
        datetime.combine(last, ends) if ends else datetime.combine(last, time()) + DAY
    )
    return to_utc(begin, zone), to_utc(stop, zone)


def days_between(start: datetime, end: datetime, zone: tzinfo) -> list[date]:
    """Return the days on the clock of `zone` that start <= t < end touches."""
    first = to_wall(start, zone).date()
    last = to_wall(end - timedelta(microseconds=1), zone).date()
    return [first + DAY * number for number in range((last - first).days + 1)]


def days_of_month(month: date) -> list[date]:
    """Return every day of the month in which `month` lies."""
    first = month.replace(day=1)
    found = []
    while first.month == month.month:
        found.append(first)
        first += DAY
    return found
