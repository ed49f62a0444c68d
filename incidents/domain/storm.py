"""Storms: so many new alerts of one service that nobody can read them one by one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

SPAN: Final = timedelta(seconds=60)
# More new alerts than these within the span are a storm; fewer than these are calm.
MOST_OPENED: Final = 50
CALM_BELOW: Final = 25
CALM_FOR: Final = timedelta(minutes=5)
SUMMARY_EVERY: Final = timedelta(minutes=1)
COOLDOWN: Final = timedelta(minutes=10)
# What so large a part of the alerts has in common is worth a word.
COMMON_SHARE: Final = 0.5
MOST_COMMON: Final = 3


class CommonLabel(NamedTuple):
    """A label that so many of the alerts have with this value."""

    name: str
    value: str
    alerts: int


def is_storm(opened: int) -> bool:
    """Say whether so many new alerts within the span are a storm."""
    return opened > MOST_OPENED


def find_start(began_at: datetime) -> datetime:
    """Return after which moment alerts are of a storm: those that made it one, too."""
    return began_at - SPAN


def find_calm(
    calm_since: datetime | None, opened: int, now: datetime
) -> datetime | None:
    """Return since when it is calm, where ``opened`` began within the last span."""
    return (calm_since or now) if opened < CALM_BELOW else None


def is_over(calm_since: datetime | None, now: datetime) -> bool:
    """Say whether it has been calm for long enough."""
    return calm_since is not None and now - calm_since >= CALM_FOR


def find_common(alerts: Sequence[Mapping[str, str]]) -> list[CommonLabel]:
    """Return what most of the alerts have in common, the most frequent first.

    Each mapping is the labels of one alert, its metric among them; a label with an
    empty value is none. At most three, each of at least half of the alerts.
    """
    counts = Counter(
        pair for labels in alerts for pair in labels.items() if pair[1] != ""
    )
    found = [
        CommonLabel(name, value, count)
        for (name, value), count in counts.items()
        if count >= COMMON_SHARE * len(alerts)
    ]
    # The metric says most of what is wrong; then by name, so that order is one.
    found.sort(key=lambda each: (-each.alerts, each.name != "metric", each.name))
    return found[:MOST_COMMON]


def find_culprit(keys: Iterable[int]) -> int | None:
    """Return the key that more than half of them are, None where none is."""
    counts = Counter(keys)
    for key, count in counts.most_common(1):
        if 2 * count > counts.total():
            return key
    return None


def is_exempt(level: int, exempt_level: int | None) -> bool:
    """Say whether an alert still tells by itself: the first one, and a worse one.

    ``exempt_level`` is the worst level that was told by itself in this storm.
    """
    return exempt_level is None or level < exempt_level


def say_common(common: Sequence[CommonLabel], of: int) -> str:
    """Return what they have in common as one line, "" for nothing."""
    return ", ".join(
        f"{each.name}={each.value} ({each.alerts} of {of})" for each in common
    )
