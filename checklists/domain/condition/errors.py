"""The one error of the condition language."""

from __future__ import annotations


class ConditionError(ValueError):
    """A condition that cannot be used, found while it is read.

    ``position`` counts characters from 0; ``message`` says what is wrong and
    ``remedy`` what to write instead, both whole sentences for people.
    """

    def __init__(self, position: int, message: str, remedy: str) -> None:
        super().__init__(f"{message} {remedy}")
        self.position = position
        self.message = message
        self.remedy = remedy
