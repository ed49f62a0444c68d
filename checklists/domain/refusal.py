"""What a machine says when an act is not allowed."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 -- a decision, not a fault
    """An act that its rules do not allow now.

    ``code`` is stable for programs, ``sentence`` tells a person what to do.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
