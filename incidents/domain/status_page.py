"""What the public sees: a projection of updates that holds nothing else.

Whatever is not in ``PublicUpdate`` cannot reach a page or a feed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from incidents.domain.updates import PUBLIC, UpdateFacts, tells_eta

OPERATIONAL: Final = "operational"
MAINTENANCE: Final = "maintenance"
# Mildest first: the worst that holds is what a component shows.
STATES: Final = (OPERATIONAL, MAINTENANCE, "degraded", "partial", "major")
STATE_WORDS: Final = {
    OPERATIONAL: "Operational",
    MAINTENANCE: "Under maintenance",
    "degraded": "Degraded",
    "partial": "Partial outage",
    "major": "Major outage",
}
STATE_TONES: Final = {
    OPERATIONAL: "ok",
    MAINTENANCE: "acc",
    "degraded": "warn",
    "partial": "crit",
    "major": "crit",
}
_PAGE_WORDS: Final = {
    OPERATIONAL: "All systems operational",
    MAINTENANCE: "Maintenance in progress",
    "degraded": "Some systems are degraded",
    "partial": "Some systems are down",
    "major": "Major outage",
}
DOWN: Final = frozenset({"partial", "major"})
HISTORY_DAYS: Final = 90
# A page is written anew each minute; one that is older is no longer sure.
STALE_AFTER: Final = timedelta(minutes=3)
_RESOLVED: Final = "resolved"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidUpdate:
    """One public update with what stands around it.

    ``said_at`` is when its original was posted, ``corrected_at`` when the words were
    replaced. ``states`` are by component; one that is not named is operational.
    """

    pk: int
    incident: int
    facts: UpdateFacts
    said_at: datetime
    corrected_at: datetime | None = None
    states: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A component was in ``state`` within [start, end)."""

    component: int
    state: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """One update as anybody may read it; ``eta_at`` only when that was wanted."""

    pk: int
    status: str
    text: str
    said_at: datetime
    corrected_at: datetime | None
    eta_at: datetime | None


@dataclass(frozen=True, slots=True)
class PublicIncident:
    """Updates of one incident, newest first, under its newest title."""

    title: str
    status: str
    affected: str
    follow_url: str
    started_at: datetime
    resolved_at: datetime | None
    components: tuple[str, ...]
    updates: tuple[PublicUpdate, ...]


@dataclass(frozen=True, slots=True)
class PublicWindow:
    """Planned work that was announced."""

    pk: int
    title: str
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicDay:
    """The worst of one UTC day; "" before the component was watched."""

    on: date
    state: str
    down: timedelta


@dataclass(frozen=True, slots=True)
class PublicComponent:
    """One component now and over the last days, oldest first."""

    name: str
    description: str
    state: str
    note: str
    days: tuple[PublicDay, ...]
    # Share of the watched time without an outage, in percent.
    uptime: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """Everything that the files of one page say."""

    slug: str
    title: str
    about: str
    url: str
    state: str
    words: str
    components: tuple[PublicComponent, ...]
    open: tuple[PublicIncident, ...]
    past: tuple[PublicIncident, ...]
    running: tuple[PublicWindow, ...]
    coming: tuple[PublicWindow, ...]
    written_at: datetime


def worst(states: Iterable[str]) -> str:
    """Return the gravest of the states; operational when there is none."""
    return max(states, key=STATES.index, default=OPERATIONAL)


def say_page(states: Iterable[str]) -> tuple[str, str]:
    """Return the state of the whole page and its sentence."""
    state = worst(states)
    return state, _PAGE_WORDS[state]


def publish_update(said: SaidUpdate) -> PublicUpdate:
    """Leave out everything that the public has no part in."""
    return PublicUpdate(
        pk=said.pk,
        status=said.facts.status,
        text=said.facts.text,
        said_at=said.said_at,
        corrected_at=said.corrected_at,
        eta_at=said.facts.eta_at if tells_eta(said.facts) else None,
    )


def publish_incidents(
    said: Iterable[SaidUpdate], names: Mapping[int, str]
) -> tuple[PublicIncident, ...]:
    """Group public updates by incident, the latest news first.

    ``names`` are those of the components that are shown; updates for any other
    audience are left out.
    """
    groups = _by_incident(said)
    found = [_publish_incident(group, names) for group in groups.values()]
    return tuple(sorted(found, key=lambda each: each.updates[0].said_at, reverse=True))


def _by_incident(said: Iterable[SaidUpdate]) -> dict[int, list[SaidUpdate]]:
    groups: dict[int, list[SaidUpdate]] = {}
    for each in sorted(said, key=lambda one: (one.said_at, one.pk)):
        if each.facts.audience == PUBLIC:
            groups.setdefault(each.incident, []).append(each)
    return groups


def _publish_incident(
    group: Sequence[SaidUpdate], names: Mapping[int, str]
) -> PublicIncident:
    last = group[-1]
    touched = {
        pk
        for each in group
        for pk, state in each.states.items()
        if state != OPERATIONAL
    }
    is_over = last.facts.status == _RESOLVED
    return PublicIncident(
        title=last.facts.title,
        status=last.facts.status,
        affected=last.facts.affected,
        follow_url=last.facts.follow_url,
        started_at=last.facts.started_at,
        resolved_at=last.said_at if is_over else None,
        components=tuple(names[pk] for pk in names if pk in touched),
        updates=tuple(publish_update(each) for each in reversed(group)),
    )


def stretches_of_updates(said: Iterable[SaidUpdate], now: datetime) -> list[Stretch]:
    """Return when which component was how, as public updates said it.

    What the first update says holds from when the incident started, what any other
    says from when it was said, until the next one; after the last until ``now``.
    """
    found = []
    for group in _by_incident(said).values():
        begins = [min(group[0].facts.started_at, group[0].said_at)]
        begins += [each.said_at for each in group[1:]]
        for each, start, end in zip(group, begins, [*begins[1:], now], strict=True):
            if each.facts.status != _RESOLVED and start < end:
                found += [
                    Stretch(component, state, start, end)
                    for component, state in each.states.items()
                    if state != OPERATIONAL
                ]
    return found


def stretches_of_marks(
    component: int, marks: Sequence[tuple[datetime, str]], now: datetime
) -> list[Stretch]:
    """Return when a component was how by hand; ``marks`` are in order."""
    ends = [at for at, _ in marks[1:]] + [now]
    return [
        Stretch(component, state, at, end)
        for (at, state), end in zip(marks, ends, strict=False)
        if state != OPERATIONAL and at < end
    ]


def state_at(stretches: Iterable[Stretch], component: int, now: datetime) -> str:
    """Return how the component is just before ``now``."""
    return worst(
        each.state
        for each in stretches
        if each.component == component and each.start < now <= each.end
    )


def days_of(
    stretches: Iterable[Stretch],
    *,
    since: datetime,
    now: datetime,
    days: int = HISTORY_DAYS,
) -> tuple[PublicDay, ...]:
    """Cut the stretches of one component into UTC days up to today, oldest first.

    Days before ``since``, when it was first shown, have no state.
    """
    listed = list(stretches)
    today = now.astimezone(UTC).date()
    return tuple(
        _one_day(listed, today - timedelta(days=back), since, now)
        for back in reversed(range(days))
    )


def _one_day(
    stretches: Sequence[Stretch], on: date, since: datetime, now: datetime
) -> PublicDay:
    start = datetime(on.year, on.month, on.day, tzinfo=UTC)
    end = min(start + _DAY, now)
    inside = [s for s in stretches if max(s.start, start) < min(s.end, end)]
    if start + _DAY <= since and not inside:
        return PublicDay(on, "", timedelta())
    down = measure_union(
        (max(s.start, start), min(s.end, end)) for s in inside if s.state in DOWN
    )
    return PublicDay(on, worst(s.state for s in inside), down)


def measure_union(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Return the length of time that lies in any of the spans."""
    total, reached = timedelta(), None
    for start, end in sorted(spans):
        if reached is None or start > reached:
            total += end - start
            reached = end
        elif end > reached:
            total += end - reached
            reached = end
    return total


def uptime_of(days: Sequence[PublicDay], *, now: datetime) -> float | None:
    """Return the percentage of the watched days without an outage."""
    watched = [day for day in days if day.state]
    if not watched:
        return None
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    length = _DAY * (len(watched) - 1) + (now - midnight)
    down = sum((day.down for day in watched), timedelta())
    return 100 * (1 - down / length) if length else None


def is_stale(written_at: datetime, now: datetime) -> bool:
    """Say whether a page of that age may no longer be true."""
    return now - written_at > STALE_AFTER
