"""What a schedule's clock and holidays were before somebody changed them.

A new zone moves handoffs from its moment on and nothing before: the versions of the
past keep the zone and the holidays that they were lived in.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from oncall.domain.schedule import Rotation, RotationVersion
from oncall.domain.walltime import to_micros


@dataclass(frozen=True, slots=True)
class Former:
    """A zone and the holidays in it that held until a moment, aware."""

    until: datetime
    zone: tzinfo
    holidays: frozenset[date] = frozenset()


def keep_past(
    rotations: Iterable[Rotation], former: Iterable[Former]
) -> tuple[Rotation, ...]:
    """Return the rotations with the versions of the past as they were lived.

    A version that outlasts a moment of `former` is cut there in two.
    """
    known = sorted(former, key=lambda each: each.until)
    if not known:
        return tuple(rotations)
    return tuple(
        replace(
            rotation,
            versions=tuple(
                part
                for _, end, version in rotation.eras
                for part in _cut(version, end, known)
            ),
        )
        for rotation in rotations
    )


def _cut(
    version: RotationVersion, end: int, former: Sequence[Former]
) -> Iterator[RotationVersion]:
    since = version.effective_from
    for each in former:
        if each.until <= since:
            continue
        if version.zone is not None:
            break
        yield replace(
            version, effective_from=since, zone=each.zone, holidays=each.holidays
        )
        since = each.until
        if to_micros(since) >= end:
            return
    yield replace(version, effective_from=since)
