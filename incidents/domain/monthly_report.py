"""The operations report of a month, written as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from incidents.domain.incident_metrics import Spread, Story
from incidents.domain.slo import say_seconds
from oncall.domain.walltime import to_utc

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
# From then on a month's report is sent, on the team's clock.
_SENT_AT: Final = time(9)
# Bars that can still be told apart.
_MOST_BARS: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How an objective went in what of the month is over; lengths in seconds."""

    name: str
    target: Decimal
    bad_s: int
    length_s: int

    @property
    def percent(self) -> float:
        """What was good of the time."""
        return 100 * (1 - self.bad_s / self.length_s)

    @property
    def spent(self) -> float:
        """The share of what this time allows to be bad, in percent; over 100: missed."""
        return 100 * self.bad_s / (self.length_s * float(1 - self.target / 100))


class Picture(NamedTuple):
    """Bars beside names."""

    title: str
    unit: str
    rows: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFacts:
    """What a month came to. ``measures`` are titles with their distributions.

    ``pages`` counts them for each week, by its Monday.
    """

    team: str
    month: date
    stories: tuple[Story, ...]
    measures: tuple[tuple[str, Spread | None], ...]
    levels: tuple[tuple[str, timedelta], ...]
    people: tuple[tuple[str, timedelta, int], ...]
    pages: tuple[tuple[date, int], ...] = ()
    objectives: tuple[Kept, ...] = ()
    actions_written: int
    actions_done: int
    actions_overdue: int
    postmortems_owed: int


def read_month(text: str) -> date | None:
    """Return the first day of a month such as "2026-10", None for anything else."""
    year, _, month = text.partition("-")
    if not (text.isascii() and year.isdigit() and month.isdigit() and len(text) == 7):
        return None
    if not (1970 <= int(year) < 9999 and 1 <= int(month) <= 12):
        return None
    return date(int(year), int(month), 1)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return (month - _DAY).replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the month after."""
    return (month + 31 * _DAY).replace(day=1)


def bounds_of(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the month begins and ends on that clock, in UTC."""
    first = datetime.combine(month, time())
    return to_utc(first, zone), to_utc(
        datetime.combine(month_after(month), time()), zone
    )


def month_to_send(now: datetime, zone: ZoneInfo) -> date:
    """Return the latest month whose report is sent by now: at nine on the first."""
    local = now.astimezone(zone)
    this = local.date().replace(day=1)
    is_due = local.date() > this or local.time() >= _SENT_AT
    return month_before(this) if is_due else month_before(month_before(this))


def write_report(facts: MonthFacts) -> str:
    """Return the report as Markdown."""
    parts = [
        f"# Operations of {facts.team}, {facts.month:%B %Y}",
        f"{_count(len(facts.stories), 'real incident')}, "
        f"{_count(_count_pages(facts), 'page')}. Drills and tests do not count.",
        *_objectives(facts.objectives),
        *_incidents(facts.stories),
        *_times(facts.measures),
        *_section("Time in each severity", ("Severity", "Hours"), _levels(facts)),
        *_section(
            "Hours of responders",
            ("Who", "Hours", "Pages"),
            [
                (name, _hours(worked), str(pages))
                for name, worked, pages in facts.people
            ],
        ),
        "## What follows",
        f"- {_count(facts.actions_written, 'action item')} written\n"
        f"- {_count(facts.actions_done, 'action item')} done\n"
        f"- {_count(facts.actions_overdue, 'action item')} overdue now\n"
        f"- {_count(facts.postmortems_owed, 'postmortem')} not reviewed yet",
    ]
    return "\n\n".join(parts) + "\n"


def say_in_short(facts: MonthFacts) -> str:
    """Return the report in a few sentences, for a mail."""
    resolve = facts.measures[-1][1]
    took = (
        f" Half of them were resolved within {_minutes(resolve.median)} minutes."
        if (resolve)
        else ""
    )
    return (
        f"{_count(len(facts.stories), 'real incident')} and "
        f"{_count(_count_pages(facts), 'page')} in {facts.month:%B %Y}.{took} "
        f"{_say_objectives(facts.objectives)}"
        f"{_count(facts.actions_overdue, 'action item')} overdue, "
        f"{_count(facts.postmortems_owed, 'postmortem')} not reviewed yet."
    )


def draw_pictures(facts: MonthFacts) -> list[Picture]:
    """Return what is worth drawing; nothing for what did not happen."""
    resolved = [each for each in facts.stories if each.resolved_at is not None]
    lengths = tuple(
        (story.ref, (story.resolved_at - story.started_at) / _MINUTE)
        for story in resolved[-_MOST_BARS:]
        if story.resolved_at is not None
    )
    spent = tuple((each.name, each.spent) for each in facts.objectives)
    pages = tuple((f"{week:%b} {week.day}", float(n)) for week, n in facts.pages)
    pictures = (
        Picture("Error budget of the month that was spent", "%", spent),
        Picture("How long incidents lasted", "min", lengths),
        Picture("Pages in the week from", "", pages),
    )
    return [each for each in pictures if any(value for _, value in each.rows)]


def _count_pages(facts: MonthFacts) -> int:
    return sum(count for _, count in facts.pages)


def _objectives(found: Sequence[Kept]) -> list[str]:
    rows = [
        (
            each.name,
            f"{each.target.normalize():f} %",
            f"{_cut(each.percent)} %",
            say_seconds(each.bad_s),
            f"{each.spent:.0f} %",
        )
        for each in found
    ]
    head = ("Objective", "Promised", "Kept", "Bad time", "Of the month's budget")
    return _section("Availability and other objectives", head, rows)


def _say_objectives(found: Sequence[Kept]) -> str:
    if not found:
        return ""
    missed = [
        f"{each.name} {_cut(each.percent)} %" for each in found if each.spent > 100
    ]
    if not missed:
        return f"All objectives were kept ({len(found)}). "
    return f"Missed {len(missed)} of {_count(len(found), 'objective')}: {', '.join(missed)}. "


def _cut(percent: float) -> str:
    """Never rounded up: 99.999 % is not 100."""
    return f"{int(percent * 1000) / 1000:g}"


def _incidents(stories: Iterable[Story]) -> list[str]:
    rows = [
        (
            story.ref,
            story.service,
            story.severity,
            f"{story.started_at:%Y-%m-%d %H:%M} UTC",
            "open"
            if story.resolved_at is None
            else _minutes(story.resolved_at - story.started_at),
        )
        for story in stories
    ]
    head = ("Incident", "Service", "Severity", "Started", "Minutes")
    return _section("Incidents", head, rows)


def _times(measures: Iterable[tuple[str, Spread | None]]) -> list[str]:
    rows = [
        (title, *map(_minutes, (known.median, known.p90, known.worst)))
        for title, known in measures
        if known is not None
    ]
    return _section("Times in minutes", ("", "Median", "p90", "Worst"), rows)


def _levels(facts: MonthFacts) -> list[tuple[str, ...]]:
    return [(name.capitalize(), _hours(length)) for name, length in facts.levels]


def _section(
    title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> list[str]:
    if not rows:
        return []
    lines = [head, tuple("---" for _ in head), *rows]
    table = "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in line) + " |"
        for line in lines
    )
    return [f"## {title}", table]


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _minutes(length: timedelta) -> str:
    return f"{length / _MINUTE:.0f}"


def _hours(length: timedelta) -> str:
    return f"{length / _HOUR:.1f}"
