"""Groups of alerts that are told together: what they share, what to tell when.

Of a group one alert speaks: it is told and climbs its ladder as ever. The others are
mute; channels hear in one message what joined. What is worse speaks by itself.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from incidents.domain.grouping import LONGEST_LABEL, find_value

MOST_LABELS: Final = 8
LONGEST_WAIT: Final = timedelta(minutes=5)
SHORTEST_INTERVAL: Final = timedelta(seconds=10)
LONGEST_INTERVAL: Final = timedelta(days=1)
LONGEST_REPEAT: Final = timedelta(days=7)

Shared = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """How alerts of a service are grouped: by the values of these labels.

    No labels: all of them are one group. ``wait`` is how long a new group gathers
    before it tells, ``interval`` how long channels wait to hear what joined,
    ``repeat`` when they hear again of what goes on.
    """

    labels: tuple[str, ...]
    wait: timedelta = timedelta(seconds=10)
    interval: timedelta = timedelta(minutes=1)
    repeat: timedelta = timedelta(hours=4)


class Act(StrEnum):
    """What is due of a group."""

    REST = "rest"
    SPEAK = "speak"
    SUM_UP = "sum up"
    REMIND = "remind"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """An open group as it stands; ``told_at`` and ``told_count`` as channels heard.

    ``is_taken``: somebody has all that is open of it. ``waits``: an alert of it is
    open that nothing but the group keeps quiet, and none speaks for it.
    """

    tells_at: datetime
    interval: timedelta
    repeat: timedelta
    told_at: datetime | None
    told_count: int
    alert_count: int
    is_open: bool
    is_taken: bool
    waits: bool


def read_names(text: str) -> tuple[str, ...]:
    """Return the names of labels that people write with commas, each once, in order."""
    names = (name.strip() for name in text.split(","))
    return tuple(dict.fromkeys(name for name in names if name))


def refuse_rule(rule: Rule) -> tuple[str, str] | None:
    """Return the field that does not do, and why; None when the rule is good."""
    if len(rule.labels) > MOST_LABELS:
        return "labels", f"Name at most {MOST_LABELS} labels."
    if any(len(name) > LONGEST_LABEL for name in rule.labels):
        return "labels", f"A label has at most {LONGEST_LABEL} characters."
    bounds = {
        "wait": (timedelta(), LONGEST_WAIT),
        "interval": (SHORTEST_INTERVAL, LONGEST_INTERVAL),
        "repeat": (rule.interval, LONGEST_REPEAT),
    }
    for name, (least, most) in bounds.items():
        if not least <= getattr(rule, name) <= most:
            return name, f"Choose between {least} and {most}."
    return None


def find_shared(
    names: Sequence[str], labels: Mapping[str, object], metric: str
) -> Shared:
    """Return what an alert has for each name, "" where it has none."""
    return tuple((name, find_value(name, labels, metric)) for name in names)


def make_key(shared: Shared) -> str:
    """Return what tells groups of one service apart."""
    return hashlib.sha256(json.dumps(shared).encode()).hexdigest()[:32]


def say_shared(shared: Sequence[Sequence[str]]) -> str:
    """Return what the alerts of a group share as one line."""
    if not shared:
        return "all alerts of the service"
    return ", ".join(f"{name}={value or 'none'}" for name, value in shared)


def say_speaker(shared: Sequence[Sequence[str]], alerts: int) -> str:
    """Return for how many others an alert speaks, "" for itself alone."""
    if alerts < 2:
        return ""
    return f"It speaks for {alerts} alerts: {say_shared(shared)}."


def next_act(group: Facts, now: datetime) -> Act:
    """Return what is due of an open group at ``now``."""
    if not group.is_open:
        return Act.CLOSE
    if group.waits:
        return Act.SPEAK if group.tells_at <= now else Act.REST
    if group.told_at is None:
        return Act.REST
    if group.alert_count > group.told_count and group.told_at + group.interval <= now:
        return Act.SUM_UP
    is_old = group.told_at + group.repeat <= now
    return Act.REMIND if is_old and not group.is_taken else Act.REST
