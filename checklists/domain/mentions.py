"""Who is named in what somebody wrote: ``@username``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

Person = TypeVar("Person")

# No mail address: nothing of a word stands before the sign.
_NAME = re.compile(r"(?<![\w@.+-])@([\w.@+-]+)")
# A sentence may end right behind a name.
_ENDS = ".-+@"


def find_mentions(text: str, people: Mapping[str, Person]) -> list[Person]:
    """Return whom a text names, each once, in order; names that are nobody's are text.

    ``people`` are known by their user names in small letters.
    """
    found: dict[str, Person] = {}
    for name in _NAME.findall(text):
        lowered = name.lower()
        for wanted in (lowered, lowered.rstrip(_ENDS)):
            if wanted in people:
                found.setdefault(wanted, people[wanted])
                break
    return list(found.values())
