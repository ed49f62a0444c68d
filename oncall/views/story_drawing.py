"""What a policy would do, as marks on a line of time for each step."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oncall.domain.escalation_story import Story
from oncall.domain.ladder_words import say_delay
from oncall.queries.simulation import StoryLine

WIDTH, LEFT, ROW, HEAD = 760, 190, 30, 26
_RIGHT = 24
_TICKS = 5
_LEAST = timedelta(minutes=5)
# One week is what is looked at; beyond, marks would stand on each other.
_NICE = [timedelta(minutes=n) for n in (1, 5, 10, 15, 30, 60, 120, 360, 720, 1440)]


def draw_story(lines: Sequence[StoryLine], story: Story) -> SafeString:
    """Draw each step as a row, told as a dot, passed over as a ring.

    The list beside it says the same in words.
    """
    rows = list(dict.fromkeys(line.title for line in lines if line.title))
    ends = [line.after for line in lines]
    ends += [
        at - story.opened_at
        for at in (story.acknowledged_at, story.resolved_at)
        if at is not None
    ]
    span = max([_LEAST, *ends])
    height = HEAD + ROW * len(rows) + 8
    parts = [
        *_ticks(span, height),
        *_marks(story, span, height),
        *(_row(place, title) for place, title in enumerate(rows)),
        *(_dot(line, rows.index(line.title), span) for line in lines if line.title),
    ]
    return format_html(
        '<svg class="story-plot" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="Who is told when, step by step">{}</svg>',
        WIDTH,
        height,
        WIDTH,
        height,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _x(after: timedelta, span: timedelta) -> str:
    return f"{LEFT + (WIDTH - LEFT - _RIGHT) * (after / span):.1f}"


def _ticks(span: timedelta, height: int) -> list[SafeString]:
    step = next((each for each in _NICE if span / each <= _TICKS), _NICE[-1])
    count = min(int(span / step), 2 * _TICKS)
    return [
        format_html(
            '<line class="story-rule" x1="{0}" y1="18" x2="{0}" y2="{1}"/>'
            '<text class="story-tick" x="{0}" y="12" text-anchor="middle">{2}</text>',
            _x(step * number, span),
            height - 6,
            say_delay(step * number) if number else "fires",
        )
        for number in range(count + 1)
    ]


def _marks(story: Story, span: timedelta, height: int) -> list[SafeString]:
    marks = (
        (story.acknowledged_at, "ack", "acknowledged"),
        (story.resolved_at, "over", "resolved"),
    )
    return [
        format_html(
            '<line class="story-{0}" x1="{1}" y1="18" x2="{1}" y2="{2}">'
            "<title>{3}</title></line>",
            kind,
            _x(at - story.opened_at, span),
            height - 6,
            word,
        )
        for at, kind, word in marks
        if at is not None
    ]


def _row(place: int, title: str) -> SafeString:
    shown = title if len(title) <= 26 else f"{title[:25]}…"
    return format_html(
        '<text class="story-name" x="0" y="{}">{}</text>',
        HEAD + ROW * place + 19,
        shown,
    )


def _dot(line: StoryLine, place: int, span: timedelta) -> SafeString:
    return format_html(
        '<circle class="story-dot {}" cx="{}" cy="{}" r="6"><title>{}: {}</title>'
        "</circle>",
        line.act,
        _x(line.after, span),
        HEAD + ROW * place + 15,
        say_delay(line.after),
        ", ".join(each.name for each in line.told) or line.text or line.title,
    )
