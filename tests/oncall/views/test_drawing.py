"""Lanes stand where their moments are."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import oncall
from oncall.queries.schedules import Bar, Lane
from oncall.views.drawing import TONES, Pen, draw_lanes, frame_weeks, tone_people
from oncall.views.frames import MONTH, QUARTER, WEEKS, frame_from
from tests.opsportal.test_look import contrast

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
CSS = Path(oncall.__file__).parent / "static/oncall/schedule.css"
COLOUR = re.compile(
    r"\.lane-bar\.(p\d|gap) (rect|text) "
    r"\{ fill: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
)


def bar(start, end, name="Engineer A", user=1, note=""):
    return Bar(
        NOW + timedelta(hours=start), NOW + timedelta(hours=end), user, name, note
    )


def two_weeks():
    return frame_weeks(NOW, BERLIN, now=NOW, weeks=2)


def test_a_frame_is_whole_weeks_on_the_wall_also_when_the_clocks_change():
    frame = frame_weeks(datetime(2026, 3, 25, tzinfo=UTC), BERLIN, now=NOW, weeks=2)
    assert frame.starts_at == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert frame.ends_at == datetime(2026, 4, 5, 22, tzinfo=UTC)
    assert len(frame.midnights()) == 14
    assert frame.place(frame.starts_at - timedelta(days=9)) == 0
    assert frame.place(frame.ends_at + timedelta(days=9)) == 100


@pytest.mark.parametrize(
    ("kind", "day", "title", "earlier", "later"),
    [
        (WEEKS, (2026, 1, 14), "12 to 25 January 2026", (2025, 12, 29), (2026, 1, 26)),
        (
            WEEKS,
            (2025, 12, 30),
            "29 December 2025 to 11 January 2026",
            (2025, 12, 15),
            (2026, 1, 12),
        ),
        (
            WEEKS,
            (2026, 1, 30),
            "26 January to 8 February 2026",
            (2026, 1, 12),
            (2026, 2, 9),
        ),
        (MONTH, (2026, 1, 14), "January 2026", (2025, 12, 1), (2026, 2, 1)),
        (
            QUARTER,
            (2025, 11, 30),
            "November 2025 to January 2026",
            (2025, 8, 1),
            (2026, 2, 1),
        ),
        (QUARTER, (2026, 1, 1), "January to March 2026", (2025, 10, 1), (2026, 4, 1)),
    ],
)
def test_frames_follow_each_other_without_a_day_between(
    kind, day, title, earlier, later
):
    frame = frame_from(kind, date(*day), BERLIN, now=NOW)
    assert frame.title == title
    assert (frame.earlier, frame.later) == (date(*earlier), date(*later))
    before = frame_from(kind, frame.earlier, BERLIN, now=NOW)
    assert before.ends_at == frame.starts_at
    assert before.later == frame.first


def test_bars_that_overlap_get_rows_of_their_own():
    lane = Lane("overrides", "override", [bar(0, 9), bar(1, 3), bar(3, 5)])
    drawn = draw_lanes([lane], two_weeks())
    assert drawn.count('class="lane-name ') == 2
    assert drawn.count("<td>Overrides</td>") == 3


def test_a_gap_is_a_gap_and_names_are_only_text():
    lanes = [
        Lane("primary", "final", [bar(0, 2, "<b>x</b>", note="primary")], "primary"),
        Lane("secondary", "final", [bar(0, 2, "No one", None)], "secondary"),
        Lane("shadow", "final", [bar(0, 2)], "shadow", is_shadow=True),
    ]
    drawn = draw_lanes(lanes, two_weeks())
    assert "lane-bar gap" in drawn
    assert "<b>x" not in drawn
    assert "(primary)" in drawn
    assert "final shadow" in drawn
    assert "style=" not in drawn
    assert "<a " not in drawn
    assert "data-" not in drawn


def test_a_bar_says_its_times_on_both_clocks_and_leads_somewhere():
    lane = Lane("primary", "final", [bar(0, 48)], "primary")
    pen = Pen(NEW_YORK, link=lambda lane, bar: "/there", drop_url="/form")
    drawn = draw_lanes([lane], two_weeks(), pen)
    words = (
        "Engineer A: Wed 14 Jan 2026 05:30 to Fri 16 Jan 2026 05:30 America/New_York"
        " · Wed 14 Jan 2026 11:30 to Fri 16 Jan 2026 11:30 Europe/Berlin"
    )
    assert f'<a href="/there" class="lane-link" aria-label="{words}">' in drawn
    assert f"<title>{words}</title>" in drawn
    assert 'data-from="2026-01-11T23:00:00Z"' in drawn
    assert 'data-role="primary"' in drawn
    assert "Times are America/New_York" in drawn


def test_what_goes_on_beyond_the_edge_has_no_corner_there_and_short_bars_initials():
    frame = two_weeks()
    lane = Lane("primary", "final", [bar(-240, 1), bar(1, 20), bar(200, 900)])
    drawn = draw_lanes([lane], frame)
    assert drawn.count('<svg x="-8"') == 1
    assert drawn.count('<rect x="8"') == 2
    assert ">EA</text>" in drawn
    beyond = Lane("primary", "final", [bar(900, 901), bar(-900, -899), bar(0, 0.1)])
    drawn = draw_lanes([beyond], frame)
    assert drawn.count("lane-bar ") == 1
    assert '<text x="9" y="18"></text>' in drawn
    whole = draw_lanes([Lane("primary", "final", [bar(-900, 900)])], frame)
    assert '<rect x="16"' in whole


@pytest.mark.parametrize(
    ("kind", "said", "count"), [(WEEKS, "Mon 12", 14), (MONTH, "31", 31)]
)
def test_days_are_named_as_far_as_there_is_room(kind, said, count):
    frame = frame_from(kind, NOW.date(), BERLIN, now=NOW)
    drawn = draw_lanes([], frame)
    assert f">{said}</text>" in drawn
    assert drawn.count('class="lane-day') == count
    assert drawn.count("lane-day today") == 1


def test_of_a_quarter_the_mondays_are_named_and_other_quarters_have_no_now():
    drawn = draw_lanes([], frame_from(QUARTER, date(2026, 3, 1), BERLIN, now=NOW))
    assert ">2 Mar</text>" in drawn
    assert ">3 Mar</text>" not in drawn
    assert "lane-now" not in drawn


def test_people_keep_their_colour_and_share_none_while_there_are_enough():
    assert tone_people([3, 13, 5]) == {3: 3, 5: 5, 13: 4}
    assert tone_people([5]) == {5: 5}
    many = tone_people(range(25))
    assert len(set(many.values())) == TONES


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_names_stand_out_on_their_bars(theme):
    found = {}
    for tone, part, *colours in COLOUR.findall(CSS.read_text()):
        found[tone, part] = colours[theme]
    tones = [*(f"p{number}" for number in range(TONES)), "gap"]
    assert set(found) == set(product(tones, ("rect", "text")))
    for tone in tones:
        assert contrast(found[tone, "rect"], found[tone, "text"]) >= 4.5, tone
