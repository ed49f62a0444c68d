"""A chart of what is summed up: the mean as a line, in the band of all values.

Time runs evenly, so that what nobody saw is a gap; what happened meanwhile lies
behind the line in shades.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from opsportal.kit.charts import (
    draw_table,
    height_of,
    say_nothing,
    say_value,
)
from opsportal.kit.moments import say_moment
from opsportal.kit.quantities import find_size
from opsportal.kit.scales import fit_scale, say_marks, spread_moments

_WIDTH, _HEIGHT = 600, 180
# Beyond so much a scale of time says days and not hours.
_DAYS = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Step:
    """The values of one step of time; it is drawn at its middle."""

    at: datetime
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Shade:
    """A stretch of time in which something was the matter."""

    starts_at: datetime
    ends_at: datetime
    kind: Literal["incident", "planned"]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is drawn: from ``start`` to ``end``, a step every ``step``.

    ``gap`` is the longest pause that the line bridges; ``limits`` are in ``unit``.
    """

    start: datetime
    end: datetime
    step: timedelta
    gap: timedelta
    zone: tzinfo
    words: str
    unit: str = ""
    limits: tuple[float, ...] = ()
    shades: tuple[Shade, ...] = ()


def draw_past_chart(steps: Sequence[Step], frame: Frame) -> SafeString:
    """Values over a long time, with limits, shades, a title a step and a table."""
    if not steps:
        return say_nothing()
    size, unit = _find_scale(steps, frame.unit)
    steps = [Step(s.at, s.low / size, s.mean / size, s.high / size) for s in steps]
    limits = [limit / size for limit in frame.limits]
    seen = [*limits, *(s.low for s in steps), *(s.high for s in steps)]
    low, high = fit_scale(seen, None, unit)
    said = [_say_step(step, frame, unit) for step in steps]
    spoken = (
        f"{frame.words}: lowest {say_value(min(s.low for s in steps), unit)},"
        f" highest {say_value(max(s.high for s in steps), unit)},"
        f" last {say_value(steps[-1].mean, unit)}"
    )
    drawing = "".join(
        (
            '<path class="grid-line" d="M0 0H600M0 90H600M0 180H600"/>',
            *_draw_shades(frame),
            *_draw_lines(steps, frame, low, high),
            *_draw_limits(limits, low, high),
            *_draw_hits(steps, frame, said),
        )
    )
    return format_html(
        '<figure class="chart"><div class="plot"><div class="ys" aria-hidden="true">'
        "<span>{}</span><span>{}</span><span>{}</span></div>"
        '<svg viewBox="0 0 600 180" preserveAspectRatio="none" role="img"'
        ' aria-label="{}">{}</svg>'
        '<div class="xs" aria-hidden="true">{}</div></div>{}{}</figure>',
        *say_marks(low, high, unit),
        spoken,
        mark_safe(drawing),  # noqa: S308 -- numbers, and words that are escaped
        _draw_scale(frame),
        _draw_legend(frame, limits, unit),
        draw_table(("When", frame.words), said),
    )


def _find_scale(steps: Sequence[Step], unit: str) -> tuple[float, str]:
    if unit != "B":
        return 1, unit
    return find_size(max(abs(step.high) for step in steps))


def _say_step(step: Step, frame: Frame, unit: str) -> tuple[str, str]:
    words = say_value(step.mean, unit)
    if step.high > step.low:
        words += f" ({say_value(step.low, '')} to {say_value(step.high, '')})"
    return say_moment(step.at, frame.zone, now=None), words


def _place(at: datetime, frame: Frame) -> float:
    share = (at - frame.start) / (frame.end - frame.start)
    return round(_WIDTH * min(max(share, 0), 1), 1)


def _draw_shades(frame: Frame) -> Iterator[str]:
    for shade in frame.shades:
        left, right = _place(shade.starts_at, frame), _place(shade.ends_at, frame)
        yield (
            f'<rect class="shade {shade.kind}" x="{left}" y="0"'
            f' width="{max(right - left, 1.5):.1f}" height="{_HEIGHT}">'
            f"<title>{escape(shade.words)}</title></rect>"
        )


def _draw_lines(
    steps: Sequence[Step], frame: Frame, low: float, high: float
) -> Iterator[str]:
    runs: list[list[tuple[float, float, float, float]]] = []
    last: datetime | None = None
    for step in steps:
        if last is None or step.at - last > frame.gap:
            runs.append([])
        last = step.at
        bottom, middle, top = (
            height_of(value, low, high, height=_HEIGHT)
            for value in (step.low, step.mean, step.high)
        )
        runs[-1].append((_place(step.at + frame.step / 2, frame), bottom, middle, top))
    for run in runs:
        ups = [f"{x} {top}" for x, _, _, top in run]
        downs = [f"{x} {bottom}" for x, bottom, _, _ in reversed(run)]
        yield f'<path class="band" d="M{"L".join(ups + downs)}Z"/>'
    lines = ["L".join(f"{x} {mean}" for x, _, mean, _ in run) for run in runs]
    # A step alone is a dot: a line to itself, with round ends.
    ends = ["" if len(run) > 1 else "h0" for run in runs]
    parts = (f"M{line}{end}" for line, end in zip(lines, ends, strict=True))
    yield f'<path class="line" d="{"".join(parts)}"/>'


def _draw_limits(limits: Sequence[float], low: float, high: float) -> Iterator[str]:
    for limit in limits:
        y = height_of(limit, low, high, height=_HEIGHT)
        yield f'<path class="limit" d="M0 {y}H{_WIDTH}"/>'


def _draw_hits(
    steps: Sequence[Step], frame: Frame, said: Sequence[tuple[str, str]]
) -> Iterator[str]:
    width = round(_WIDTH * (frame.step / (frame.end - frame.start)), 2)
    for step, (moment, words) in zip(steps, said, strict=True):
        yield (
            f'<rect class="hit" x="{_place(step.at, frame)}" y="0" width="{width}"'
            f' height="{_HEIGHT}"><title>{escape(moment)}: {escape(words)}</title></rect>'
        )


def _draw_scale(frame: Frame) -> SafeString:
    is_long = frame.end - frame.start > _DAYS
    moments = spread_moments(frame.start, frame.end)
    return format_html_join(
        "",
        "<span>{}</span>",
        (
            (
                say_moment(
                    at,
                    frame.zone,
                    now=frame.end,
                    form="date" if is_long else "short",
                ),
            )
            for at in moments
        ),
    )


def _draw_legend(frame: Frame, limits: Sequence[float], unit: str) -> SafeString:
    kinds = {shade.kind for shade in frame.shades}
    marks = [
        ('<path class="line" d="M1 5H17"/>', f"{frame.words}, mean of each step"),
        ('<rect class="band" width="18" height="10"/>', "lowest to highest"),
    ]
    if limits:
        listed = ", ".join(say_value(limit, unit) for limit in limits)
        marks.append(('<path class="limit" d="M1 5H17"/>', f"threshold {listed}"))
    if "incident" in kinds:
        marks.append(
            ('<rect class="shade incident" width="18" height="10"/>', "incident")
        )
    if "planned" in kinds:
        marks.append(
            ('<rect class="shade planned" width="18" height="10"/>', "planned work")
        )
    items = format_html_join(
        "",
        '<span><svg viewBox="0 0 18 10" aria-hidden="true">{}</svg>{}</span>',
        ((mark_safe(mark), words) for mark, words in marks),  # noqa: S308 -- our own
    )
    return format_html('<figcaption class="legend">{}</figcaption>', items)
