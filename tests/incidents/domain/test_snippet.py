"""The place in which the words of a search stand."""

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.snippet import LONGEST, cut_snippet


def shown(texts, *words):
    parts = cut_snippet(texts, words)
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in parts)


def test_words_are_marked_with_their_endings():
    texts = ["", "Requests failed.\nThe pool of connections was full."]
    said = shown(texts, "connection", "failing")
    assert said == "Requests [failed]. The pool of [connections] was full."


def test_only_where_a_word_begins():
    assert shown(["carpool and Pools"], "pool") == "carpool and [Pools]"
    assert shown(["carpool"], "pool") == ""
    assert shown(["anything"]) == ""


def test_a_long_text_is_cut_around_the_first_hit():
    said = shown(["a " * 200 + "disk " + "b " * 200], "disk")
    assert "[disk]" in said
    assert said.startswith("…")
    assert said.endswith("…")


@given(st.lists(st.text(), max_size=3), st.lists(st.text(max_size=8), max_size=3))
def test_nothing_is_added_and_nothing_is_longer(texts, words):
    parts = cut_snippet(texts, words)
    whole = "".join(part.text for part in parts)
    assert len(whole) <= LONGEST + 2
    assert all(part.text for part in parts)
    lines = [" ".join(text.split()) for text in texts]
    assert not whole or any(whole.strip("…") in line for line in lines)
