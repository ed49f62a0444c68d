"""Refusals that say what there is."""

from collections.abc import Iterable


def say_none_such(what: str, there_are: Iterable[str]) -> str:
    """Return that there is no such thing, and which ones there are."""
    return f"There is no such {what}. There are: {', '.join(there_are)}."
