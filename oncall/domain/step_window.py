"""The weekdays and hours in which a step of an escalation policy serves."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from oncall.domain.walltime import to_utc, to_wall

_DAY = timedelta(days=1)
# Longer than any week, also one from which a zone left out a date.
_SIGHT = 16


@dataclass(frozen=True, slots=True)
class StepWindow:
    """When a step serves, on the clock of `zone` or, without one, of each responder.

    `days` counts from Monday = 0, empty for every day. Without `starts` and `ends`
    whole days; hours that end before they start pass midnight and belong to the day
    on which they start.
    """

    days: frozenset[int] = frozenset()
    starts: time | None = None
    ends: time | None = None
    zone: tzinfo | None = None

    def opens_at(self, at: datetime, zone: tzinfo | None = None) -> datetime:
        """Return the first aware moment at or after `at` in which it is open.

        `zone` is the responder's, for a window without a zone of its own.
        Raises ValueError when neither is there.
        """
        clock = self.zone or zone
        if clock is None:
            raise ValueError("A window without a zone needs that of the responder.")
        today = to_wall(at, clock).date()
        for ahead in range(-1, _SIGHT):
            day = today + ahead * _DAY
            if self.days and day.weekday() not in self.days:
                continue
            starts = self.starts or time()
            ends = self.ends or time()
            last = day + _DAY if ends <= starts else day
            opens = to_utc(datetime.combine(day, starts), clock)
            closes = to_utc(datetime.combine(last, ends), clock)
            # Where the clocks jump over it there is nothing of it that day.
            if opens < closes and at < closes:
                return max(at, opens)
        raise ValueError("This window never opens.")
