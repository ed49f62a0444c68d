"""How long things are kept: what a purge would forget, in words and numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Expiring:
    """How many of a kind would go now: all from before a moment.

    ``setting`` is the variable of the environment that says ``age``.
    """

    words: str
    setting: str
    age: timedelta
    before: datetime
    count: int
