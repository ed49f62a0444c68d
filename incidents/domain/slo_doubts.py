"""What a service promises elsewhere that its error budget contradicts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from incidents.domain.slo import HOUR, Objective, say_seconds

_MONTH, _YEAR = 30, 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What else is promised; None where the runbook says nothing."""

    kind: str
    includes_4xx: bool
    response: timedelta | None
    recovery_time: timedelta | None
    recovery_point: timedelta | None
    backup_every: timedelta | None
    # Days of the windows over which the service promises the same target.
    windows: frozenset[int] = frozenset()


def find_doubts(objective: Objective, promises: Promises) -> list[str]:
    """Return a sentence for each contradiction, the weightiest first."""
    return [
        *_of_recovery(objective, promises),
        *_of_response(objective, promises),
        *_of_backups(promises),
        *_of_errors(promises),
        *_of_window(objective, promises),
    ]


def _of_recovery(objective: Objective, promises: Promises) -> Iterator[str]:
    if promises.recovery_time is None:
        return
    share = _share(promises.recovery_time, objective)
    if share > 1:
        yield (
            f"Recovery within {_say(promises.recovery_time)} (RTO) is "
            f"{_percent(share)} of the budget of {objective.window_days} days "
            f"({say_seconds(objective.budget)}): one recovery that keeps the RTO "
            "breaks the objective."
        )


def _of_response(objective: Objective, promises: Promises) -> Iterator[str]:
    if promises.response is None:
        return
    share = _share(promises.response, objective)
    half = say_seconds(objective.budget / 2)
    if share > Fraction(1, 2):
        yield (
            f"A response within {_say(promises.response)} is {_percent(share)} of the "
            f"budget; half of it ({half}) is gone before anybody has to answer."
        )


def _of_backups(promises: Promises) -> Iterator[str]:
    point, every = promises.recovery_point, promises.backup_every
    if point is not None and every is not None and every > point:
        yield (
            f"At most {_say(point)} of data may be lost (RPO), but "
            f"a backup every {_say(every)} can lose as much as that."
        )


def _of_errors(promises: Promises) -> Iterator[str]:
    if promises.kind == "errors" and promises.includes_4xx:
        yield (
            "Errors of clients (4xx) count: a client that asks for what is not there "
            "consumes the budget."
        )


def _of_window(objective: Objective, promises: Promises) -> Iterator[str]:
    if not {_MONTH, _YEAR} <= {objective.window_days, *promises.windows}:
        return
    month = Objective(objective.target, _MONTH).budget
    year = Objective(objective.target, _YEAR).budget
    yield (
        f"30 days allow {say_seconds(month)} and 365 days {float(year / HOUR):.2f} h, but "
        f"twelve times 30 days only {float(12 * month / HOUR):.2f} h: the window is part of "
        "the promise."
    )


def _share(length: timedelta, objective: Objective) -> Fraction:
    return Fraction(int(length.total_seconds())) / objective.budget


def _percent(share: Fraction) -> str:
    return f"{round(float(100 * share))} %"


def _say(length: timedelta) -> str:
    return say_seconds(int(length.total_seconds()))
