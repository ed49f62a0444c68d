"""Contacts: lines, lists, tables and small entries of who can be reached how."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runbooks.domain.contact_ways import (
    DASHED,
    ROLE_LENGTH,
    WORDS,
    bare_value,
    find_kind,
    find_way,
    is_placeholder,
    is_whole_way,
    make_contact,
    split_bold,
    split_phone,
    split_ways,
)
from runbooks.domain.context import topics_around
from runbooks.domain.escalation_parts import ESCALATE_TO, name_called
from runbooks.domain.findings import Contact
from runbooks.domain.inline import (
    Label,
    find_links,
    fold,
    split_label,
    strip_marks,
)
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_contact_tables import read_row, read_row_beside
from runbooks.domain.read_escalation_chains import is_turn, read_turn
from runbooks.domain.words.contacts import (
    EMAIL,
    META,
    NAME_KEYS,
    OWNED,
    PHONE,
    ROLE_KEYS,
    WAY_KEYS,
)
from runbooks.domain.words.escalation import PEOPLE
from runbooks.domain.words.topics import Topic

_NEAR = 30
_TWO_LABELS = 4
_TWO = 2
# A first look for a number or an address of mail.
_PERHAPS = re.compile(r"@[\w-]+\.|\d[\d() .-]{6,}\d")
_ALIGNED = re.compile(r"(?P<role>\w.{1,40}?)(?: {3,}|\t+|\s*\.{3,}\s*)(?P<value>\S.*)")
_CALLED = re.compile(f"{EMAIL.pattern}|{PHONE.pattern}")
_WHO_WAY = re.compile(
    rf"(?:^|[,;:.(]|\band\b)\s*(?:the )?(?P<who>[^\W\d][\w' -]{{2,40}}?)\s*[:(–-]?\s*(?P<way>{EMAIL.pattern}|\+\d[\d ()-]{{6,18}}\d)"
)
# Says where to look, and is no way to reach anybody.
_ELSEWHERE = re.compile(r"(?:see|look|listed|ask|check|find|in the|as in|same as)\b")
_UNLISTED = frozenset(
    {Topic.TEMPLATE, Topic.CHANGES, Topic.TROUBLE, Topic.EXAMPLE, Topic.ESCALATION}
)
_LISTED = frozenset({Topic.ESCALATION, Topic.TROUBLE})


def read_contacts(outline: Outline) -> tuple[Contact, ...]:
    """Find the contacts below titles about contacts."""
    found: list[Contact] = []
    for section in outline.sections:
        found += _read_home(section) if _is_home(section) else _read_beside(section)
    found.sort(key=lambda each: each.line)
    return tuple(dict.fromkeys(found))


def _read_home(section: Section) -> Iterator[Contact]:
    for entry in section.entries:
        if entry.kind is EntryKind.ROW:
            yield from read_row(entry)
        elif entry.kind is EntryKind.CODE:
            yield from _read_yaml(entry)
        else:
            yield from _read_entry(entry, section)


def _read_beside(section: Section) -> Iterator[Contact]:
    """Contacts where the title is about something else."""
    for entry in section.entries:
        if entry.kind is EntryKind.ROW:
            yield from read_row_beside(entry)
    listed = _find_listed(section)
    if listed:
        yield from listed
    elif section.level <= 1:
        yield from _find_owners(section)
    elif Topic.ESCALATION in topics_around(section, below_level=1):
        yield from _find_called(section)
    elif Topic.ONCALL in section.topics:
        yield from _find_on_call(section)


def _find_listed(section: Section) -> list[Contact]:
    """Lines of a role and how to reach it, below whatever title; one alone is none."""
    if topics_around(section, below_level=1) & _UNLISTED:
        return []
    lines = [each for each in section.entries if each.kind is not EntryKind.ROW]
    if sum(bool(_PERHAPS.search(each.raw)) for each in lines) < _TWO:
        return []
    found = [
        each
        for entry in lines
        if (label := _label_of(entry)) and len(label.name.split()) <= WORDS
        for each in _read_entry(entry, section)
    ]
    sure = {each.line for each in found if is_whole_way(each.value)}
    is_list = len(sure) >= _TWO and len(sure) * 2 >= len(lines)
    return [each for each in found if each.kind != "text"] if is_list else []


def _find_owners(section: Section) -> Iterator[Contact]:
    """What the lines below the title say of where the owners can be reached."""
    for entry in section.entries[:_NEAR]:
        if entry.kind is EntryKind.LINE and entry.raw.count("**") >= _TWO_LABELS:
            yield from _read_owners(entry)


def _find_called(section: Section) -> Iterator[Contact]:
    """``If nobody answers, call the team lead at +1 555 010 0199``."""
    for entry in section.entries:
        several = _find_several(entry)
        if several:
            yield from several
            continue
        match = ESCALATE_TO.search(entry.text)
        way = _CALLED.search(entry.text, match.start()) if match else None
        if match and way and PEOPLE.search(fold(match["who"])):
            value = way[0].strip()
            yield make_contact(
                entry, name_called(match), value, "contact in an escalation"
            )


def _find_several(entry: Entry) -> list[Contact]:
    """``Numbers: duty phone +44 1624 555 010, office +44 1624 555 020``."""
    if entry.kind is not EntryKind.LINE:
        return []
    found = [
        make_contact(entry, match["who"], match["way"], "contacts in a line")
        for match in _WHO_WAY.finditer(entry.text)
        if PEOPLE.search(fold(match["who"]))
    ]
    return found if len(found) > 1 else []


def _find_on_call(section: Section) -> Iterator[Contact]:
    """``- DBA – +1 555 010 0199`` below "On-call"."""
    for entry in section.entries:
        if entry.kind is EntryKind.ITEM and entry.label is None:
            yield from _read_dashed(entry)


def _read_dashed(entry: Entry) -> list[Contact]:
    """Who, and one way or more to reach them, parted by dashes."""
    who, *ways = [part.strip() for part in DASHED.split(entry.raw)]
    if len(who.split()) > WORDS or find_way(who):
        return []
    return [
        make_contact(entry, who, value, "contact behind a dash")
        for value in filter(find_way, ways)
    ]


def _is_home(section: Section) -> bool:
    for each in section.chain():
        topics = each.topics
        if Topic.CONTACTS in topics:
            # A whole document's title says little about one of its sections.
            return each is section or each.level > 1
        if topics & {Topic.TROUBLE, Topic.TEMPLATE, Topic.CHANGES, Topic.ESCALATION}:
            # "Escalation" or "In an emergency" below "Contacts" lists people; a
            # ladder alone does not.
            outer = topics_around(each.parent) if each.parent else frozenset()
            return bool(topics & _LISTED) and Topic.CONTACTS in outer
        if not each.title and not each.is_label and each.level == 2:
            return False
    return False


def _read_entry(entry: Entry, section: Section) -> Iterator[Contact]:
    label = _label_of(entry)
    if label is None:
        yield from _read_unlabelled(entry, section)
        return
    name = fold(label.name)
    if is_turn(entry):
        yield from _read_turn(entry, label.value)
        return
    if not _is_role(label, name):
        return
    role = label.name
    is_way = find_kind(label.value) != "text" or entry.parent is not None
    # Below a small title of whoever it is, as terms with their meanings become.
    is_way = is_way or (section.is_label and Topic.CONTACTS not in section.topics)
    is_way = is_way or is_placeholder(bare_value(label.value))
    if WAY_KEYS.match(name) and is_way:
        role = _role_around(entry, section) or label.name
    elif (
        entry.parent is not None
        and not label.is_bold
        and find_kind(label.value) == "text"
    ):
        return
    for value in split_ways(label.value):
        yield make_contact(entry, role, value, "contact line")


def _label_of(entry: Entry) -> Label | None:
    """Who, and what is said of them, in whatever way the two are parted."""
    raw = entry.raw
    return entry.label or split_label(raw) or split_bold(raw) or split_phone(raw)


def _is_role(label: Label, name: str) -> bool:
    """Whether a label can name who is reached: no key of an entry, no remark."""
    if not label.value or len(label.name) > ROLE_LENGTH:
        return False
    if any(keys.match(name) for keys in (META, NAME_KEYS, ROLE_KEYS)):
        return False
    return label.is_bold or not _ELSEWHERE.match(fold(label.value))


def _read_turn(entry: Entry, value: str) -> Iterator[Contact]:
    """``After 20 minutes: search lead, Slack @search-lead`` names a role and a way."""
    role = read_turn(value)
    way = find_way(value)
    if role and way:
        yield make_contact(entry, role, way, "contact in a ladder")


def _read_owners(entry: Entry) -> Iterator[Contact]:
    """``**Owners:** Search · **Slack:** `#search` · **PagerDuty:** search-primary``."""
    for name, value in OWNED.findall(entry.raw):
        is_way = WAY_KEYS.match(fold(name)) and not META.match(fold(name))
        if is_way and value.strip(" `*"):
            yield make_contact(entry, name, value.strip(" `"), "line of owners")


def _read_unlabelled(entry: Entry, section: Section) -> Iterator[Contact]:
    """``- #incidents`` or an address alone, below a title that says whose it is."""
    aligned = _ALIGNED.match(entry.raw)
    if aligned and find_kind(aligned["value"]) != "text":
        yield make_contact(
            entry, aligned["role"], aligned["value"], "contact in columns"
        )
        return
    dashed = _read_dashed(entry)
    if dashed:
        yield from dashed
        return
    kind = find_kind(entry.raw)
    if kind == "text" or len(entry.text.split()) > 6:
        return
    links = find_links(entry.raw)
    role = links[0][0] if links and links[0][0] != links[0][1] else ""
    values = [links[0][1]] if role else split_ways(entry.raw.strip())
    role = role or _role_around(entry, section) or entry.text
    for value in values:
        yield make_contact(entry, role, value, "contact")


def _role_around(entry: Entry, section: Section) -> str:
    """Whose phone it is: the item around, a role line beside it, or the title."""
    for around in entry.around():
        return _whose(around)
    found = ""
    for other in section.entries[:_NEAR]:
        if other.line > entry.line:
            break
        if (
            other.label
            and ROLE_KEYS.match(fold(other.label.name))
            and other.label.value
        ):
            found = strip_marks(other.label.value)
    if found:
        return found
    return "" if Topic.CONTACTS in section.topics else section.title


def _whose(item: Entry) -> str:
    """Whose ways to be reached stand below an item."""
    lines = [item, *item.children]
    for keys in (ROLE_KEYS, NAME_KEYS):
        for each in lines:
            if each.label and keys.match(fold(each.label.name)) and each.label.value:
                return strip_marks(each.label.value)
    return item.label.name if item.label else item.text.rstrip(":")


def _read_yaml(entry: Entry) -> Iterator[Contact]:
    """A fence with ``role: value`` lines, perhaps below the name of a person."""
    if entry.info not in {"yaml", "yml", "", "text"}:
        return
    outer: list[tuple[int, str]] = []
    for offset, raw in enumerate(entry.body):
        stripped = raw.strip().removeprefix("- ")
        label = split_label(stripped)
        if label is None or stripped.startswith("#"):
            continue
        indent = len(raw) - len(raw.lstrip())
        outer = [each for each in outer if each[0] < indent]
        value = label.value.strip("\"'")
        if not value:
            outer.append((indent, label.name))
            continue
        name = fold(label.name)
        if ROLE_KEYS.match(name) or NAME_KEYS.match(name):
            outer.append((indent - 1, value))
        elif not META.match(name):
            role = outer[-1][1] if WAY_KEYS.match(name) and outer else label.name
            yield make_contact(
                entry, role, value, "contact in a block", entry.opens + offset
            )
