"""Small drawings, made on the server as SVG.

Only classes give colour, so that a chart follows the theme and prints; only
attributes give size, because the page allows no inline style. Each drawing says
its values to those who cannot see it, and with no data there is a sentence.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opsportal.kit.moments import say_moment
from opsportal.kit.quantities import say_number, scale_series
from opsportal.kit.scales import (
    find_bounds,
    fit_scale,
    say_marks,
    say_tick,
    spread_moments,
)

Tone = Literal["ok", "warn", "crit", "acc", "part", "none"]

NOTHING_YET = "No values yet."


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series; `value` is None where nothing was known."""

    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a strip or a calendar: its tone, its words, where it leads."""

    on: date
    tone: Tone
    words: str
    url: str = ""


def draw_ring(
    done: int, total: int, *, tone: str = "acc", words: str = ""
) -> SafeString:
    """Progress as a ring with "5/7" inside; `words` replace the spoken text."""
    share = min(100, round(100 * done / total)) if total > 0 else 0
    text = f"{done}/{total}"
    return format_html(
        '<svg class="ring {} {}" viewBox="0 0 36 36" role="img" aria-label="{}">'
        '<circle cx="18" cy="18" r="16"/>'
        '<circle class="done" cx="18" cy="18" r="16" pathLength="100"'
        ' stroke-dasharray="{} 100" transform="rotate(-90 18 18)"/>'
        '<text x="18" y="18.5" aria-hidden="true">{}</text></svg>',
        tone,
        "long" if len(text) > 4 else "",
        words or f"{done} of {total} done",
        share,
        text,
    )


def draw_sparkline(
    values: Sequence[float | None],
    *,
    threshold: float | None = None,
    words: str = "",
    unit: str = "",
) -> SafeString:
    """A line without axes, oldest value first, with the threshold dashed."""
    drawn = [_finite(value) for value in values]
    drawn, threshold, unit = scale_series(drawn, threshold, unit)
    known = [value for value in drawn if value is not None]
    if not known:
        return say_nothing()
    low, high = find_bounds(known, threshold)
    spots = _place(drawn, low, high, width=96, height=24)
    spoken = words or (
        f"{len(known)} values from {say_number(min(known))} to"
        f" {say_number(max(known))}, last {say_number(known[-1])} {unit}".rstrip()
    )
    # A run has one an item: written plainly they take a third of the time.
    spoken = escape(spoken)
    limit = _limit(threshold, low, high, width=96, height=24)
    return SafeString(
        '<span class="chart spark"><svg viewBox="-2 -2 100 28"'
        f' preserveAspectRatio="none" role="img" aria-label="{spoken}">'
        f"<title>{spoken}</title>{limit}{_line(spots)}{_last_dot(spots)}</svg></span>"
    )


def draw_line_chart(
    points: Sequence[Point],
    *,
    zone: tzinfo,
    words: str,
    unit: str = "",
    threshold: float | None = None,
    threshold_words: str = "",
) -> SafeString:
    """Values over time with a scale, a threshold, a title a point and a table."""
    drawn = [_finite(point.value) for point in points]
    drawn, threshold, unit = scale_series(drawn, threshold, unit)
    points = [
        Point(point.at, value) for point, value in zip(points, drawn, strict=True)
    ]
    known = [value for value in drawn if value is not None]
    if not known:
        return say_nothing()
    low, high = fit_scale(known, threshold, unit)
    spots = _place(drawn, low, high, width=600, height=180)
    first, last = points[0].at, points[-1].at
    spoken = (
        f"{words}: lowest {say_number(min(known))}, highest {say_number(max(known))},"
        f" last {say_number(known[-1])} {unit}".rstrip()
    )
    return format_html(
        '<figure class="chart"><div class="plot"><div class="ys" aria-hidden="true">'
        "<span>{}</span><span>{}</span><span>{}</span></div>"
        '<svg viewBox="0 0 600 180" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}{}{}{}{}</svg>'
        '<div class="xs" aria-hidden="true">{}</div></div>{}{}</figure>',
        *say_marks(low, high, unit),
        spoken,
        mark_safe('<path class="grid-line" d="M0 0H600M0 90H600M0 180H600"/>'),
        _limit(threshold, low, high, width=600, height=180),
        _line(spots, floor=180),
        _last_dot(spots),
        _hits(points, unit, zone, width=600, height=180),
        format_html_join(
            "",
            "<span>{}</span>",
            (
                (say_tick(at, zone, first=first, last=last),)
                for at in spread_moments(first, last)
            ),
        ),
        _legend(words, threshold, threshold_words, unit),
        draw_table(
            ("When", words),
            (
                (say_moment(p.at, zone, now=None), say_value(p.value, unit))
                for p in points
            ),
        ),
    )


def draw_status_strip(days: Sequence[Day], *, words: str = "") -> SafeString:
    """One bar a day, oldest first; a bad day is taller as well as redder."""
    if not days:
        return say_nothing("No days yet.")
    tops = {"crit": 0, "warn": 1.5}
    bars = "".join(
        f'<rect class="fill-{day.tone}" x="{6 * place}" y="{tops.get(day.tone, 3)}"'
        f' width="4" height="{20 - tops.get(day.tone, 3)}" rx="1">'
        f"<title>{escape(f'{say_day(day.on)}: {day.words}')}</title></rect>"
        for place, day in enumerate(days)
    )
    return format_html(
        '<div class="chart strip"><svg viewBox="0 0 {} 20" preserveAspectRatio="none"'
        ' role="img" aria-label="{}">{}</svg></div>',
        6 * len(days) - 2,
        words or _sum_up(days),
        mark_safe(bars),  # noqa: S308 -- escaped
    )


def draw_heatmap(days: Sequence[Day], *, words: str) -> SafeString:
    """A calendar: a column a week, Monday on top, oldest week first."""
    if not days:
        return say_nothing("No days yet.")
    first = min(day.on for day in days)
    start = first - timedelta(days=first.weekday())
    weeks = (max(day.on for day in days) - start).days // 7 + 1
    return format_html(
        '<figure class="chart"><div class="heat scroll-x" tabindex="0" role="group"'
        ' aria-label="{}"><svg width="{}" height="{}" viewBox="0 0 {} {}"'
        ' role="group" aria-label="{}">{}{}{}</svg></div>{}</figure>',
        words,
        *(2 * (28 + 15 * weeks, 122)),
        f"{words}. {_sum_up(days)}",
        _week_days(),
        _months(start, weeks),
        mark_safe("".join(_cell(day, start) for day in days)),  # noqa: S308 -- escaped
        draw_table(("Day", words), ((say_day(day.on), day.words) for day in days)),
    )


@lru_cache(maxsize=1_000)
def say_day(on: date) -> str:
    """A day in a title: "Sat 21 Nov 2026"."""
    return f"{on:%a} {on.day} {on:%b} {on.year}"


def say_value(value: float | None, unit: str) -> str:
    """A value with its unit, or that it is unknown."""
    known = _finite(value)
    return "unknown" if known is None else f"{say_number(known)} {unit}".rstrip()


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def say_nothing(sentence: str = NOTHING_YET) -> SafeString:
    """The sentence that stands for a drawing without data."""
    return format_html('<p class="none">{}</p>', sentence)


def _sum_up(days: Sequence[Day]) -> str:
    counts = Counter(day.words for day in days)
    told = ", ".join(f"{count} {words}" for words, count in counts.most_common(5))
    return f"{len(days)} days: {told}"


def _place(
    values: Sequence[float | None],
    low: float,
    high: float,
    *,
    width: int,
    height: int,
) -> list[tuple[float, float] | None]:
    step = width / max(1, len(values) - 1)
    return [
        None
        if value is None
        else (round(step * place, 2), height_of(value, low, high, height=height))
        for place, value in enumerate(values)
    ]


def height_of(value: float, low: float, high: float, *, height: int) -> float:
    """How far down a value is drawn."""
    return round(height * (1 - (value - low) / (high - low)), 2)


def _line(
    spots: Sequence[tuple[float, float] | None], *, floor: int | None = None
) -> SafeString:
    runs: list[list[tuple[float, float]]] = [[]]
    for spot in spots:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    paths = ["L".join(f"{x} {y}" for x, y in run) for run in runs if run]
    drawn = "".join(f"M{path}" for path in paths)
    line = SafeString(f'<path class="line" d="{drawn}"/>')
    if floor is None:
        return line
    areas = "".join(
        f"M{run[0][0]} {floor}L{path}L{run[-1][0]} {floor}Z"
        for run, path in zip([run for run in runs if run], paths, strict=True)
    )
    return format_html('<path class="area" d="{}"/>{}', areas, line)


def _last_dot(spots: Sequence[tuple[float, float] | None]) -> SafeString:
    x, y = [spot for spot in spots if spot is not None][-1]
    return SafeString(f'<path class="dot" d="M{x} {y}h0"/>')


def _limit(
    threshold: float | None, low: float, high: float, *, width: int, height: int
) -> SafeString:
    if threshold is None:
        return SafeString("")
    y = height_of(threshold, low, high, height=height)
    return SafeString(f'<path class="limit" d="M0 {y}H{width}"/>')


def _hits(
    points: Sequence[Point], unit: str, zone: tzinfo, *, width: int, height: int
) -> SafeString:
    step = width / max(1, len(points) - 1)
    return format_html_join(
        "",
        '<rect class="hit" x="{}" y="0" width="{}" height="{}"><title>{}</title></rect>',
        (
            (
                round(step * (place - 0.5), 2),
                round(step, 2),
                height,
                f"{say_moment(point.at, zone, now=None)}: {say_value(point.value, unit)}",
            )
            for place, point in enumerate(points)
        ),
    )


def _legend(
    words: str, threshold: float | None, threshold_words: str, unit: str
) -> SafeString:
    line = format_html(
        '<span><svg viewBox="0 0 18 10" aria-hidden="true">'
        '<path class="line" d="M1 5H17"/></svg>{}</span>',
        words,
    )
    limit = SafeString("")
    if threshold is not None:
        limit = format_html(
            '<span><svg viewBox="0 0 18 10" aria-hidden="true">'
            '<path class="limit" d="M1 5H17"/></svg>{}</span>',
            threshold_words or f"threshold {say_value(threshold, unit)}",
        )
    return format_html('<figcaption class="legend">{}{}</figcaption>', line, limit)


def draw_table(heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> SafeString:
    """The same as a table, for those who cannot see it."""
    return format_html(
        '<details class="as-table"><summary>As a table</summary>'
        '<div tabindex="0" role="group" aria-label="{}"><table><thead><tr>'
        '<th scope="col">{}</th><th scope="col">{}</th></tr></thead>'
        "<tbody>{}</tbody></table></div></details>",
        heads[1],
        *heads,
        mark_safe(  # noqa: S308 -- escaped
            "".join(
                f'<tr><th scope="row">{escape(one)}</th><td>{escape(two)}</td></tr>'
                for one, two in rows
            )
        ),
    )


def _week_days() -> SafeString:
    return format_html_join(
        "",
        '<text x="0" y="{}" aria-hidden="true">{}</text>',
        ((27 + 15 * row, name) for row, name in ((0, "Mon"), (2, "Wed"), (4, "Fri"))),
    )


def _months(start: date, weeks: int) -> SafeString:
    starts = [start + timedelta(weeks=week) for week in range(weeks)]
    return format_html_join(
        "",
        '<text x="{}" y="10" aria-hidden="true">{}</text>',
        (
            (28 + 15 * week, f"{monday:%b}")
            for week, monday in enumerate(starts)
            if monday.day <= 7 or (week == 0 and monday.day <= 21)
        ),
    )


def _cell(day: Day, start: date) -> str:
    # A year has 365 of them: written plainly they take a third of the time.
    week, row = divmod((day.on - start).days, 7)
    x, y = 28 + 15 * week, 18 + 15 * row
    title = escape(f"{say_day(day.on)}: {day.words}")
    cross = f'<path class="cross" d="M{x + 4} {y + 4}l4 4m0 -4l-4 4"/>'
    cell = (
        f'<rect class="day fill-{day.tone}" x="{x}" y="{y}" width="12" height="12"'
        f' rx="3"><title>{title}</title></rect>{cross if day.tone == "crit" else ""}'
    )
    if not day.url:
        return cell
    return f'<a href="{escape(day.url)}" aria-label="{title}">{cell}</a>'
