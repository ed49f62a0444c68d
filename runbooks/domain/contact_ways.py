"""Ways to reach somebody: what they are, where they stand in a line, blanks."""

from __future__ import annotations

import re

from runbooks.domain.findings import Contact
from runbooks.domain.inline import Label, fold, strip_marks
from runbooks.domain.outline import Entry
from runbooks.domain.words.contacts import (
    BLANK,
    CHANNEL,
    EMAIL,
    HANDLE,
    LINKED,
    PAGER,
    PHONE,
    PLACEHOLDER,
    URL,
    WAY_KEYS,
)

ROLE_LENGTH = 60
_PHONE_LAST = re.compile(
    r"(?P<role>[^\W\d_][^\d:]{2,40}?)\s+(?P<value>[+0(][\d() .-]{7,20})"
)
# Every way has one of these; most lines have none.
_MAYBE = re.compile(r"[@#\d(]|://")
_LOCAL = re.compile(r"(?:\d[ -])?\d{3}[-. ]\d{3}[-. ]\d{4}")
_BETWEEN_WAYS = re.compile(r"\s*[,;|]\s+|\s+(?:or|and|/|\||·)\s+")
_REMARKED = re.compile(r"[a-z][\w -]*")
DASHED = re.compile(r"\s+[–—-]\s+")
# What is said of a way behind it: "#data (Slack)", "desk@example.com (office hours)".
_REMARK = re.compile(
    r"^(?P<way>\S+|\+?[\d\s().-]{7,}?)\s+\((?=\D|[^()]*[a-z])[^()]*\)$"
)
_NAMED_WAY = re.compile(
    r"^(?:tel|telephone|phone|mobile|cell)\.?:?\s+(?P<way>[+0(][\d\s().-]{6,})$",
    re.IGNORECASE,
)
# "+1 555 010 0199" and "Slack #data" are one way each; a sentence is none.
WORDS = 5
_BOLD_ROLE = re.compile(r"\*\*(?P<role>[^*]{2,60})\*\*\s+(?P<value>\S.*)")
_WAYS = (("email", EMAIL), ("url", URL), ("channel", CHANNEL), ("handle", HANDLE), ("phone", PHONE))  # fmt: skip


def find_kind(value: str) -> str:
    """What a value is: email, url, channel, handle, phone or text."""
    if not _MAYBE.search(value):
        return "text"
    for kind, pattern in _WAYS:
        if pattern.search(value):
            return kind
    return "text"


def find_way(value: str) -> str:
    """The address, number or blank in a sentence, or ""."""
    for pattern in (BLANK, *(pattern for _, pattern in _WAYS), PAGER):
        match = pattern.search(value)
        if match:
            return match[0].replace("`", "")
    return ""


def is_placeholder(value: str) -> bool:
    """Whether a value stands for one that was never filled in."""
    bare = LINKED.sub("", value).strip(" `*._")
    if LINKED.search(value) and not bare:
        return bool(PLACEHOLDER.search(strip_marks(value)))
    return not bare or bool(PLACEHOLDER.search(bare))


def is_whole_way(cell: str) -> bool:
    """Whether a cell is a telephone number or an address of mail and nothing else."""
    bare = strip_marks(bare_value(cell))
    is_phone = bare[:1] in {"+", "0", "("} and PHONE.fullmatch(bare)
    return bool(is_phone or _LOCAL.fullmatch(bare) or EMAIL.fullmatch(bare))


def split_ways(value: str) -> list[str]:
    """``dba@example.com, +1 555 010 0101`` as two, where each is a way of its own."""
    dashed = [part.strip() for part in DASHED.split(value)]
    ways = [part for part in dashed if find_way(part)]
    if len(dashed) > 1 and ways:
        return ways  # "Ledger engineer - #ledger - +44 20 7946 0011"
    parts = [part.strip() for part in _BETWEEN_WAYS.split(value)]
    kinds = [find_kind(part) for part in parts]
    is_each = all(
        kind != "text" and len(part.split()) <= WORDS
        for kind, part in zip(kinds, parts, strict=True)
    )
    return parts if is_each and len(set(kinds)) == len(parts) else [value]


def split_bold(raw: str) -> Label | None:
    """``**Network lead** cell 206-555-0141``."""
    match = _BOLD_ROLE.match(raw)
    way = find_way(match["value"]) if match else ""
    at = match["value"].find(way) if match and way else -1
    if match is None or not 0 <= at <= ROLE_LENGTH:
        return None
    is_named = bool(WAY_KEYS.match(fold(match["value"][:at])))
    value = match["value"][at:] if is_named else match["value"]
    return Label(match["role"], value, is_bold=True)


def split_phone(raw: str) -> Label | None:
    """``Works manager 07700 900 222``."""
    match = _PHONE_LAST.fullmatch(strip_marks(raw))
    if match is None or match["role"][-1] in "-–—" or not is_whole_way(match["value"]):
        return None
    return Label(match["role"], match["value"], is_bold=False)


def take_way(value: str) -> str:
    """The way of "+41 44 555 01 02, contract 4711" and "#data (Slack)", or ""."""
    remark = _REMARK.match(value) or _NAMED_WAY.match(value)
    if remark:
        return remark["way"]
    way, comma, said = value.partition(", ")
    return way if comma and _REMARKED.fullmatch(said) else ""


def bare_value(value: str) -> str:
    """A value without marks; a blank to fill in keeps its line."""
    return (
        value.replace("**", "").replace("__", "").replace("`", "").strip()
        if "___" not in value
        else value.strip()
    )


def make_contact(
    entry: Entry, role: str, value: str, rule: str, line: int = 0
) -> Contact:
    """A contact at an entry's line, or at ``line``; blanks are placeholders."""
    value = bare_value(value)
    way = take_way(value)
    if find_kind(way) != "text":
        value = way
    return Contact(
        line=line or entry.line,
        last=line or entry.last,
        role=strip_marks(role).strip(" :"),
        kind=find_kind(value),
        value=value,
        placeholder=is_placeholder(value),
        confidence=0.5 if is_placeholder(value) else 0.95,
        rule=rule,
    )
