"""How well a team keeps its checklists: counts, percent, streak, auto share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from checklists.domain.catch_up import CAUSE_SYSTEM

_TENTH = Decimal("0.1")


class Standing(StrEnum):
    """How one run counts. A run stands in exactly one of these."""

    PENDING = "pending"
    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    SYSTEM_MISSED = "system_missed"
    SKIPPED = "skipped"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What compliance needs of a run.

    ``outcome`` is ``completed``, ``missed``, ``skipped``, ``void``, or empty
    while the run is not closed. ``missed_at`` is when grace passed with the run
    incomplete.
    """

    outcome: str
    missed_at: datetime | None
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """The counts of a set of runs; ``expected`` is the sum of all but pending."""

    on_time: int
    late: int
    missed: int
    system_missed: int
    skipped: int
    void: int
    pending: int
    streak: int
    items_done: int
    items_auto: int

    @property
    def expected(self) -> int:
        """Runs that had to be done by now."""
        return (
            self.on_time
            + self.late
            + self.missed
            + self.system_missed
            + self.skipped
            + self.void
        )

    @property
    def percent(self) -> Decimal | None:
        """Percent done on time, of what the team could have done; None of none.

        Skipped, void and system-missed runs are no fault of the team.
        """
        fair = self.expected - self.skipped - self.void - self.system_missed
        return _percent(self.on_time, fair)

    @property
    def auto_percent(self) -> Decimal | None:
        """Percent of the ticked items that ticked themselves; None of none."""
        return _percent(self.items_auto, self.items_done)


def judge_run(run: RunRecord) -> Standing:
    """Say how one run counts.

    A run that was created past its grace (cause ``system``) stays
    system-missed, even when somebody completes it afterwards: the team never
    had the chance to be on time. An open run counts as missed once its grace
    has passed, and becomes late when it is completed.
    """
    if run.outcome in (Standing.SKIPPED, Standing.VOID):
        return Standing(run.outcome)
    if run.outcome == "missed" or run.missed_at is not None:
        if run.cause == CAUSE_SYSTEM:
            return Standing.SYSTEM_MISSED
        return Standing.LATE if run.outcome == "completed" else Standing.MISSED
    return Standing.ON_TIME if run.outcome == "completed" else Standing.PENDING


def measure_compliance(
    runs: Sequence[RunRecord], *, items_done: int = 0, items_auto: int = 0
) -> Compliance:
    """Count ``runs``, given in order of their due times, oldest first.

    ``items_done`` counts their ticked items, ``items_auto`` those of them that
    ticked themselves.
    """
    return count_standings(
        [judge_run(run) for run in runs], items_done=items_done, items_auto=items_auto
    )


def count_standings(
    standings: Sequence[Standing], *, items_done: int = 0, items_auto: int = 0
) -> Compliance:
    """Count runs of which only the standings are known, oldest first."""
    return tell_counts(
        Counter(standings),
        streak=count_streak(standings),
        items_done=items_done,
        items_auto=items_auto,
    )


def tell_counts(
    counts: Mapping[Standing, int],
    *,
    streak: int,
    items_done: int = 0,
    items_auto: int = 0,
) -> Compliance:
    """Return what was counted elsewhere; what is not there was none."""
    counts = Counter(counts)
    return Compliance(
        on_time=counts[Standing.ON_TIME],
        late=counts[Standing.LATE],
        missed=counts[Standing.MISSED],
        system_missed=counts[Standing.SYSTEM_MISSED],
        skipped=counts[Standing.SKIPPED],
        void=counts[Standing.VOID],
        pending=counts[Standing.PENDING],
        streak=streak,
        items_done=items_done,
        items_auto=items_auto,
    )


def count_streak(standings: Iterable[Standing]) -> int:
    """Count the on-time runs since the last late or missed one.

    ``standings`` stand oldest first. What was nobody's fault (skipped, void,
    system-missed) and what is still pending neither adds nor breaks.
    """
    streak = 0
    for standing in standings:
        if standing is Standing.ON_TIME:
            streak += 1
        elif standing in (Standing.LATE, Standing.MISSED):
            streak = 0
    return streak


def _percent(part: int, whole: int) -> Decimal | None:
    if whole == 0:
        return None
    # Rounded down: 999 of 1,000 is never shown as 100.
    return (Decimal(100 * part) / whole).quantize(_TENTH, rounding=ROUND_DOWN)
