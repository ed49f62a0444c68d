"""Contacts in tables, of whom a row each, and those whom a ladder names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from runbooks.domain.contact_ways import find_kind, find_way, is_whole_way, make_contact
from runbooks.domain.findings import Contact
from runbooks.domain.inline import fold, fold_all, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.words.contacts import (
    NAME_KEYS,
    ROLE_COLUMNS,
    VALUE_COLUMNS,
    WAY_KEYS,
)
from runbooks.domain.words.escalation import PEOPLE
from runbooks.domain.words.ladder_tables import AFTER_COLUMN, WHO_COLUMN

# Columns of a ladder, whose people are told and not only listed.
_OF_LADDER = re.compile(
    r"(?:level|tier|order|step|#|after|when|wait|delay|min)|escalat"
)


def read_row_beside(entry: Entry) -> Iterator[Contact]:
    """Yield what a row says below a title that is not about contacts."""
    if _is_of_ladder(fold_all(entry.header)):
        yield from _read_rung(entry)
    elif _is_of_ways(entry):
        yield from read_row(entry)


def read_row(entry: Entry) -> Iterator[Contact]:
    """Yield whoever a row names, once for each way to reach them."""
    names = fold_all(entry.header)
    roles = (
        at
        for at, name in enumerate(names)
        if ROLE_COLUMNS.match(name)
        and not is_whole_way("".join(entry.cells[at : at + 1]))
    )
    role = next(roles, None)
    person = next((at for at, name in enumerate(names) if NAME_KEYS.match(name)), None)
    columns = [
        at
        for at, name in enumerate(names)
        if at != role
        and (
            VALUE_COLUMNS.match(name) or is_whole_way("".join(entry.cells[at : at + 1]))
        )
    ]
    if role is None:
        role = next((at for at in range(len(names)) if at not in columns), None)
    if role is None or role >= len(entry.cells):
        return
    if not columns and person not in {None, role}:
        columns = [person]
    for at in columns or range(role + 1, min(role + 2, len(names))):
        value = entry.cells[at].strip() if at < len(entry.cells) else ""
        if value and value not in {"-", "–", "—"}:
            yield make_contact(entry, entry.cells[role], value, "contact table")


def _read_rung(entry: Entry) -> Iterator[Contact]:
    """How whoever a row of a ladder names is reached, in whatever column."""
    cells = [
        (strip_marks(cell), fold(name))
        for cell, name in zip(entry.cells, entry.header, strict=False)
    ]
    who = next(
        (cell for cell, name in cells if WHO_COLUMN.match(name) and PEOPLE.search(fold(cell)) and not find_way(cell)),
        "",
    )  # fmt: skip
    for cell, _ in cells if who else ():
        way = find_way(cell)
        if find_kind(way) != "text":
            yield make_contact(entry, who, way, "contact in a ladder")


def _is_of_ways(entry: Entry) -> bool:
    """Whether a row names a role first, and below a way's name a way to reach it."""
    names = fold_all(entry.header)
    if any(map(is_whole_way, entry.cells[1:])):
        return True
    return bool(ROLE_COLUMNS.match("".join(names[:1]))) and any(
        WAY_KEYS.match(name) and at < len(entry.cells) and find_way(entry.cells[at])
        for at, name in enumerate(names)
        if at
    )


@lru_cache(maxsize=1024)
def _is_of_ladder(names: tuple[str, ...]) -> bool:
    return any(map(_OF_LADDER.match, names)) or any(map(AFTER_COLUMN.match, names))
