from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.reminder_ladder import (
    DEFAULT_LADDER,
    MOST_RUNGS,
    Audience,
    LadderError,
    Rung,
    ladder_from_json,
    ladder_to_json,
    read_offset,
    write_offset,
)
from tests.checklists.domain.calendars import DAY, HOUR

MINUTE = HOUR / 60
offsets = st.integers(-366 * 1440, 366 * 1440).map(lambda count: count * MINUTE)
audiences = st.sets(st.sampled_from(Audience), min_size=1).map(
    lambda found: tuple(audience for audience in Audience if audience in found)
)
ladders = st.lists(
    st.builds(Rung, offsets, audiences, st.booleans()),
    max_size=MOST_RUNGS,
    unique_by=lambda rung: rung.offset,
).map(lambda rungs: tuple(sorted(rungs, key=lambda rung: rung.offset)))


@given(ladders)
def test_a_ladder_survives_json(ladder):
    assert ladder_from_json(ladder_to_json(ladder)) == ladder


def test_the_default_ladder_climbs_from_the_assignee_to_the_manager():
    assert ladder_to_json(DEFAULT_LADDER) == [
        {"when": "before 30m", "to": ["assignee"], "ignores_quiet_hours": False},
        {"when": "at due", "to": ["assignee"], "ignores_quiet_hours": False},
        {
            "when": "after 30m",
            "to": ["assignee", "manager"],
            "ignores_quiet_hours": False,
        },
    ]


@pytest.mark.parametrize(
    ("words", "offset"),
    [
        ("at due", timedelta()),
        ("before 30m", -30 * MINUTE),
        ("after 1h 30m", 1.5 * HOUR),
        ("after 1d 2h", DAY + 2 * HOUR),
        ("before 366d", -366 * DAY),
    ],
)
def test_an_offset_is_read_and_written_in_words(words, offset):
    assert read_offset("when", words) == offset
    assert write_offset(offset) == words


def test_long_minutes_are_the_same_as_hours():
    assert write_offset(read_offset("when", "after 90m")) == "after 1h 30m"


def test_rungs_are_put_in_order():
    ladder = ladder_from_json(
        [{"when": "after 5m", "to": ["manager"]}, {"when": "at due", "to": ["on_call"]}]
    )
    assert [rung.key for rung in ladder] == ["at due", "after 5m"]


RUNG = {"when": "at due", "to": ["assignee"]}


@pytest.mark.parametrize(
    ("raw", "field", "remedy"),
    [
        ({}, "ladder", "list of rungs"),
        ([RUNG] * (MOST_RUNGS + 1), "ladder", "at most 10"),
        (["at due"], "[0]", '"when" and "to"'),
        ([{**RUNG, "who": "me"}], "[0].who", "remove it"),
        ([{**RUNG, "when": "30m"}], "[0].when", '"before 30m"'),
        ([{**RUNG, "when": "before "}], "[0].when", '"before 30m"'),
        ([{"to": ["assignee"]}], "[0].when", '"before 30m"'),
        ([{**RUNG, "when": "after 0m"}], "[0].when", '"at due"'),
        ([{**RUNG, "when": "after 367d"}], "[0].when", "at most 366 days"),
        ([RUNG, {**RUNG, "to": ["manager"]}], "[1].when", "in one rung"),
        ([{"when": "at due"}], "[0].to", "assignee, on_call, manager"),
        ([{**RUNG, "to": []}], "[0].to", "assignee, on_call, manager"),
        ([{**RUNG, "to": ["boss"]}], "[0].to", "assignee, on_call, manager"),
        (
            [{**RUNG, "ignores_quiet_hours": 1}],
            "[0].ignores_quiet_hours",
            "true or false",
        ),
    ],
)
def test_an_error_names_the_field_and_the_remedy(raw, field, remedy):
    with pytest.raises(LadderError) as caught:
        ladder_from_json(raw)
    assert caught.value.field == field
    assert remedy in caught.value.message
