"""What the reader of a message can do about it, right from the message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """One act: ``name`` for machines, ``label`` for people.

    ``about`` is the topic of the message ("alert:12"). ``url`` is a link of one person
    that must reach nobody else, empty where a message goes to many.
    """

    name: str
    label: str
    about: str
    url: str = ""
