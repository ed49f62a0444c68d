"""When people are away, and what a rotation does about it."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from oncall.domain.walltime import to_micros


class AbsencePolicy(StrEnum):
    """What a rotation does while one of its people is away."""

    WARN = "warn"
    SKIP = "skip"
    NEXT = "next"


@dataclass(frozen=True)
class Absence:
    """A time start <= t < end in which a person is away.

    It acts from `created_at` on and, cancelled, until `cancelled_at`: what was
    before stays as it was.
    """

    person: Hashable
    start: datetime
    end: datetime
    created_at: datetime
    cancelled_at: datetime | None = None

    @cached_property
    def span(self) -> tuple[int, int]:
        """The microseconds start, end in which it acts; empty when end <= start."""
        start, end = to_micros(self.start), to_micros(self.end)
        if self.cancelled_at is not None:
            end = min(end, to_micros(self.cancelled_at))
        return max(start, to_micros(self.created_at)), end
