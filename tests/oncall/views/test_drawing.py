"""Lanes stand where their moments are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from oncall.queries.schedules import Bar, Lane
from oncall.views.drawing import draw_lanes, frame_weeks

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)


def bar(start, end, name="Engineer A", user=1, note=""):
    return Bar(
        NOW + timedelta(hours=start), NOW + timedelta(hours=end), user, name, note
    )


def test_a_frame_is_whole_weeks_on_the_wall_also_when_the_clocks_change():
    frame = frame_weeks(datetime(2026, 3, 25, tzinfo=UTC), BERLIN, now=NOW, weeks=2)
    assert frame.starts_at == datetime(2026, 3, 22, 23, tzinfo=UTC)
    assert frame.ends_at == datetime(2026, 4, 5, 22, tzinfo=UTC)
    assert len(frame.midnights()) == 14
    assert frame.place(frame.starts_at - timedelta(days=9)) == 0
    assert frame.place(frame.ends_at + timedelta(days=9)) == 100


def test_bars_that_overlap_get_rows_of_their_own():
    frame = frame_weeks(NOW, BERLIN, now=NOW, weeks=2)
    lane = Lane("overrides", "override", [bar(0, 9), bar(1, 3), bar(3, 5)])
    drawn = draw_lanes([lane], frame)
    assert drawn.count('class="lane-name ') == 2
    assert drawn.count("<td>Overrides</td>") == 3


def test_a_gap_is_a_gap_and_names_are_only_text():
    frame = frame_weeks(NOW, BERLIN, now=NOW, weeks=2)
    lanes = [
        Lane("primary", "final", [bar(0, 2, "<b>x</b>", note="primary")]),
        Lane("secondary", "final", [bar(0, 2, "No one", None)]),
    ]
    drawn = draw_lanes(lanes, frame)
    assert "lane-bar gap" in drawn
    assert "<b>x" not in drawn
    assert "(primary)" in drawn
    assert "style=" not in drawn
