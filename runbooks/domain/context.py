"""Where something stands: what the titles around it are about."""

from __future__ import annotations

from runbooks.domain.outline import Entry, Section
from runbooks.domain.words.topics import Topic, find_topics


def topics_around(section: Section, *, below_level: int = 0) -> frozenset[Topic]:
    """What the titles of the section and those around it are about.

    Titles of ``below_level`` and higher up are left out: the title of a whole
    document ("Monitoring runbook") says little about a line in it.
    """
    found = section.topics_around.get(below_level)
    if found is None:
        found = section.topics if section.level > below_level else frozenset()
        if section.parent is not None:
            found |= topics_around(section.parent, below_level=below_level)
        section.topics_around[below_level] = found
    return found


def item_topics(entry: Entry) -> frozenset[Topic]:
    """What the items around an entry are about, by their labels."""
    found: frozenset[Topic] = frozenset()
    for item in entry.around():
        found |= find_topics(title_of(item))
    return found


def title_of(item: Entry) -> str:
    """What an item is called, folded: its label, or its words up to a colon."""
    name = item.label.name if item.label else item.text
    return name.rstrip(":： ").lower()
