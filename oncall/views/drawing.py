"""A schedule as lanes over days, drawn on the server.

Only attributes give places and only classes give colour, because pages allow no
inline style. Who cannot see the drawing reads the table below it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oncall.domain.walltime import to_wall
from oncall.queries.lanes import WITHOUT, Bar, Lane
from oncall.queries.naming import initials_of
from oncall.views.frames import MONTH, WEEKS, Frame, frame_weeks
from opsportal.kit.moments import zone_name

__all__ = ["Frame", "Pen", "draw_lanes", "frame_weeks", "tone_people"]

HEAD, ROW, BAR = 26, 42, 28
TONES = 10
MOST_NAMED_DAYS = 14
_SATURDAY = 5
# The narrowest that the drawing gets before it scrolls, as in schedule.css.
_LEAST_WIDTH = {WEEKS: 760, MONTH: 860}
_WIDEST = 860
_LETTER, _AROUND = 6.9, 18


@dataclass(frozen=True, slots=True)
class Pen:
    """How lanes are drawn for one viewer.

    ``tones`` are colours by person (`tone_people`), ``link`` gives the address behind
    a bar, if any, and ``drop_url`` that of the form for what is dragged out.
    """

    viewer_zone: tzinfo | None = None
    tones: dict[object, int] | None = None
    link: Callable[[Lane, Bar], str] | None = None
    drop_url: str = ""


def tone_people(ids: Iterable[int]) -> dict[object, int]:
    """Give each person a colour: their own everywhere, the next free one if taken."""
    found: dict[object, int] = {}
    for person in sorted(set(ids)):
        tone, taken = person % TONES, set(found.values())
        while tone in taken and len(taken) < TONES:
            tone = (tone + 1) % TONES
        found[person] = tone
    return found


def draw_lanes(
    lanes: Sequence[Lane], frame: Frame, pen: Pen | None = None
) -> SafeString:
    """Draw each lane as a row of bars, with the days above and now as a line."""
    pen = pen or Pen()
    if pen.tones is None:
        people = (bar.user_id for lane in lanes for bar in lane.bars)
        tones = tone_people(each for each in people if isinstance(each, int))
        pen = replace(pen, tones=tones)
    rows = list(_spread(lanes, frame))
    height = HEAD + ROW * len(rows)
    return format_html(
        '<figure class="lanes"{}><div class="lane-names" aria-hidden="true">{}</div>'
        '<div class="scroll-x" tabindex="0" role="group" aria-label="Lanes">'
        '<svg class="lane-plot {}" width="100%" height="{}" role="{}"'
        ' aria-label="{}">{}{}{}{}{}</svg></div></figure>{}',
        _drag_data(frame, pen),
        format_html_join(
            "",
            '<span class="lane-name {}">{}</span>',
            ((_lane_class(row), row.label) for row in rows),
        ),
        frame.kind,
        height,
        "group" if pen.link else "img",
        "Who is on call, by lane; the table below says the same",
        _draw_days(frame, height),
        _draw_rules(len(rows)),
        _draw_grips(rows, pen),
        _draw_bars(rows, frame, pen),
        _draw_now(frame, height),
        _tabulate(lanes, frame, pen),
    )


def _drag_data(frame: Frame, pen: Pen) -> SafeString:
    if not pen.drop_url:
        return SafeString()
    return format_html(
        ' data-lanes data-url="{}" data-from="{}" data-to="{}" data-step="{}"'
        ' data-zone="{}"',
        pen.drop_url,
        _stamp(frame.starts_at),
        _stamp(frame.ends_at),
        frame.step,
        zone_name(pen.viewer_zone or frame.zone),
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _spread(lanes: Iterable[Lane], frame: Frame) -> Iterable[Lane]:
    """Give bars of one lane that overlap rows of their own, each lane its name."""
    for lane in lanes:
        rows: list[list[Bar]] = [[]]
        for bar in lane.bars:
            if bar.ends_at <= frame.starts_at or bar.starts_at >= frame.ends_at:
                continue
            free = (row for row in rows if not row or row[-1].ends_at <= bar.starts_at)
            row = next(free, None)
            if row is None:
                rows.append(row := [])
            row.append(bar)
        for number, bars in enumerate(rows):
            label = _say_lane(lane) if number == 0 else ""
            yield replace(lane, label=label, bars=bars)


def _say_lane(lane: Lane) -> str:
    if lane.kind == "final":
        return f"Final: {lane.label}"
    return lane.label.capitalize()


def _lane_class(lane: Lane) -> str:
    return f"{lane.kind} shadow" if lane.is_shadow else lane.kind


def _draw_days(frame: Frame, height: int) -> SafeString:
    walls = [(at, to_wall(at, frame.zone)) for at in frame.midnights()]
    rest = format_html_join(
        "",
        '<rect class="lane-rest" x="{}%" y="{}" width="{}%" height="{}"/>',
        (
            (x, HEAD, round(frame.place(at + timedelta(days=1)) - x, 3), height - HEAD)
            for at, wall in walls
            if wall.weekday() >= _SATURDAY
            for x in (frame.place(at),)
        ),
    )
    days = format_html_join(
        "",
        '<text class="lane-day{}" x="{}%" dx="4" y="16">{}</text>'
        '<line class="lane-rule" x1="{}%" x2="{}%" y1="{}" y2="{}"/>',
        (
            (" today" if _is_today(at, frame) else "", x, words, x, x, HEAD, height)
            for at, wall in walls
            if (words := _say_day(wall, frame, len(walls)))
            for x in (frame.place(at),)
        ),
    )
    return format_html("{}{}", rest, days)


def _is_today(at: datetime, frame: Frame) -> bool:
    return at <= frame.now < at + timedelta(days=1)


def _say_day(wall: datetime, frame: Frame, days: int) -> str:
    if frame.kind == MONTH:
        return str(wall.day)
    if days > MOST_NAMED_DAYS:
        # Beyond two weeks there is only room for the Mondays.
        return f"{wall.day} {wall:%b}" if wall.weekday() == 0 else ""
    return f"{wall:%a} {wall.day}"


def _draw_rules(rows: int) -> SafeString:
    return format_html_join(
        "",
        '<line class="lane-rule" x1="0" x2="100%" y1="{}" y2="{}"/>',
        ((HEAD + ROW * number, HEAD + ROW * number) for number in range(rows)),
    )


def _draw_grips(rows: Sequence[Lane], pen: Pen) -> SafeString:
    """Draw where a drag may begin: the lanes of who is on call at last."""
    if not pen.drop_url:
        return SafeString()
    return format_html_join(
        "",
        '<rect class="lane-grip" x="0" y="{}" width="100%" height="{}" data-role="{}"/>',
        (
            (HEAD + ROW * number, ROW, row.role)
            for number, row in enumerate(rows)
            if row.kind == "final"
        ),
    )


def _draw_bars(rows: Sequence[Lane], frame: Frame, pen: Pen) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (_draw_bar(bar, row, top, frame, pen),)
            for number, row in enumerate(rows)
            for top in (HEAD + ROW * number + (ROW - BAR) // 2,)
            for bar in row.bars
        ),
    )


def _draw_bar(bar: Bar, lane: Lane, top: int, frame: Frame, pen: Pen) -> SafeString:
    left, right = frame.place(bar.starts_at), frame.place(bar.ends_at)
    tone = "gap" if bar.user_id is None else f"p{(pen.tones or {})[bar.user_id]}"
    # What goes on beyond the edge has no round corner there: it lies outside.
    before = 8 if bar.starts_at < frame.starts_at else 0
    after = 8 if bar.ends_at > frame.ends_at else 0
    words = _say_bar(bar, frame, pen)
    drawn = format_html(
        '<svg x="{}%" y="{}" width="{}%" height="{}" class="lane-bar {} {}">'
        '<title>{}</title><svg x="{}" width="100%" height="100%" overflow="visible">'
        '<rect width="100%" height="100%" rx="6"/>{}</svg>'
        '<text x="9" y="18">{}</text></svg>',
        left,
        top,
        round(right - left, 3),
        BAR,
        tone,
        _lane_class(lane),
        words,
        -before,
        _lengthen(before + after),
        _shorten(bar, right - left, frame),
    )
    url = pen.link(lane, bar) if pen.link else ""
    if not url:
        return drawn
    return format_html(
        '<a href="{}" class="lane-link" aria-label="{}">{}</a>', url, words, drawn
    )


def _lengthen(by: int) -> SafeString:
    """Cover the corners of a bar that goes on, by a second rectangle further right."""
    if not by:
        return SafeString()
    return format_html('<rect x="{}" width="100%" height="100%" rx="6"/>', by)


def _shorten(bar: Bar, percent: float, frame: Frame) -> str:
    """Return the name, or what of it fits."""
    room = percent / 100 * _LEAST_WIDTH.get(frame.kind, _WIDEST) - _AROUND
    if len(bar.name) * _LETTER <= room:
        return bar.name
    short = "!" if bar.user_id is None else initials_of(bar.name)
    if bar.name.startswith(WITHOUT):
        short = f"\N{MINUS SIGN}{initials_of(bar.name.removeprefix(WITHOUT))}"
    return short if len(short) * _LETTER <= room + _AROUND / 2 else ""


def _draw_now(frame: Frame, height: int) -> SafeString:
    if not frame.has_now:
        return SafeString()
    x = frame.place(frame.now)
    return format_html(
        '<line class="lane-now" x1="{}%" x2="{}%" y1="{}" y2="{}"/>',
        x,
        x,
        HEAD - 4,
        height,
    )


def _tabulate(lanes: Iterable[Lane], frame: Frame, pen: Pen) -> SafeString:
    zone = pen.viewer_zone or frame.zone
    return format_html(
        '<details class="as-table"><summary>As a table</summary><div class="scroll-x">'
        '<table><thead><tr><th scope="col">Lane</th><th scope="col">Who</th>'
        '<th scope="col">From</th><th scope="col">Until</th></tr></thead>'
        "<tbody>{}</tbody></table><p>Times are {}.</p></div></details>",
        format_html_join(
            "",
            '<tr><td>{}</td><th scope="row">{}</th><td>{}</td><td>{}</td></tr>',
            (
                (
                    _say_lane(lane),
                    f"{bar.name} ({bar.note})" if bar.note else bar.name,
                    _say_at(bar.starts_at, zone),
                    _say_at(bar.ends_at, zone),
                )
                for lane in lanes
                for bar in lane.bars
            ),
        ),
        zone_name(zone),
    )


def _say_bar(bar: Bar, frame: Frame, pen: Pen) -> str:
    """Return who, and exactly when on the viewer's clock and on the schedule's."""
    zones = {zone_name(each): each for each in (pen.viewer_zone, frame.zone) if each}
    spans = " · ".join(
        f"{_say_at(bar.starts_at, zone)} to {_say_at(bar.ends_at, zone)} {name}"
        for name, zone in zones.items()
    )
    who = f"{bar.name} ({bar.note})" if bar.note else bar.name
    return f"{who}: {spans}"


def _say_at(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b} {local.year} {local:%H:%M}"
