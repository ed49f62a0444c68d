"""What came and what went between two versions."""

from hypothesis import given
from hypothesis import strategies as st

from runbooks.domain.text_diff import DiffLine, diff_lines

LINES = st.lists(st.sampled_from("abc"), max_size=30)


def test_a_change_shows_with_the_lines_around_it():
    old = [str(number) for number in range(1, 21)]
    new = [*old[:9], "ten", *old[10:]]
    (hunk,) = diff_lines(old, new)
    assert [line.text for line in hunk] == [
        "7",
        "8",
        "9",
        "10",
        "ten",
        "11",
        "12",
        "13",
    ]
    assert hunk[3:5] == [DiffLine("went", 10, "10"), DiffLine("came", 10, "ten")]


@given(LINES, LINES)
def test_what_went_was_there_and_what_came_is(old, new):
    found = [line for hunk in diff_lines(old, new) for line in hunk]
    assert all(
        line.text == (old if line.mark == "went" else new)[line.number - 1]
        for line in found
    )
    went = sum(line.mark == "went" for line in found)
    came = sum(line.mark == "came" for line in found)
    assert len(old) - went + came == len(new)
    assert bool(went or came) == (old != new)
