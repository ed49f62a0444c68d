"""Which sections are recurring lists of work, and how often they are due.

A title, a "Frequency:" line or the document's own title opens a scope; the
sections below inherit it until one speaks of something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from runbooks.domain.context import title_of
from runbooks.domain.inline import drop_numbering, fold
from runbooks.domain.outline import Entry, EntryKind, Outline, Section
from runbooks.domain.read_task_tables import is_of_tasks
from runbooks.domain.scope_openings import holds_boxes, narrow, read_opening
from runbooks.domain.when import When, read_when, settle
from runbooks.domain.words.cadences import (
    ADVERBS,
    FREQUENCY_LABELS,
    LIST_WORDS,
    NO_LIST,
    SURE_FREQUENCY_LABELS,
)
from runbooks.domain.words.topics import Topic
from runbooks.domain.words.verbs import WORK_VERBS

# A section about one of these is no list of recurring work, whatever is around it.
_NEVER: Final = frozenset(
    {
        Topic.EVENTUAL, Topic.AUTOMATED, Topic.CONTENTS, Topic.TEMPLATE,
        Topic.EXAMPLE, Topic.SUMMARY, Topic.CHANGES,
    }
)  # fmt: skip
# These end a scope from around them, unless their title has a cadence of its own.
_ENDS: Final = frozenset(
    {
        Topic.TROUBLE, Topic.CONTACTS, Topic.ESCALATION, Topic.SEVERITIES,
        Topic.SUCCESS, Topic.SYMPTOMS, Topic.RETENTION, Topic.SLO, Topic.CAPACITY,
        Topic.SCALING, Topic.COMMUNICATION, Topic.RECOVERY, Topic.STEPS, Topic.LIMITS,
    }
)  # fmt: skip
# A list of boxes below a cadence is work, even if its title is one of these.
_SOFT_ENDS: Final = frozenset(
    {Topic.LIMITS, Topic.CAPACITY, Topic.SCALING, Topic.RETENTION, Topic.SLO}
)
# Below these, "Weekly reports" is something that is said or done by machines.
_TOLD: Final = frozenset(
    {
        Topic.COMMUNICATION,
        Topic.TEMPLATE,
        Topic.EXAMPLE,
        Topic.AUTOMATED,
        Topic.CONTENTS,
    }
)
# In these only boxes are work; bullets are remarks.
_THINS: Final = frozenset({Topic.METRICS, Topic.ALERTS, Topic.DASHBOARD})
_OPERATIONS: Final = re.compile(
    r"\b(?:operations?|ops|operational|runbooks?|guide|handbook|playbook|sop|manual|procedures)\b"
)
_TITLE_WORDS: Final = re.compile(r"[^\s,;:()\[\]|./+&@–—-]+")
_CLOCK_FIRST: Final = re.compile(r"^\d{1,2}(?::\d\d| ?[ap]m\b|点)")
_WORK_LISTS: Final = frozenset({"reviews", "checks", "tasks", "checklist", "duties"})
_EVERY: Final = re.compile(r"\b(?:every|each)$|кажд")
_ASIDE: Final = re.compile(r"\([^()]*\)")
_REMARK: Final = re.compile(r"(?<=[a-z]), | [–—-] ")
_MAX_LEFT: Final = 3


@dataclass(frozen=True, slots=True)
class Scope:
    """The cadence that holds in a section.

    ``is_weak``: only boxes are work here. ``is_one_task``: the section is one
    item, its lines are how to do it. ``owner`` is the section that said it.
    """

    when: When
    owner: Section
    rule: str
    is_weak: bool = False
    is_one_task: bool = False
    confidence: float = 1.0


def find_scopes(outline: Outline) -> dict[Section, Scope]:
    """The scope of each section that has one."""
    has_boxes = any(entry.task is not None for entry in outline.entries)
    found: dict[Section, Scope] = {}
    for section in outline.sections:
        outer = found.get(section.parent) if section.parent else None
        scope = _find_scope(section, outer, has_boxes=has_boxes)
        if scope is not None:
            found[section] = scope
    return found


def _find_scope(
    section: Section, outer: Scope | None, *, has_boxes: bool
) -> Scope | None:
    topics = section.topics
    stated = _read_frequency_line(section)
    if stated and Topic.ASIDE not in topics:
        return _scope_of_line(section, stated, outer)
    own = None
    if not _is_told(section):
        own = _read_title(section, outer) or _read_opening(section)
    never = topics & _NEVER
    if own is not None and never == {Topic.EVENTUAL} and _is_beside(section):
        never = frozenset()  # "Before the season (yearly)"
    if never or (Topic.ASIDE in topics and not _is_duty(section, own)):
        return None
    if own is not None:
        own = replace(own, when=narrow(own.when, section))
        whole = section.level == 1 and not own.is_weak
        return replace(own, is_weak=has_boxes) if whole else own
    if outer is None or _ends_here(section, topics) or _says_another(section):
        return None
    thin = bool(topics & _THINS) or (outer.is_weak and not _is_list_below(section))
    return replace(outer, is_weak=thin, is_one_task=False)


def _ends_here(section: Section, topics: frozenset[Topic]) -> bool:
    """Whether a title ends the scope around it; boxes go on below a mild one."""
    ends = topics & _ENDS
    is_list = ends <= _SOFT_ENDS and any(
        each.task is not None for each in section.entries
    )
    return bool(ends) and not is_list


def _is_list_below(section: Section) -> bool:
    """``### Manual reviews`` with bullets, below "Weekly operations"."""
    has_items = any(each.kind is EntryKind.ITEM for each in section.entries)
    return has_items and not _WORK_LISTS.isdisjoint(section.folded.split())


def _says_another(section: Section) -> bool:
    """``Weekly reports`` below "Daily" is no work, but no daily work either."""
    when = read_when(section.folded) if section.folded else None
    return when is not None and bool(when.cadence) and not when.is_implied


def _is_told(section: Section) -> bool:
    """Whether the section around is about messages, forms or what machines do."""
    outer = section.parent
    return outer is not None and bool(outer.topics & _TOLD)


def _is_duty(section: Section, own: Scope | None) -> bool:
    """Whether a title such as "Weekly notes review" is work after all."""
    return own is not None and section.folded.split(" ", 1)[0] == own.when.cadence


def _read_frequency_line(section: Section) -> When | None:
    """What a "Frequency: ..." line of the section says."""
    for entry in section.entries:
        label = entry.label
        if label is None or (entry.kind is not EntryKind.LINE and entry.depth):
            continue
        name = fold(label.name)
        if not FREQUENCY_LABELS.match(name) or not label.value:
            continue
        when = read_when(fold(label.value), is_asked=True)
        is_sure = bool(SURE_FREQUENCY_LABELS.match(name))
        if when and when.cadence and (is_sure or entry.kind is EntryKind.LINE):
            return settle(when)
    return None


def _scope_of_line(section: Section, when: When, outer: Scope | None) -> Scope | None:
    if section.topics & _NEVER:
        return None
    if outer:
        when = when.within(outer.when)
    entries = list(section.entries_below())
    has_boxes = any(entry.task is not None for entry in entries)
    named_list = read_when(section.folded) is not None or _is_list_title(section)
    return Scope(
        when,
        section,
        "frequency line",
        is_one_task=not has_boxes and not named_list,
        confidence=0.9,
    )


def _read_opening(section: Section) -> Scope | None:
    """``Every weekday at 09:30.`` between any title and its boxes."""
    said = read_opening(section) if holds_boxes(section) else None
    return Scope(said, section, "line above boxes", confidence=0.8) if said else None


def _is_list_title(section: Section) -> bool:
    words = _TITLE_WORDS.findall(section.folded)
    return bool(words) and words[-1] in {
        "tasks", "checks", "checklist", "activities", "items", "duties", "检查项", "задачи",
    }  # fmt: skip


def _read_title(section: Section, outer: Scope | None) -> Scope | None:
    folded = section.folded
    when = read_when(folded) if folded else None
    if when is None or not when.cadence:
        return _scope_of_clock(section, when, outer) if when else None
    if _begins_with_cadence(section):
        return Scope(when, section, "heading")
    if NO_LIST.search(folded) and not _ends_as_list(folded):
        return None
    if when.is_implied:
        return _scope_of_day(section, when, outer)
    if not (_is_about_work(section, _left_words(when.rest)) or _is_beside(section)):
        return None
    is_weak = _is_operations(when.rest) and not _lists_only(section)
    return Scope(when, section, "heading", is_weak=is_weak)


def _lists_only(section: Section) -> bool:
    """``## Monthly operations`` with bullets and no smaller titles is a list of work."""
    has_items = any(each.kind is EntryKind.ITEM for each in section.entries)
    return has_items and section.level > 1 and not section.children


def _is_about_work(section: Section, left: Sequence[str]) -> bool:
    """Whether the words beside the cadence are those of a list of work."""
    if ADVERBS.match(section.folded) and section.is_label:
        return any(each.kind is EntryKind.ITEM for each in section.entries)
    if len(left) > _MAX_LEFT and not _starts_with_cadence(section):
        return False
    return not left or _is_list_of_work(section, left)


def _begins_with_cadence(section: Section) -> bool:
    """``Yearly, before peak season`` above bullets: what follows says more of when."""
    head, *said = _REMARK.split(section.folded, maxsplit=1)
    when = read_when(head) if said else None
    is_cadence = when is not None and bool(when.cadence) and not when.is_implied
    has_items = any(each.kind is EntryKind.ITEM for each in section.entries)
    return is_cadence and has_items and not _left_words(when.rest if when else "")


def _ends_as_list(folded: str) -> bool:
    words = _TITLE_WORDS.findall(_ASIDE.sub("", folded))
    return words[-1:] in (["checklist"], ["checks"], ["tasks"], ["review"], ["check"])


def _starts_with_cadence(section: Section) -> bool:
    words = section.folded.split(" ", 2)
    when = read_when(" ".join(words[:2]))
    return when is not None and bool(when.cadence)


def _left_words(rest: str) -> list[str]:
    """The words of a title that a list of work does not need."""
    words = _TITLE_WORDS.findall(_ASIDE.sub(" ", rest))
    return [word for word in words if word not in LIST_WORDS and not word.isdigit()]


def _is_list_of_work(section: Section, left: Sequence[str]) -> bool:
    words = set(_TITLE_WORDS.findall(_ASIDE.sub(" ", section.folded)))
    nouns = {"check", "checks", "checklist", "tasks", "task", "review", "maintenance",
             "reviews", "audit", "verification", "routine", "inspection", "activities",
             "duties", "procedures", "test", "tests", "drill", "cleanup", "testing"}  # fmt: skip
    has_boxes = any(entry.task is not None for entry in section.entries_below())
    # What a whole document is called ("Nightly Batch") is often a thing, not work.
    is_list = has_boxes and section.level > 1
    return bool(words & nouns) or is_list or (len(left) <= 1 and _has_work(section))


def _has_work(section: Section) -> bool:
    """Whether there is a table of tasks, or most bullets begin with a verb of work."""
    if any(
        each.kind is EntryKind.ROW and is_of_tasks(each) for each in section.entries
    ):
        return True
    items = [
        each
        for each in section.entries
        if each.kind is EntryKind.ITEM and not each.parent
    ]
    return sum(starts_with_work(each.folded) for each in items) * 2 > len(items)


def _is_operations(rest: str) -> bool:
    """Whether a title names a field of work ("Daily Operations"), not a list."""
    words = set(_TITLE_WORDS.findall(_ASIDE.sub(" ", rest)))
    is_list = words & {
        "checklist", "checks", "tasks", "check", "maintenance", "review", "routine",
        "list",
    }  # fmt: skip
    return bool(_OPERATIONS.search(rest)) and not is_list


def _scope_of_day(section: Section, when: When, outer: Scope | None) -> Scope | None:
    """Monday, First Monday, End of quarter, Week 1, Start of shift."""
    if outer is not None and when.cadence == "~per-shift":
        return outer
    if outer is not None:
        inner = when.within(outer.when) if _fits(when, outer.when) else settle(when)
        return Scope(
            inner, outer.owner, outer.rule,
            is_weak=outer.is_weak and not ADVERBS.match(section.folded),
            confidence=outer.confidence,
        )  # fmt: skip
    if section.folded.startswith("week "):
        return None  # "Week 3" counts weeks of a project unless a month is around it
    left = _left_words(when.rest)
    starts = read_when(section.folded.split(" ", 1)[0].strip(":,")) is not None
    if len(left) > _MAX_LEFT and not (starts or _is_adverb(section)):
        return None
    is_said = section.folded.startswith(("every", "кажд")) or (
        not left and bool(_EVERY.search(when.rest))
    )
    is_said = (
        is_said
        or _is_adverb(section)
        or _is_beside(section)
        or when.cadence == "~per-shift"
        or (section.is_label and _is_among_cadences(section))
    )
    if not (starts or when.ordinal or is_said):
        return None
    return Scope(settle(when), section, "weekday heading", confidence=0.9)


def _is_among_cadences(section: Section) -> bool:
    """``**First thing Thursday**`` beside ``**Every morning**``."""
    siblings = section.parent.children if section.parent else []
    said = (read_when(each.folded) for each in siblings if each.is_label)
    return any(when.cadence and not when.is_implied for when in said if when)


def _is_beside(section: Section) -> bool:
    """``### Opening (every day, 07:45)`` with a list: the parentheses say when."""
    match = _ASIDE.search(section.folded)
    when = read_when(match[0].strip("()")) if match else None
    if when is None or not when.cadence or _left_words(when.rest):
        return False
    return any(each.kind is EntryKind.ITEM for each in section.entries)


def _is_adverb(section: Section) -> bool:
    """``On Mondays we also:``, a line of its own above a list."""
    return section.is_label and bool(ADVERBS.match(section.folded))


def _fits(when: When, outer: When) -> bool:
    """Whether a day belongs to the cadence around it: Mondays to weekly."""
    implied = when.cadence.removeprefix("~")
    return implied == outer.cadence or (
        outer.cadence in {"weekly", "biweekly"} and not when.ordinal
    )


def _scope_of_clock(section: Section, when: When, outer: Scope | None) -> Scope | None:
    """09:00 - Morning check: a time of day within what is around it."""
    if outer is not None:
        inner = when.within(outer.when)
        return replace(outer, when=inner, is_one_task=False)
    if not _CLOCK_FIRST.match(section.folded):
        return None
    siblings = section.parent.children if section.parent else []
    clocks = [each for each in siblings if _CLOCK_FIRST.match(each.folded)]
    if len(clocks) < 2:
        return None
    return Scope(
        replace(when, cadence="daily"), section, "clock heading", confidence=0.7
    )


def is_bare_cadence(section: Section) -> bool:
    """Whether a title says when and nothing of what: ``### Every quarter``."""
    when = read_when(section.folded)
    return (
        when is not None and bool(when.cadence) and not _TITLE_WORDS.search(when.rest)
    )


def read_item_cadence(entry: Entry) -> When | None:
    """The cadence that an item's own label is: ``**Monthly**: Rotate API keys``."""
    name = fold(entry.label.name) if entry.label else ""
    if entry.label is None and (entry.text.endswith((":", "：")) or entry.children):
        name = fold(title_of(entry))
    when = read_when(fold(drop_numbering(name))) if name else None
    if when is None or not when.cadence or NO_LIST.search(name):
        return None
    if _left_words(when.rest):
        return None
    aside = read_when(fold(entry.label.aside)) if entry.label else None
    if aside is not None and (aside.is_implied or not aside.cadence):
        when = aside.within(settle(when))  # **Weekly** (Wednesday 14:00): ...
    return settle(when)


def starts_with_work(folded: str) -> bool:
    """Whether folded words begin with a verb of work."""
    return bool(WORK_VERBS.match(folded))
