"""A schedule as lanes over days, drawn on the server.

Only attributes give places and only classes give colour, because pages allow no
inline style. Who cannot see the drawing reads the table below it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oncall.domain.walltime import to_utc, to_wall
from oncall.queries.schedules import Bar, Lane
from opsportal.kit.moments import say_moment

HEAD, ROW, BAR = 26, 42, 28
TONES = 6
MOST_NAMED_DAYS = 14


@dataclass(frozen=True, slots=True)
class Frame:
    """The stretch that is drawn, on the clock of ``zone``."""

    starts_at: datetime
    ends_at: datetime
    zone: tzinfo
    now: datetime

    def place(self, at: datetime) -> float:
        """Return where ``at`` stands, in percent of the width."""
        inside = min(max(at, self.starts_at), self.ends_at) - self.starts_at
        return round(100 * (inside / (self.ends_at - self.starts_at)), 3)

    def midnights(self) -> list[datetime]:
        """Return the beginning of each day on the wall clock."""
        wall = to_wall(self.starts_at, self.zone)
        found = []
        while (at := to_utc(wall, self.zone)) < self.ends_at:
            found.append(at)
            wall += timedelta(days=1)
        return found


def frame_weeks(start: datetime, zone: tzinfo, *, now: datetime, weeks: int) -> Frame:
    """Return whole weeks beginning with the Monday before ``start``."""
    wall = to_wall(start, zone)
    monday = wall.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(
        days=wall.weekday()
    )
    end = monday + timedelta(weeks=weeks)
    return Frame(to_utc(monday, zone), to_utc(end, zone), zone, now)


def draw_lanes(lanes: Sequence[Lane], frame: Frame) -> SafeString:
    """Draw each lane as a row of bars, with the days above and now as a line."""
    rows = list(_spread(lanes))
    height = HEAD + ROW * len(rows)
    tones = _tones_of(lanes)
    return format_html(
        '<figure class="lanes"><div class="lane-names" aria-hidden="true">{}</div>'
        '<div class="scroll-x" tabindex="0" role="group" aria-label="Lanes">'
        '<svg class="lane-plot" width="100%" height="{}" role="img"'
        ' aria-label="{}">{}{}{}{}</svg></div></figure>{}',
        format_html_join(
            "",
            '<span class="lane-name {}">{}</span>',
            ((row.kind, _say_lane(row)) for row in rows),
        ),
        height,
        "Who is on call, by lane; the table below says the same",
        _draw_days(frame, height),
        _draw_rules(len(rows)),
        format_html_join(
            "",
            "{}",
            (
                (_draw_bar(bar, row.kind, top, frame, tones),)
                for number, row in enumerate(rows)
                for top in (HEAD + ROW * number + (ROW - BAR) // 2,)
                for bar in row.bars
            ),
        ),
        _draw_now(frame, height),
        _tabulate(lanes, frame),
    )


def _spread(lanes: Iterable[Lane]) -> Iterable[Lane]:
    """Give bars of one lane that overlap rows of their own."""
    for lane in lanes:
        rows: list[list[Bar]] = [[]]
        for bar in lane.bars:
            free = (row for row in rows if not row or row[-1].ends_at <= bar.starts_at)
            row = next(free, None)
            if row is None:
                rows.append(row := [])
            row.append(bar)
        for number, bars in enumerate(rows):
            yield Lane(lane.label if number == 0 else "", lane.kind, bars)


def _tones_of(lanes: Iterable[Lane]) -> dict[object, int]:
    """Give each person a colour, in the order in which they appear."""
    people = dict.fromkeys(
        bar.user_id for lane in lanes for bar in lane.bars if bar.user_id is not None
    )
    return {person: number % TONES for number, person in enumerate(people)}


def _say_lane(lane: Lane) -> str:
    if lane.kind == "final":
        return f"On call: {lane.label}"
    return lane.label.capitalize()


def _draw_days(frame: Frame, height: int) -> SafeString:
    walls = [(at, to_wall(at, frame.zone)) for at in frame.midnights()]
    # Beyond two weeks there is only room for the Mondays.
    is_long = len(walls) > MOST_NAMED_DAYS
    return format_html_join(
        "",
        '<text class="lane-day" x="{}%" dx="5" y="16">{}</text>'
        '<line class="lane-rule" x1="{}%" x2="{}%" y1="{}" y2="{}"/>',
        (
            (x, _say_day(wall, is_long=is_long), x, x, HEAD, height)
            for at, wall in walls
            if not is_long or wall.weekday() == 0
            for x in (frame.place(at),)
        ),
    )


def _say_day(wall: datetime, *, is_long: bool) -> str:
    return f"{wall.day} {wall:%b}" if is_long else f"{wall:%a} {wall.day}"


def _draw_rules(rows: int) -> SafeString:
    return format_html_join(
        "",
        '<line class="lane-rule" x1="0" x2="100%" y1="{}" y2="{}"/>',
        ((HEAD + ROW * number, HEAD + ROW * number) for number in range(rows)),
    )


def _draw_bar(
    bar: Bar, kind: str, top: int, frame: Frame, tones: dict[object, int]
) -> SafeString:
    left, right = frame.place(bar.starts_at), frame.place(bar.ends_at)
    tone = "gap" if bar.user_id is None else f"p{tones[bar.user_id]}"
    words = f"{bar.name}, {_say_span(bar, frame.zone)}"
    return format_html(
        '<svg x="{}%" y="{}" width="{}%" height="{}" class="lane-bar {} {}">'
        "<title>{}</title>"
        '<rect width="100%" height="100%" rx="6"/>'
        '<text x="9" y="18">{}</text></svg>',
        left,
        top,
        round(right - left, 3),
        BAR,
        tone,
        kind,
        f"{words} ({bar.note})" if bar.note else words,
        bar.name,
    )


def _draw_now(frame: Frame, height: int) -> SafeString:
    if not frame.starts_at <= frame.now < frame.ends_at:
        return SafeString()
    x = frame.place(frame.now)
    return format_html(
        '<line class="lane-now" x1="{}%" x2="{}%" y1="{}" y2="{}"/>',
        x,
        x,
        HEAD - 4,
        height,
    )


def _tabulate(lanes: Iterable[Lane], frame: Frame) -> SafeString:
    return format_html(
        '<details class="as-table"><summary>As a table</summary><div><table>'
        "<thead><tr><th>Lane</th><th>Who</th><th>From and until</th></tr></thead>"
        "<tbody>{}</tbody></table></div></details>",
        format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (_say_lane(lane), bar.name, _say_span(bar, frame.zone))
                for lane in lanes
                for bar in lane.bars
            ),
        ),
    )


def _say_span(bar: Bar, zone: tzinfo) -> str:
    begin = say_moment(bar.starts_at, zone, now=None, form="full")
    return f"{begin} to {say_moment(bar.ends_at, zone, now=None, form='full')}"
