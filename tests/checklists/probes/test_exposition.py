import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from checklists.probes.exposition import Sample, read_exposition, read_selector

TEXT = """\
# HELP amas_queue_size Jobs waiting.
# TYPE amas_queue_size gauge
amas_queue_size{type="decision"} 12
amas_queue_size{type="learning",} 3 1700000000000

plain 1e3
odd{a="x } \\" \\\\ \\n , y",b="2"} NaN
up 1 # exemplar
"""


def test_lines_become_samples():
    samples = read_exposition(TEXT)
    assert samples[:3] == [
        Sample("amas_queue_size", {"type": "decision"}, 12.0),
        Sample("amas_queue_size", {"type": "learning"}, 3.0, 1700000000000),
        Sample("plain", {}, 1000.0),
    ]
    assert samples[3].labels == {"a": 'x } " \\ \n , y', "b": "2"}
    assert samples[4].value == 1.0


@pytest.mark.parametrize(
    "line", ["<html>", "a", 'a{b="c" 1', "a{b=c} 1", "a x", "1a 1", "a 1 2 3"]
)
def test_a_line_that_is_no_metric_is_named(line):
    with pytest.raises(ValueError):  # noqa: PT011 -- float() has words of its own
        read_exposition(line)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amas_queue_size", [12.0, 3.0]),
        ('amas_queue_size{type="decision"}', [12.0]),
        ('amas_queue_size{type!="decision"}', [3.0]),
        ('amas_queue_size{type="decision",x=""}', [12.0]),
        ("nothing", []),
        ("plain{}", [1000.0]),
    ],
)
def test_a_selector_picks(text, found):
    picked = read_selector(text).pick(read_exposition(TEXT))
    assert [one.value for one in picked] == found


@pytest.mark.parametrize("text", ["", "a b", "a{b}", 'a{b=~"x"}', 'a{b="c"', "{}"])
def test_a_selector_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match=r"metric|labels"):
        read_selector(text)


@given(st.dictionaries(st.text(max_size=20), st.floats(), min_size=1, max_size=5))
def test_what_the_usual_client_writes_is_read_back(values):
    registry = CollectorRegistry()
    gauge = Gauge("queue_size", "Jobs.", ["kind"], registry=registry)
    Counter("jobs", "Jobs done.", registry=registry).inc()
    for kind, value in values.items():
        gauge.labels(kind).set(value)
    samples = read_exposition(generate_latest(registry).decode())
    read = {s.labels["kind"]: s.value for s in samples if s.name == "queue_size"}
    assert repr(read) == repr(values)
