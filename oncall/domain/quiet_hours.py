"""When a person's quiet hours end."""

from datetime import datetime, time, timedelta, tzinfo

from oncall.domain.walltime import to_utc, to_wall


def quiet_until(
    at: datetime, *, starts: time, ends: time, zone: tzinfo
) -> datetime | None:
    """Return the moment at which the quiet hours around `at` end, None outside them.

    `starts` and `ends` are times on the wall clock of `zone`; hours that end before
    they start pass midnight, and equal ones are none at all. `starts` is quiet,
    `ends` no longer is.
    """
    wall = to_wall(at, zone)
    passes_midnight = ends < starts
    began_today = wall.time() >= starts
    if passes_midnight:
        is_quiet = began_today or wall.time() < ends
    else:
        is_quiet = began_today and wall.time() < ends
    if not is_quiet:
        return None
    day = wall.date() + timedelta(days=passes_midnight and began_today)
    end = to_utc(datetime.combine(day, ends), zone)
    # In an hour that autumn repeats, the end may have passed the first time round.
    return end if end > at else None
