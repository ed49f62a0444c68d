"""The drawing of what is summed up: whole, in time, and readable without eyes."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from opsportal.kit.charts import NOTHING_YET
from opsportal.kit.past_chart import Frame, Shade, Step, draw_past_chart

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def frame_of(**more):
    plain = {
        "start": START,
        "end": START + 24 * HOUR,
        "step": HOUR,
        "gap": 2 * HOUR,
        "zone": UTC,
        "words": "Lag",
        "unit": "ms",
    }
    return Frame(**{**plain, **more})


def step_at(hour, mean, *, room=0.0):
    return Step(START + hour * HOUR, mean - room, mean, mean + room)


def read(drawing):
    assert "style=" not in drawing
    return ElementTree.fromstring(f"<x>{drawing}</x>")  # noqa: S314 -- our own drawing


def paths(tree, name):
    return [node.get("d") for node in tree.iter("path") if node.get("class") == name]


def test_no_step_is_a_sentence():
    assert read(draw_past_chart([], frame_of()))[0].text == NOTHING_YET


def test_a_step_has_its_moment_its_mean_and_its_range():
    steps = [step_at(1, 40, room=5), step_at(2, 50)]
    tree = read(draw_past_chart(steps, frame_of(limits=(45, 60))))
    said = [node.text for node in tree.iter("td")]
    assert said == ["40 ms (35 to 45)", "50 ms"]
    assert tree.find(".//title").text == "20 Nov 2026 09:00: 40 ms (35 to 45)"
    label = tree.find(".//svg[@role='img']").get("aria-label")
    assert label == "Lag: lowest 35 ms, highest 50 ms, last 50 ms"
    assert "threshold 45 ms, 60 ms" in " ".join(tree.itertext())
    assert len(paths(tree, "limit")) == 3  # two and the legend's


def test_what_nobody_saw_is_a_gap_and_a_lonely_step_a_dot():
    steps = [step_at(1, 1), step_at(2, 2), step_at(10, 3)]
    line = paths(read(draw_past_chart(steps, frame_of())), "line")[0]
    assert line.count("M") == 2
    assert line.endswith("h0")


def test_troubles_are_shaded_and_named():
    shades = (
        Shade(START - HOUR, START + HOUR, "incident", "INC-1 <down>"),
        Shade(START + 12 * HOUR, START + 12 * HOUR, "planned", "Patches"),
    )
    tree = read(draw_past_chart([step_at(3, 1)], frame_of(shades=shades)))
    found = [
        (node.get("class"), node.get("x"), node.get("width"))
        for node in tree.iter("rect")
        if node.find("title") is not None and "shade" in node.get("class")
    ]
    assert found == [
        ("shade incident", "0", "25.0"),
        ("shade planned", "300.0", "1.5"),
    ]
    words = " ".join(tree.itertext())
    assert "INC-1 <down>" in words
    assert "planned work" in words


def test_bytes_and_long_times_have_a_scale_that_fits():
    steps = [Step(START, 2e9, 3e9, 84e9)]
    frame = frame_of(unit="B", limits=(90e9,), end=START + 400 * 24 * HOUR)
    drawn = draw_past_chart(steps, frame)
    assert "highest 84 GB" in drawn
    assert "threshold 90 GB" in drawn
    assert "<span>20 Nov 2026</span>" in drawn


@given(
    st.lists(
        st.tuples(st.integers(0, 23), st.floats(-1e9, 1e9), st.floats(0, 1e9)),
        min_size=1,
        max_size=24,
    )
)
def test_any_steps_are_drawn_inside_the_box(values):
    steps = [step_at(hour, mean, room=room) for hour, mean, room in sorted(values)]
    tree = read(draw_past_chart(steps, frame_of()))
    for path in paths(tree, "line")[:1] + paths(tree, "band"):
        spots = path.replace("M", " ").replace("L", " ").replace("h0", "")
        numbers = [float(number) for number in spots.replace("Z", "").split()]
        assert all(0 <= x <= 600 for x in numbers[::2])
        assert all(-0.1 <= y <= 180.1 for y in numbers[1::2])
