"""A refusal says what there is."""

from opsportal.kit.choices import say_none_such


def test_what_there_is_stands_in_the_sentence():
    assert (
        say_none_such("role", ["scribe", "deputy"])
        == "There is no such role. There are: scribe, deputy."
    )
