"""Titles of one level below the same one: whether they follow one form.

Each group is looked at once, however many titles are in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from functools import cached_property
from typing import Final

from runbooks.domain.inline import fold
from runbooks.domain.outline import EntryKind, Outline, Section

ALIKE: Final = 2


class Group:
    """The sections of a group, in order, and what they have in common."""

    def __init__(self) -> None:
        """Begin with no section."""
        self.sections: list[Section] = []

    @cached_property
    def all_have_steps(self) -> bool:
        """Whether there are several, each with numbered steps."""
        return len(self.sections) >= ALIKE and all(map(_has_steps, self.sections))

    @cached_property
    def told_first(self) -> int:
        """How many say what is seen before the first step."""
        return sum(map(_is_told_first, self.sections))

    def repeats(self, names: Set[str]) -> bool:
        """Whether another section has one of a section's small titles too."""
        return any(self._small_titles[name] > 1 for name in names)

    def shares_labels(self, section: Section) -> bool:
        """Whether another section begins some of its lines with the same labels."""
        own = {name for name in labels_of(section) if self._labels[name] > 1}
        return len(own) >= ALIKE and any(
            len(own & labels_of(each)) >= ALIKE
            for each in self.sections
            if each is not section
        )

    @cached_property
    def _small_titles(self) -> Counter[str]:
        return Counter(
            name
            for each in self.sections
            for name in {child.folded for child in each.children}
        )

    @cached_property
    def _labels(self) -> Counter[str]:
        return Counter(name for each in self.sections for name in labels_of(each))


def group_alike(outline: Outline) -> dict[Section, Group]:
    """The group of each section that a heading began."""
    groups: dict[tuple[Section | None, int], Group] = {}
    found: dict[Section, Group] = {}
    for section in outline.sections:
        if not section.is_label:
            group = groups.setdefault((section.parent, section.level), Group())
            group.sections.append(section)
            found[section] = group
    return found


def labels_of(section: Section) -> set[str]:
    """The labels that lines of a section begin with, folded."""
    return {
        fold(each.label.name)
        for each in section.entries
        if each.label is not None and each.kind is EntryKind.LINE
    }


def _has_steps(section: Section) -> bool:
    below = [each for each in section.entries_below() if not each.parent]
    return sum(each.marker[:1].isdigit() for each in below) >= ALIKE


def _is_told_first(section: Section) -> bool:
    first = next(section.entries_below(), None)
    return first is not None and first.kind is EntryKind.LINE
