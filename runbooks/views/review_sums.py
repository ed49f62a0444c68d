"""What applying a review makes, in a few words, and what is only kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runbooks.domain.kept import Known
from runbooks.views.review_words import Group

# What a kind is called, one and several, and what it becomes.
_NAMES = {
    "checklist": ("checklist", "checklists"),
    "severity": ("severity", "severities"),
    "ladder": ("escalation policy", "escalation policies"),
    "contact": ("contact", "contacts"),
    "procedure": ("procedure", "procedures"),
}
_MAKES = {
    "severity": "as the service's words for how bad something is",
    "contact": "as lines of the contact table",
    "procedure": "to which alerts, incidents and failing items lead",
}
_STAYS = "makes nothing: the escalation policy stays as it is in the portal"


@dataclass(frozen=True, slots=True)
class Sum:
    """So many of a kind: where they begin on the page, and what they become."""

    text: str
    anchor: str
    makes: str = ""


@dataclass(frozen=True, slots=True)
class KeptRow:
    """Something that is understood and makes nothing.

    ``anchor`` is empty for all but the first of a line, to which that line leads.
    """

    what: str
    says: str
    severity: str
    check: str
    line: int
    anchor: str


def sum_up(groups: Sequence[Group]) -> list[Sum]:
    """Return what there is to accept, a kind a line."""
    kinds = [(kind, _find_open(groups, kind)) for kind in _NAMES]
    sums = [_sum(kind, found) for kind, found in kinds if found]
    stays = [each for each in groups if each.kind == "ladder" and not each.open_count]
    return sums + [Sum("The ladder", each.anchor, _STAYS) for each in stays]


def _find_open(groups: Iterable[Group], kind: str) -> list[Group]:
    """The groups of a kind in which anything can be chosen."""
    return [each for each in groups if each.kind == kind and each.open_count]


def _sum(kind: str, groups: Sequence[Group]) -> Sum:
    lines = [line for group in groups for line in group.lines]
    number, makes = sum(line.is_open for line in lines), _MAKES.get(kind, "")
    if kind == "checklist":
        makes = _say_items(number, sum(bool(line.check) for line in lines))
        number = len(groups)
    elif kind == "ladder":
        steps = "step" if len(lines) == 1 else "steps"
        makes = f"of {len(lines)} {steps}; who is told is chosen on it"
        number = 1
    return Sum(f"{number} {_NAMES[kind][number != 1]}", groups[0].anchor, makes)


def _say_items(items: int, checks: int) -> str:
    said = f"with {items} item{'' if items == 1 else 's'}"
    return f"{said}; checks could look at {checks}" if checks else said


def number_kept(
    known: Iterable[tuple[str, list[Known]]],
) -> list[tuple[str, str, list[KeptRow]]]:
    """Return what is only kept: its title, its place on the page and its rows."""
    seen: set[int] = set()
    found = []
    for title, rows in known:
        kept = []
        for what, says, severity, check, line in rows:
            anchor = "" if line in seen else f"kept-{line}"
            seen.add(line)
            kept.append(KeptRow(what, says, severity, check, line, anchor))
        found.append((title, f"kept-{title.lower().replace(' ', '-')}", kept))
    return found
