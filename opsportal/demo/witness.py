"""What the checks of the demo said at moments of the past."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from checklists.models import Check
from checklists.services.check_rows import condition_of
from opsportal.demo.seed_checks import Watched, seed_of


@dataclass(frozen=True, slots=True)
class Witnesses:
    """All checks by primary key; ``now`` is when the demo is loaded."""

    watched: Mapping[int, Watched]
    now: datetime

    def value_at(self, check: Check, at: datetime) -> float | None:
        """Return the number that the check saw."""
        part = self.watched[check.pk]
        if part.plan.plays is None:
            return 0.0 if part.plan.value is not None else None
        return part.plan.plays.at(
            at, since=self.now, seed=seed_of(part.service, part.plan)
        )

    def say(self, checks: Iterable[Check], at: datetime) -> str:
        """Return in one line what all of them said."""
        return "; ".join(self.say_one(check, at) for check in checks)[:250]

    def say_one(self, check: Check, at: datetime) -> str:
        """Return in one line what one of them said."""
        part = self.watched[check.pk]
        condition = condition_of(part.row)
        if part.plan.plays is None or condition is None or "baseline" in condition.text:
            return part.plan.was or part.plan.seen
        return condition.describe({"value": self.value_at(check, at)}, now=at)


def make_witnesses(watched: Iterable[Watched], now: datetime) -> Witnesses:
    """Return the witnesses of all checks."""
    return Witnesses({part.row.pk: part for part in watched}, now)
