"""Drawings: well formed, no inline style, and readable without eyes."""

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsportal.kit.charts import (
    NOTHING_YET,
    Day,
    Point,
    draw_heatmap,
    draw_line_chart,
    draw_ring,
    draw_sparkline,
    draw_status_strip,
)
from opsportal.kit.quantities import say_number

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
numbers = st.one_of(
    st.none(), st.floats(-1e12, 1e12), st.sampled_from([float("inf"), float("nan")])
)


def points_of(values):
    return [Point(START + timedelta(minutes=15 * n), v) for n, v in enumerate(values)]


def days_of(*tones, first=date(2026, 10, 23), url=""):
    words = {"ok": "operational", "crit": "down", "none": "no run"}
    return [
        Day(first + timedelta(days=n), tone, words.get(tone, "degraded"), url)
        for n, tone in enumerate(tones)
    ]


def read(drawing):
    assert "style=" not in drawing
    return ElementTree.fromstring(f"<x>{drawing}</x>")  # noqa: S314 -- our own drawing


def titles(tree):
    return [node.text for node in tree.iter("title")]


def test_a_ring_says_its_share_and_speaks():
    ring = read(draw_ring(5, 7, tone="warn"))[0]
    assert ring.get("class") == "ring warn "
    assert ring.get("aria-label") == "5 of 7 done"
    assert ring[1].get("stroke-dasharray") == "71 100"
    assert ring[2].text == "5/7"


@pytest.mark.parametrize(("done", "total", "share"), [(0, 0, 0), (9, 7, 100)])
def test_a_ring_never_leaves_its_circle(done, total, share):
    ring = read(draw_ring(done, total))[0]
    assert ring[1].get("stroke-dasharray") == f"{share} 100"


def test_a_long_ring_text_gets_smaller():
    assert "long" in read(draw_ring(12, 36))[0].get("class")


def test_no_data_is_a_sentence():
    for drawing in (
        draw_sparkline([]),
        draw_sparkline([None, None]),
        draw_line_chart([], zone=UTC, words="Lag"),
        draw_line_chart(points_of([None]), zone=UTC, words="Lag"),
    ):
        assert read(drawing)[0].text == NOTHING_YET
    assert read(draw_status_strip([]))[0].text == "No days yet."
    assert read(draw_heatmap([], words="Completion"))[0].text == "No days yet."


def test_a_sparkline_says_its_range_and_breaks_where_nothing_was_known():
    tree = read(draw_sparkline([40, 42, None, 120], threshold=100, unit="ms"))
    assert titles(tree) == ["3 values from 40 to 120, last 120 ms"]
    line = next(n for n in tree.iter("path") if n.get("class") == "line")
    assert line.get("d").count("M") == 2
    assert any(n.get("class") == "limit" for n in tree.iter("path"))


def test_a_line_chart_has_titles_a_legend_and_a_table():
    tree = read(
        draw_line_chart(
            points_of([40, None, 120]),
            zone=UTC,
            words="Replication lag",
            unit="ms",
            threshold=100,
        )
    )
    assert titles(tree) == [
        "20 Nov 2026 08:00: 40 ms",
        "20 Nov 2026 08:15: unknown",
        "20 Nov 2026 08:30: 120 ms",
    ]
    assert [n.text for n in tree.iter("td")] == ["40 ms", "unknown", "120 ms"]
    text = " ".join(tree.itertext())
    assert "threshold 100 ms" in text
    svg = tree.find(".//svg")
    assert svg.get("aria-label") == (
        "Replication lag: lowest 40, highest 120, last 120 ms"
    )


def test_a_line_chart_takes_its_own_words_for_the_threshold():
    drawing = draw_line_chart(
        points_of([1]), zone=UTC, words="Age", threshold=24, threshold_words="at most"
    )
    assert "at most" in drawing


def test_a_scale_has_round_numbers():
    drawing = draw_line_chart(points_of([3, 47, 97]), zone=UTC, words="Lag")
    tree = read(drawing)
    ys = tree.find(".//*[@class='ys']")
    assert [span.text for span in ys] == ["120", "60", "0"]


@pytest.mark.parametrize(
    ("values", "unit", "marks"),
    [
        # Shares of a whole end at 100 %, and near it their places tell them apart.
        ([50, 100], "%", ["100 %", "50 %", "0 %"]),
        ([99.98, 100], "%", ["100.000 %", "99.985 %", "99.970 %"]),
        ([140, 200], "%", ["240 %", "180 %", "120 %"]),
        ([0, 0], "min", ["1 min", "0.5 min", "0 min"]),
        ([-3, 5], "", ["6", "0", "-6"]),
    ],
)
def test_a_scale_fits_what_it_measures(values, unit, marks):
    tree = read(draw_line_chart(points_of(values), zone=UTC, words="Lag", unit=unit))
    said = [span.text for span in tree.find(".//*[@class='ys']")]
    assert said == marks


def test_a_scale_of_weeks_says_days_alone():
    points = [Point(at=at, value=1) for at in (START, START + timedelta(days=84))]
    tree = read(draw_line_chart(points, zone=UTC, words="Lag"))
    said = [span.text for span in tree.find(".//*[@class='xs']")]
    assert said == ["20 Nov", "18 Dec", "15 Jan", "12 Feb"]


@given(st.lists(numbers, max_size=40), st.one_of(st.none(), st.floats(-1e9, 1e9)))
def test_any_series_draws_inside_its_box(values, threshold):
    tree = read(draw_sparkline(values, threshold=threshold))
    for path in tree.iter("path"):
        coordinates = (
            path.get("d").replace("M", " ").replace("L", " ").replace("h0", "")
        )
        if path.get("class") == "line":
            found = [float(number) for number in coordinates.split()]
            assert all(0 <= x <= 96 for x in found[::2])
            assert all(0 <= y <= 24 for y in found[1::2])


@given(st.lists(numbers, max_size=40))
def test_any_series_makes_a_chart(values):
    read(draw_line_chart(points_of(values), zone=UTC, words="Lag <script>"))


def test_a_status_strip_shows_each_day_and_sums_up():
    tree = read(draw_status_strip(days_of("ok", "ok", "warn", "crit")))
    svg = tree.find(".//svg")
    assert svg.get("aria-label") == "4 days: 2 operational, 1 degraded, 1 down"
    assert titles(tree)[0] == "Fri 23 Oct 2026: operational"
    heights = [float(bar.get("height")) for bar in tree.iter("rect")]
    assert heights == [17, 17, 18.5, 20]


def test_a_calendar_puts_mondays_on_top_and_weeks_side_by_side():
    tree = read(draw_heatmap(days_of(*["ok"] * 4, first=date(2026, 11, 20)), words="x"))
    spots = [(cell.get("x"), cell.get("y")) for cell in tree.iter("rect")]
    assert spots == [("28", "78"), ("28", "93"), ("28", "108"), ("43", "18")]


def test_a_missed_day_is_crossed_and_a_day_with_a_page_is_a_link():
    tree = read(draw_heatmap(days_of("crit", "ok", url="/runs/1/"), words="Completion"))
    assert [n.get("class") for n in tree.iter("path")] == ["cross"]
    assert [n.get("href") for n in tree.iter("a")] == ["/runs/1/"] * 2
    assert [n.text for n in tree.iter("td")] == ["down", "operational"]


def test_words_from_people_stay_words():
    day = Day(date(2026, 11, 21), "ok", '"><script>alert(1)</script>', "/")
    assert "<script" not in draw_status_strip([day]) + draw_heatmap([day], words="<b>")


@pytest.mark.parametrize(
    ("value", "words"), [(0.125, "0.125"), (91.42, "91.4"), (1204.4, "1,204"), (0, "0")]
)
def test_numbers_keep_the_figures_that_matter(value, words):
    assert say_number(value) == words


def test_bytes_are_drawn_in_the_unit_of_the_greatest():
    at = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
    points = [Point(at, 2e9), Point(at + timedelta(hours=1), 84e9)]
    drawn = draw_line_chart(points, zone=UTC, words="Free", unit="B", threshold=5e9)
    assert "last 84 GB" in drawn
    assert "10:30: 2 GB" in drawn
    assert "threshold 5 GB" in drawn
    assert "last 84 GB" in draw_sparkline([None, 2e9, 84e9], unit="B")
