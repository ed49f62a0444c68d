"""Why an alert tells nobody for now. It never changes what the alert is.

Each ground gives a mute with the moment at which to look again; None means: when
another alert changes. An alert tells again when no ground is left.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from incidents.domain.matchers import Matcher, fit_all
from incidents.domain.noise import Quiet

Kind = Literal[
    "silence",
    "maintenance",
    "ladder",
    "storm",
    "cooldown",
    "flapping",
    "hold",
    "group",
]
# What differs between the rungs of one ladder.
_OF_A_RUNG: Final = frozenset({"severity", "level", "priority", "threshold"})


@dataclass(frozen=True, slots=True)
class Mute:
    """One reason not to tell; ``ref`` names it, such as "silence:4"."""

    kind: Kind
    ref: str
    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An open alert as muting sees it; ``labels`` as ``matchable`` gives them."""

    pk: int
    team_id: int
    service_id: int
    level: int
    summary: str
    ladder_key: str
    labels: Mapping[str, str]
    series_pk: int = 0
    storm_pk: int | None = None
    held_at: datetime | None = None
    # The group with which it is told; None where it speaks for one.
    group_pk: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What people asked not to hear of; without a service the whole team's."""

    pk: int
    team_id: int
    service_id: int | None
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    comment: str

    def holds(self, now: datetime) -> bool:
        """Say whether it is active: from its start to before its end."""
        return self.starts_at <= now < self.ends_at

    def covers(self, subject: Subject) -> bool:
        """Say whether it speaks of this alert."""
        if self.team_id != subject.team_id:
            return False
        if self.service_id not in {None, subject.service_id}:
            return False
        return fit_all(self.matchers, subject.labels)


@dataclass(frozen=True, slots=True)
class Window:
    """Planned work on a service."""

    pk: int
    service_id: int
    starts_at: datetime
    ends_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """All that may mute; ``mates`` are open alerts on the same ladders.

    ``quiets`` are by series, of those that may have to stay quiet; ``groups`` says of
    each open group what its alerts share.
    """

    silences: tuple[Silence, ...] = ()
    windows: tuple[Window, ...] = ()
    mates: Mapping[str, tuple[Subject, ...]] = field(default_factory=dict)
    quiets: Mapping[int, Quiet] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)


def matchable(
    labels: Mapping[str, str], *, service: str, severity: str, metric: str, key: str
) -> dict[str, str]:
    """Return the labels that matchers see: what the sender sent, and what we know.

    ``service``, ``severity``, ``metric`` and ``dedup_key`` are there for every alert;
    the sender's own labels of these names win.
    """
    known = {
        "service": service,
        "severity": severity,
        "metric": metric,
        "dedup_key": key,
    }
    return known | dict(labels)


def find_common_labels(alerts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the labels that all of them have with the same value."""
    first, *others = [set(labels.items()) for labels in alerts] or [set()]
    return dict(sorted(first.intersection(*others)))


def make_ladder_key(metric: str, labels: Mapping[str, str]) -> str:
    """Return what the rungs of one ladder share, "" where there is no metric."""
    if not metric:
        return ""
    same = {name: text for name, text in labels.items() if name not in _OF_A_RUNG}
    text = json.dumps([metric, same], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def find_mutes(subject: Subject, grounds: Grounds, now: datetime) -> list[Mute]:
    """Return every ground on which the alert is mute at ``now``."""
    return [
        *_find_silences(subject, grounds.silences, now),
        *_find_windows(subject, grounds.windows, now),
        *_find_rungs(subject, grounds.mates.get(subject.ladder_key, ())),
        *_find_storm(subject),
        *_find_quiet(subject, grounds.quiets.get(subject.series_pk), now),
        *_find_hold(subject, now),
        *_find_group(subject, grounds.groups),
    ]


def find_next_look(mutes: Iterable[Mute]) -> datetime | None:
    """Return when the first of the grounds ends by the clock, None if none does."""
    return min((mute.until for mute in mutes if mute.until), default=None)


def _find_silences(
    subject: Subject, silences: Iterable[Silence], now: datetime
) -> list[Mute]:
    return [
        Mute("silence", f"silence:{each.pk}", each.comment, each.ends_at)
        for each in silences
        if each.holds(now) and each.covers(subject)
    ]


def _find_windows(
    subject: Subject, windows: Iterable[Window], now: datetime
) -> list[Mute]:
    return [
        Mute("maintenance", f"window:{each.pk}", each.reason, each.ends_at)
        for each in windows
        if each.service_id == subject.service_id
        and each.starts_at <= now < each.ends_at
    ]


def _find_rungs(subject: Subject, mates: Iterable[Subject]) -> list[Mute]:
    worse = [
        mate
        for mate in mates
        if mate.service_id == subject.service_id and mate.level < subject.level
    ]
    if not worse:
        return []
    worst = min(worse, key=lambda mate: (mate.level, mate.pk))
    return [Mute("ladder", f"alert:{worst.pk}", worst.summary)]


def _find_storm(subject: Subject) -> list[Mute]:
    if subject.storm_pk is None:
        return []
    text = "Told in the summaries of a storm"
    return [Mute("storm", f"storm:{subject.storm_pk}", text)]


def _find_quiet(subject: Subject, quiet: Quiet | None, now: datetime) -> list[Mute]:
    if quiet is None or quiet.lets_through(subject.pk, subject.level):
        return []
    found = []
    until = quiet.cools_until(now)
    if until is not None:
        text = f"Its series told at {quiet.told_at:%H:%M} UTC"
        found.append(Mute("cooldown", f"cooldown:{quiet.series_pk}", text, until))
    if quiet.flapping_at is not None:
        text = "It comes and goes; a digest says how often"
        found.append(Mute("flapping", f"flapping:{quiet.series_pk}", text))
    return found


def _find_hold(subject: Subject, now: datetime) -> list[Mute]:
    if subject.held_at is None or subject.held_at <= now:
        return []
    return [Mute("hold", "hold", "It tells when it goes on", subject.held_at)]


def _find_group(subject: Subject, groups: Mapping[int, str]) -> list[Mute]:
    if subject.group_pk is None or subject.group_pk not in groups:
        return []
    return [Mute("group", f"group:{subject.group_pk}", groups[subject.group_pk])]
