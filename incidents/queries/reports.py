"""The figures of incidents, put together for pages, files and the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incidents.domain.incident_metrics import (
    Measure,
    Spread,
    Story,
    add_up,
    median_by_week,
    spread,
    spread_by,
    time_in_severity,
    time_to_acknowledge,
    time_to_detect,
    time_to_resolve,
    time_worked,
    weeks_between,
)
from incidents.domain.severity import LEVELS
from incidents.queries.metrics import (
    Scope,
    count_pages_by_person,
    count_pages_by_week,
    read_stints,
    read_stories,
)

MEASURES: Final[tuple[tuple[str, str, Measure], ...]] = (
    ("detect", "Time to detect", time_to_detect),
    ("acknowledge", "Time to acknowledge", time_to_acknowledge),
    ("resolve", "Time to resolve", time_to_resolve),
)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """One time of all incidents: whole, in parts and over the weeks."""

    key: str
    title: str
    whole: Spread | None
    by_service: dict[str, Spread]
    by_severity: dict[str, Spread]
    by_week: list[timedelta | None]


@dataclass(frozen=True, slots=True)
class PersonReport:
    """What incidents asked of one person."""

    name: str
    worked: timedelta
    pages: int


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """What the incidents of a scope come to. ``pages`` counts for each of ``weeks``."""

    stories: list[Story]
    measures: list[MeasureReport]
    weeks: list[date]
    pages: list[int]
    levels: dict[str, timedelta]
    people: list[PersonReport]


def build_report(scope: Scope, zone: ZoneInfo) -> IncidentReport:
    """Return the figures; weeks begin on Monday on the clock of ``zone``."""
    stories = read_stories(scope)
    weeks = weeks_between(scope.since, scope.until - _SECOND, zone)
    pages = count_pages_by_week(scope, zone)
    spent = add_up(time_in_severity(story) for story in stories)
    return IncidentReport(
        stories=stories,
        measures=[
            MeasureReport(
                key,
                title,
                spread(map(measure, stories)),
                spread_by(stories, measure, lambda story: story.service),
                spread_by(stories, measure, _severity_of),
                median_by_week(stories, measure, weeks, zone),
            )
            for key, title, measure in MEASURES
        ],
        weeks=weeks,
        pages=[pages.get(week, 0) for week in weeks],
        levels={LEVELS[level]: length for level, length in spent.items()},
        people=_people(scope),
    )


def list_figures(report: IncidentReport) -> list[list[str]]:
    """Return the figures as a table with a heading line; lengths in whole seconds."""
    rows = [["measure", "of", "name", "count", "median", "p90", "mean", "worst"]]
    for each in report.measures:
        if each.whole is not None:
            rows.append(_row(each.key, "all", "", each.whole))
        rows += _rows(each.key, "service", each.by_service.items())
        rows += _rows(each.key, "severity", each.by_severity.items())
    return rows


def _severity_of(story: Story) -> str:
    return f"{story.level} {LEVELS[story.level]}"


def _people(scope: Scope) -> list[PersonReport]:
    worked = time_worked(read_stints(scope))
    pages = count_pages_by_person(scope)
    names = [*worked, *sorted(set(pages) - set(worked))]
    return [
        PersonReport(name, worked.get(name, timedelta()), pages.get(name, 0))
        for name in names
    ]


def _rows(key: str, of: str, found: Iterable[tuple[str, Spread]]) -> list[list[str]]:
    return [_row(key, of, name, known) for name, known in found]


def _row(key: str, of: str, name: str, known: Spread) -> list[str]:
    lengths = (known.median, known.p90, known.mean, known.worst)
    seconds = [str(round(length / _SECOND)) for length in lengths]
    return [key, of, name, str(len(known.points)), *seconds]
