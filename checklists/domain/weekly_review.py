"""The weekly review of a team's operations, written as Markdown, and when it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from checklists.domain.compliance import Compliance
from oncall.domain.walltime import to_utc

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)
_SOON_DAYS = 30


@dataclass(frozen=True, slots=True)
class ServiceWeek:
    """How one service did; ``down`` of ``watched`` its checks were failing."""

    name: str
    down: timedelta
    watched: timedelta
    incidents: int


@dataclass(frozen=True, slots=True)
class NoisyAlert:
    """One alert that came ``count`` times, ``useful`` of them part of an incident."""

    service: str
    summary: str
    count: int
    useful: int


@dataclass(frozen=True, slots=True)
class DutyWeek:
    """What one person carried on one schedule."""

    schedule: str
    name: str
    hours: float
    pages: int


@dataclass(frozen=True, slots=True)
class FullSoon:
    """A check whose value grows towards a limit, in so many days from now."""

    service: str
    check: str
    days: float
    earliest: float


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action item that is not done yet."""

    title: str
    incident: str
    owner: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A check that sees a certificate, and the days until it ends."""

    service: str
    check: str
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """What a week came to. ``today`` is the day on which it was read."""

    team: str
    monday: date
    today: date
    runs: tuple[tuple[str, Compliance], ...] = ()
    services: tuple[ServiceWeek, ...] = ()
    incidents: tuple[tuple[str, str], ...] = ()
    alerts: tuple[NoisyAlert, ...] = ()
    duty: tuple[DutyWeek, ...] = ()
    capacity: tuple[FullSoon, ...] = ()
    actions: tuple[OpenAction, ...] = ()
    certificates: tuple[Certificate, ...] = ()


def read_monday(text: str) -> date | None:
    """Return the Monday that ``text`` names, such as "2026-11-16"; None for no Monday."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    is_sane = date(1971, 1, 1) < day < date(9000, 1, 1)
    return day if is_sane and day.weekday() == 0 and day.isoformat() == text else None


def monday_of(now: datetime, zone: tzinfo) -> date:
    """Return the Monday of the week that is now on that clock."""
    today = now.astimezone(zone).date()
    return today - today.weekday() * _DAY


def bounds_of(monday: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when the week begins and ends on that clock, in UTC."""
    ends = (monday, monday + _WEEK)
    since, until = (to_utc(datetime.combine(each, time()), zone) for each in ends)
    return since, until


def next_send(now: datetime, zone: tzinfo, *, weekday: int, at: time) -> datetime:
    """Return the next moment after ``now`` that is this weekday and time there."""
    day = monday_of(now, zone) + weekday * _DAY
    moment = to_utc(datetime.combine(day, at), zone)
    if moment > now:
        return moment
    return to_utc(datetime.combine(day + _WEEK, at), zone)


def write_review(facts: WeekFacts) -> str:
    """Return the review as Markdown, its title first."""
    last = facts.monday + 6 * _DAY
    parts = [
        f"# Week of {facts.team}, {facts.monday:%d %B} to {last:%d %B %Y}",
        say_in_short(facts),
        *_table(
            "Checklists",
            ("Checklist", "On time", "Late", "Missed", "Portal down", "Open"),
            [
                (
                    name,
                    f"{each.on_time}",
                    f"{each.late}",
                    f"{each.missed}",
                    f"{each.system_missed}",
                    f"{each.pending}",
                )
                for name, each in facts.runs
            ],
        ),
        *_table(
            "Services",
            ("Service", "Uptime", "Down", "Incidents"),
            [
                (each.name, _percent(each), _length(each.down), f"{each.incidents}")
                for each in facts.services
            ],
        ),
        *_table("Incidents", ("Incident", "Title"), facts.incidents),
        *_table(
            "Alerts by noise",
            ("Service", "Alert", "Times", "In an incident"),
            [
                (each.service, each.summary, f"{each.count}", f"{each.useful}")
                for each in facts.alerts
            ],
        ),
        *_table(
            "On call",
            ("Schedule", "Who", "Hours", "Pages"),
            [
                (each.schedule, each.name, f"{each.hours:.1f}", f"{each.pages}")
                for each in facts.duty
            ],
        ),
        *_table(
            "Capacity",
            ("Service", "Check", "Days to its limit", "At the earliest"),
            [
                (each.service, each.check, f"{each.days:.0f}", f"{each.earliest:.0f}")
                for each in facts.capacity
            ],
        ),
        *_table(
            "Open action items",
            ("Item", "Incident", "Owner", "Due"),
            [
                (each.title, each.incident, each.owner or "no one", _due(each, facts))
                for each in facts.actions
            ],
        ),
        *_table(
            "Certificates",
            ("Service", "Check", "Days left"),
            [
                (each.service, each.check, f"{each.days:.0f}")
                for each in facts.certificates
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def say_in_short(facts: WeekFacts) -> str:
    """Return the review in a few sentences, for a message."""
    late = sum(each.late for _, each in facts.runs)
    missed = sum(each.missed for _, each in facts.runs)
    on_time = sum(each.on_time for _, each in facts.runs)
    overdue = sum(_is_overdue(each, facts) for each in facts.actions)
    soon = sum(each.days <= _SOON_DAYS for each in facts.capacity)
    ending = sum(each.days <= _SOON_DAYS for each in facts.certificates)
    sentences = [
        f"{_count(on_time, 'run')} on time, {late} late, {missed} missed.",
        f"{_count(len(facts.incidents), 'incident')},"
        f" {_count(sum(each.count for each in facts.alerts), 'alert')},"
        f" {_count(sum(each.pages for each in facts.duty), 'page')}.",
        f"{_count(len(facts.actions), 'action item')} open, {overdue} overdue.",
    ]
    if soon:
        sentences.append(f"{_count(soon, 'limit')} reached within {_SOON_DAYS} days.")
    if ending:
        words = f"ending within {_SOON_DAYS} days."
        sentences.append(f"{_count(ending, 'certificate')} {words}")
    return " ".join(sentences)


def _table(
    title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> list[str]:
    if not rows:
        return []
    lines = [_line(head), _line(("---",) * len(head)), *map(_line, rows)]
    return [f"## {title}\n\n" + "\n".join(lines)]


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(_plain, cells)) + " |"


def _plain(text: str) -> str:
    """Return words of others so that they stay in their cell."""
    return " ".join(text.split()).replace("|", "/")


def _percent(week: ServiceWeek) -> str:
    if not week.watched:
        return "not watched"
    # Rounded down: what failed for a second is never 100.
    share = int(100_000 * (1 - week.down / week.watched)) / 1000
    return f"{share:.3f} %"


def _length(length: timedelta) -> str:
    return f"{length / _HOUR:.1f} h" if length else "-"


def _due(action: OpenAction, facts: WeekFacts) -> str:
    if action.due_on is None:
        return "-"
    overdue = ", overdue" if _is_overdue(action, facts) else ""
    return f"{action.due_on:%d %b %Y}{overdue}"


def _is_overdue(action: OpenAction, facts: WeekFacts) -> bool:
    return action.due_on is not None and action.due_on < facts.today


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
