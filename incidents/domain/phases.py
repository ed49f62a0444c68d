"""The phases of a response, what is due in each, and when people hear of it next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

EXECUTIVE_PACE: Final = timedelta(minutes=5)


class Phase(NamedTuple):
    """One phase; ``ends`` is None for the last one. Counted from detection."""

    number: int
    name: str
    begins: timedelta
    ends: timedelta | None

    @property
    def words(self) -> str:
        """Its minutes, such as "5 to 15 min"."""
        first = self.begins // timedelta(minutes=1)
        if self.ends is None:
            return f"from {first} min"
        return f"{first} to {self.ends // timedelta(minutes=1)} min"


def _phase(number: int, name: str, begins: int, ends: int | None) -> Phase:
    minute = timedelta(minutes=1)
    return Phase(number, name, begins * minute, None if ends is None else ends * minute)


PHASES: Final = (
    _phase(1, "Detection", 0, 5),
    _phase(2, "Assessment", 5, 15),
    _phase(3, "Communication", 15, 30),
    _phase(4, "Investigation and fix", 30, None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFacts:
    """What a response has done so far."""

    is_acknowledged: bool
    has_commander: bool
    has_impact: bool
    are_stakeholders_told: bool
    is_public_told: bool
    has_external_impact: bool
    is_cause_known: bool
    is_mitigated: bool


class Duty(NamedTuple):
    """One thing that is due in a phase."""

    phase: int
    text: str
    is_done: bool
    is_late: bool


def find_phase(elapsed: timedelta) -> Phase:
    """Return the phase in which an incident is that was detected so long ago."""
    return next(each for each in reversed(PHASES) if elapsed >= each.begins)


def list_duties(facts: ResponseFacts, elapsed: timedelta) -> list[Duty]:
    """Return what is due by phase; late is what an ended phase left undone."""
    due = [
        (1, "Somebody has it", facts.is_acknowledged),
        (1, "Somebody commands", facts.has_commander),
        (2, "The impact is written down", facts.has_impact),
        (3, "Stakeholders have an update", facts.are_stakeholders_told),
    ]
    if facts.has_external_impact:
        due.append((3, "The public has an update", facts.is_public_told))
    due += [
        (4, "The cause is known", facts.is_cause_known),
        (4, "It is mitigated", facts.is_mitigated),
    ]
    return [
        Duty(number, text, is_done, not is_done and _is_over(number, elapsed))
        for number, text, is_done in due
    ]


def find_update_due(
    last_word_at: datetime,
    *,
    promised_at: datetime | None,
    pace: timedelta | None,
    is_executive: bool,
) -> datetime | None:
    """Return when people have to hear of it next; None where nothing asks for it.

    The earliest of what was promised, the severity's own ``pace``, and five minutes
    while executives lead, the last two counted from the last word.
    """
    paces = [pace] if pace is not None else []
    if is_executive:
        paces.append(EXECUTIVE_PACE)
    due = [last_word_at + each for each in paces]
    if promised_at is not None:
        due.append(promised_at)
    return min(due, default=None)


def _is_over(number: int, elapsed: timedelta) -> bool:
    ends = PHASES[number - 1].ends
    return ends is not None and elapsed >= ends
