"""The JSON of timings."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.cadence import Timing
from checklists.domain.cadence_rule import RuleError
from checklists.domain.cadence_timing import (
    read_length,
    timing_from_json,
    timing_to_json,
    write_length,
)

PLAIN = {
    "due_time": "10:00",
    "opens_before": "4h",
    "grace": "30m",
    "closes_after": "14h",
}
TIMING = Timing(
    due_time=time(10),
    opens_before=timedelta(hours=4),
    grace=timedelta(minutes=30),
    closes_after=timedelta(hours=14),
)


def test_a_timing_is_read_and_written():
    assert timing_from_json(PLAIN) == TIMING
    assert timing_to_json(TIMING) == PLAIN


@given(st.timedeltas(timedelta(), timedelta(days=900)))
def test_lengths_of_whole_minutes_come_back(length):
    whole = timedelta(minutes=length // timedelta(minutes=1))
    assert read_length("grace", write_length(whole)) == whole


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("at ten", "due_time"),
        ({**PLAIN, "due_time": "25:00"}, "due_time"),
        ({**PLAIN, "grace": "soon"}, "grace"),
        ({**PLAIN, "opens_before": 4}, "opens_before"),
        ({**PLAIN, "closes_after": "10m"}, "closes_after"),
    ],
)
def test_what_cannot_be_read_names_its_field(raw, field):
    with pytest.raises(RuleError) as caught:
        timing_from_json(raw)
    assert caught.value.field == field
