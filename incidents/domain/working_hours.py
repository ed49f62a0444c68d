"""Which hours are working hours, for telling who was disturbed outside them."""

from collections.abc import Collection
from datetime import date, datetime, time, tzinfo

BEGIN, END = time(9), time(18)
_SATURDAY = 5


def is_working(at: datetime, zone: tzinfo, holidays: Collection[date]) -> bool:
    """Say whether a moment is on a working day from 09:00 to 18:00 in `zone`."""
    local = at.astimezone(zone)
    is_free = local.weekday() >= _SATURDAY or local.date() in holidays
    return not is_free and BEGIN <= local.time() < END
