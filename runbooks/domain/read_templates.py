"""Templates to fill in: incident logs, postmortems, messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbooks.domain.findings import Template
from runbooks.domain.inline import split_label
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.words.topics import Topic

_BLANK: Final = re.compile(
    r"_{3,}|\[[^\]]*\]|\{\{?[^}]*\}?\}|<[^<>]+>|x{3,}|\.{4,}|☐", re.IGNORECASE
)
_NAMED: Final = re.compile(
    r"templates?\b|(?:log|report|record|summary) format|post-?\s?mortem(?: (?:document|report|form))?$|^format$|\(?copy (?:this|me|below)|fill (?:this |me )?in\b|模板|шаблон"
)
_NOT_A_FORM: Final = re.compile(
    r"process|procedure|meeting|schedule|review$|checklist|guidelines|policy|steps|requirements|^when|^how"
)
_KINDS: Final = (
    (
        "postmortem",
        re.compile(
            r"post-?\s?mortem|retrospective|post-incident|\brca\b|root cause|复盘|постмортем"
        ),
    ),
    (
        "communication",
        re.compile(
            r"communicat|notification|status|stakeholder|announce|update|message|email|slack|通知|уведомлени"
        ),
    ),
)
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*)$")
_FIELD_LENGTH: Final = 60


def read_templates(outline: Outline) -> tuple[Template, ...]:
    """Find the forms, each with the names of its fields."""
    found: list[Template] = []
    taken: set[Section | None] = set()
    for section in outline.sections:
        if section.parent in taken:
            taken.add(section)
        if section in taken or section.level == 1:
            continue
        if not (_is_named(section) or _is_below_forms(section)):
            continue
        fields = tuple(dict.fromkeys(_fields(section)))
        if len(fields) >= 2:
            taken.add(section)
            found.append(_make(section, fields))
    return tuple(found)


def _is_named(section: Section) -> bool:
    if not _NAMED.search(section.folded) or Topic.CONTENTS in section.topics:
        return False
    if not _NOT_A_FORM.search(section.folded):
        return not [each for each in section.children if not each.is_label]
    return (
        bool(re.search("template|模板|шаблон", section.folded)) and not section.children
    )


def _is_below_forms(section: Section) -> bool:
    """``### Status update`` with a form in a block, below "Message templates"."""
    outer = section.parent
    if (
        outer is None
        or outer.level <= 1
        or not re.search("templates|模板|шаблоны", outer.folded)
    ):
        return False
    return any(each.kind is EntryKind.CODE for each in section.entries)


def _make(section: Section, fields: tuple[str, ...]) -> Template:
    outer = section.parent
    # "**Template**:" is named by the heading that it stands below.
    is_bare = (
        section.is_label
        and len(section.folded.split()) == 1
        and outer is not None
        and outer.title
    )
    holder = outer if is_bare and outer is not None else section
    kind = next(
        (
            name
            for name, words in _KINDS
            if words.search(f"{holder.folded} {section.folded}")
        ),
        "incident",
    )
    code = next(
        (each for each in section.entries_below() if each.kind is EntryKind.CODE), None
    )
    last = max((each.last for each in section.entries_below()), default=section.line)
    return Template(
        line=holder.line, last=last, name=holder.title, kind=kind, fields=fields,
        text="\n".join(code.body) if code else "", confidence=0.85, rule="template",
    )  # fmt: skip


def _fields(section: Section) -> Iterator[str]:
    entries = list(section.entries_below())
    has_code = any(each.kind is EntryKind.CODE for each in entries)
    for each in section.walk():
        if each is not section:
            yield each.title
        for entry in each.entries:
            if entry.kind is EntryKind.CODE:
                yield from _fields_of_code(entry)
            elif not has_code:
                yield from _field_of(entry, is_nested=each is not section)


def _field_of(entry: Entry, *, is_nested: bool) -> Iterator[str]:
    if is_nested or entry.parent is not None:
        return
    if entry.label is not None:
        yield entry.label.name
    elif entry.kind is EntryKind.ITEM or entry.kind is EntryKind.ROW:
        yield entry.cells[0] if entry.cells else entry.text


def _fields_of_code(entry: Entry) -> Iterator[str]:
    """``Service: ...`` and headings inside the form itself."""
    for raw in entry.body:
        text = raw.strip()
        heading = _HEADING.match(text)
        if heading:
            yield heading[1].strip("* :")
            continue
        if text.startswith(("-", "*  ", "* ", "+", ">", "|")) or not text:
            continue
        label = split_label(text)
        if label is None or len(label.name) > _FIELD_LENGTH:
            continue
        yield re.sub(r"\s*\([^()]*\)$", "", label.name)
