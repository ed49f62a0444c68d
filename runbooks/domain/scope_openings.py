"""What the line between a title and its list says of when.

``## Morning checks``, then "Every weekday at 09:30.", then the list: the line says
more than the title. It must speak of nothing else, and not against the title.
"""

from __future__ import annotations

import re
from typing import Final

from runbooks.domain.outline import EntryKind, Section
from runbooks.domain.when import When, read_when, settle

_CLAUSE: Final = re.compile(r"[.;:!]?$|[.;:!,]\s")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_SMALL: Final = frozenset(
    {"the", "a", "at", "on", "by", "in", "every", "each", "this", "list", "is", "done",
     "due", "um", "uhr", "jeden", "jede", "immer"}
)  # fmt: skip


def read_opening(section: Section) -> When | None:
    """Return what the first line of a section says of when, if it says no more."""
    first = next(iter(section.entries), None)
    if first is None or first.kind is not EntryKind.LINE or first.label is not None:
        return None
    when = read_when(_CLAUSE.split(first.folded, maxsplit=1)[0])
    if when is None or not when.cadence:
        return None
    return None if set(_WORDS.findall(when.rest)) - _SMALL else settle(when)


def narrow(title: When, section: Section) -> When:
    """Return when a title's list is due, as exactly as the line below it says."""
    said = read_opening(section)
    if said is None or title.weekday or title.ordinal or title.time_of_day:
        return title
    is_narrower = said.cadence == title.cadence or (
        (title.cadence, said.cadence) == ("daily", "weekdays")
    )
    return said if is_narrower else title


def holds_boxes(section: Section) -> bool:
    """Whether boxes stand right below the title."""
    return any(each.task is not None for each in section.entries)
