"""The reminder ladder: its rungs, and its JSON.

JSON: a list, one object a rung::

    [{"when": "before 30m", "to": ["assignee"]},
     {"when": "at due", "to": ["assignee", "on_call"]},
     {"when": "after 1h 30m", "to": ["manager"], "ignores_quiet_hours": true}]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from checklists.domain.field_error import FieldError

MOST_RUNGS = 10
FARTHEST = timedelta(days=366)
_ZERO = timedelta()
_WHEN = re.compile(
    r"(before|after) (?=\d)(?:(\d{1,3})d ?)?(?:(\d{1,3})h ?)?(?:(\d{1,3})m)?"
)
_RUNG_FIELDS = ("when", "to", "ignores_quiet_hours")


class LadderError(FieldError):
    """A ladder that cannot be used; fields are named like ``[1].when``."""


class Audience(StrEnum):
    """Whom a rung reminds, each found at the moment of sending."""

    ASSIGNEE = "assignee"
    ON_CALL = "on_call"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class Rung:
    """One reminder: how far from due (negative is before), and to whom.

    ``offset`` is in whole minutes, so that its key says all of it.
    """

    offset: timedelta
    audiences: tuple[Audience, ...]
    ignores_quiet_hours: bool = False

    @property
    def key(self) -> str:
        """Its name among the sent ones: the same words as in its JSON."""
        return write_offset(self.offset)


Ladder = tuple[Rung, ...]

DEFAULT_LADDER: Ladder = (
    Rung(timedelta(minutes=-30), (Audience.ASSIGNEE,)),
    Rung(_ZERO, (Audience.ASSIGNEE,)),
    Rung(timedelta(minutes=30), (Audience.ASSIGNEE, Audience.MANAGER)),
)


def write_offset(offset: timedelta) -> str:
    """Return an offset from due in words: "before 1h 30m", "at due"."""
    if not offset:
        return "at due"
    minutes = int(abs(offset) / timedelta(minutes=1))
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    length = " ".join(f"{number}{unit}" for number, unit in parts if number)
    return f"{'before' if offset < _ZERO else 'after'} {length}"


def read_offset(field: str, value: object) -> timedelta:
    """Read "before 30m", "at due" or "after 1d 2h"; raises LadderError."""
    if value == "at due":
        return _ZERO
    found = _WHEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise LadderError(field, 'use "before 30m", "at due" or "after 1h 30m"')
    days, hours, minutes = (int(number or 0) for number in found.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not length:
        raise LadderError(field, 'a length of zero is written "at due"')
    if length > FARTHEST:
        raise LadderError(field, f"use at most {FARTHEST.days} days")
    return -length if found[1] == "before" else length


def ladder_to_json(ladder: Ladder) -> list[dict[str, object]]:
    """Return the ladder as plain JSON values; ``ladder_from_json`` reads it."""
    return [
        {
            "when": rung.key,
            "to": [audience.value for audience in rung.audiences],
            "ignores_quiet_hours": rung.ignores_quiet_hours,
        }
        for rung in ladder
    ]


def ladder_from_json(raw: object) -> Ladder:
    """Read a ladder, lowest rung first; raises LadderError naming the field."""
    if not isinstance(raw, list):
        raise LadderError("ladder", "use a list of rungs")
    if len(raw) > MOST_RUNGS:
        raise LadderError("ladder", f"use at most {MOST_RUNGS} rungs")
    rungs = [_read_rung(f"[{index}]", rung) for index, rung in enumerate(raw)]
    offsets = [rung.offset for rung in rungs]
    for index, offset in enumerate(offsets):
        if offset in offsets[:index]:
            raise LadderError(
                f"[{index}].when", "is there twice; name all its people in one rung"
            )
    return tuple(sorted(rungs, key=lambda rung: rung.offset))


def _read_rung(field: str, raw: object) -> Rung:
    if not isinstance(raw, Mapping):
        raise LadderError(field, 'use an object with "when" and "to"')
    for name in raw:
        if name not in _RUNG_FIELDS:
            raise LadderError(f"{field}.{name}", "is not part of a rung; remove it")
    ignores = raw.get("ignores_quiet_hours", False)
    if not isinstance(ignores, bool):
        raise LadderError(f"{field}.ignores_quiet_hours", "use true or false")
    return Rung(
        offset=read_offset(f"{field}.when", raw.get("when")),
        audiences=_read_audiences(f"{field}.to", raw.get("to")),
        ignores_quiet_hours=ignores,
    )


def _read_audiences(field: str, raw: object) -> tuple[Audience, ...]:
    known = [audience.value for audience in Audience]
    remedy = f"use a list of one or more of {', '.join(known)}"
    if not isinstance(raw, list) or not raw:
        raise LadderError(field, remedy)
    if any(word not in known for word in raw):
        raise LadderError(field, remedy)
    return tuple(audience for audience in Audience if audience.value in raw)
