"""What is live is marked, and the marks come off without a trace."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runbooks.domain.marks import strip_marks, write_marks
from runbooks.domain.plan import read_plan

TEXT = b"# A\r\n\n## Daily Tasks\n- [ ] Look\n```sh\n- [ ] ls\n```\n- [ ] Read"
LINE = st.sampled_from(
    [b"- [ ] Look", b"```", b" <!-- live: a -->", b"\xff", b"\0", b"\n", b"\r\n", b"\r"]
)


def test_a_line_that_is_live_says_what_it_is():
    marked = write_marks(TEXT, {4: "item", 6: "never in code", 8: "item -->"})
    assert marked == (
        b"# A\r\n\n## Daily Tasks\n- [ ] Look <!-- live: item -->\n```sh\n- [ ] ls\n"
        b"```\n- [ ] Read <!-- live: item    -->"
    )


def test_marks_of_earlier_are_replaced():
    once = write_marks(TEXT, {4: "item"})
    assert write_marks(once, {8: "item"}) == write_marks(TEXT, {8: "item"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_text_of_wide_characters_stays_as_it_is(encoding):
    raw = "# Été\n- [ ] Look\n".encode(encoding)
    assert write_marks(raw, {2: "item"}) == raw


@given(
    st.lists(LINE).map(b"".join) | st.binary(),
    st.dictionaries(st.integers(1, 9), st.text(), max_size=5),
)
@example(b"a <!-- live: x --> <!-- live: y -->", {1: "z"})
def test_what_is_exported_and_read_again_is_the_same(raw, words):
    text = strip_marks(raw)
    assert strip_marks(write_marks(text, words)) == text
    assert strip_marks(text) == text


def test_the_plan_of_a_marked_text_is_the_plan_of_the_text():
    marked = strip_marks(write_marks(TEXT, {4: "item of Daily Tasks"}))
    assert read_plan(marked) == read_plan(TEXT)
