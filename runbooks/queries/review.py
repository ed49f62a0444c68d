"""A plan beside what is there: what applying it would do, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from oncall.models import Service
from runbooks.domain.entries import Entry, Value, list_entries
from runbooks.domain.plan import Plan
from runbooks.domain.three_way import READY, Known, Status, adopt_keys, compare
from runbooks.models import AppliedKey, Runbook
from runbooks.queries.standing import find_namesakes, name_of, read_standing

_FIXED = frozenset({Status.SAME, Status.EXISTS})
_EDITED = frozenset({Status.EDITED, Status.BOTH})
_ASKED = frozenset({Status.BOTH, Status.GONE})
# Below, a finding is shown as a guess.
SURE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One key: what the runbook says now (None when gone) and how it stands."""

    kind: str
    key: str
    parent: str
    entry: Entry | None
    applied: AppliedKey | None
    there: Value | None
    status: Status

    @property
    def is_ready(self) -> bool:
        """Whether it is ticked before anybody ticks."""
        return self.status in READY

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose."""
        return self.status not in _FIXED

    @property
    def is_question(self) -> bool:
        """Whether a person has to decide: a conflict, something gone, or a guess."""
        if self.is_ready and self.entry is not None:
            found = self.entry.parts or (self.entry,)
            return any(each.confidence < SURE for each in found)
        return self.status in _ASKED

    @property
    def is_live(self) -> bool:
        """Whether it was applied and not withdrawn since."""
        applied = self.applied
        return applied is not None and applied.state == AppliedKey.State.APPLIED


def review_plan(service: Service, plan: Plan, runbook: Runbook | None) -> list[Row]:
    """Return what is new, changed, gone or edited, in the order of the runbook."""
    keys = AppliedKey.objects.filter(runbook=runbook) if runbook else ()
    known = {each.key: each for each in keys if each.kind != "check"}
    live = [each for each in known.values() if each.state == AppliedKey.State.APPLIED]
    standing = read_standing(live)
    entries = adopt_keys(list_entries(plan), [_know(each) for each in live])
    namesakes = find_namesakes(service)
    rows = []
    for each in entries:
        rows.append(_row(each, known.get(each.key), standing, namesakes))
        if each.kind == "severity":
            # A word can stand for one severity: the first that the runbook tells.
            namesakes.setdefault(
                (each.kind, name_of(each.kind, each.value)), each.value
            )
    now = {each.key for each in entries}
    return rows + [_gone(each, standing) for each in live if each.key not in now]


def ready_keys(rows: Iterable[Row]) -> list[str]:
    """Return the keys that nobody needs to ask for, with the steps of a ladder."""
    ready = [row for row in rows if row.is_ready]
    steps = [part.key for row in ready if row.entry for part in row.entry.parts]
    return [*(row.key for row in ready), *steps]


def count_questions(rows: Iterable[Row]) -> int:
    """Return how many rows a person has to look at before they are applied."""
    return sum(row.is_question for row in rows)


def live_lines(runbook: Runbook, plan: Plan) -> dict[int, str]:
    """Return by line of the runbook what of it lives in the portal."""
    found: dict[int, str] = {}
    for row in review_plan(runbook.service, plan, runbook):
        if row.entry is None or not row.is_live or row.there is None:
            continue
        edited = ", edited in the portal" if row.status in _EDITED else ""
        for each in row.entry.parts or (row.entry,):
            found[each.line] = f"{each.kind}{edited}"
    return found


def _know(applied: AppliedKey) -> Known:
    return Known(
        key=applied.key,
        kind=applied.kind,
        parent=applied.parent,
        source=applied.source,
    )


def _row(
    entry: Entry,
    applied: AppliedKey | None,
    standing: dict[str, Value | None],
    namesakes: dict[tuple[str, str], Value],
) -> Row:
    # What was withdrawn and is written again is as new as what never was there.
    is_known = applied is not None and applied.state != AppliedKey.State.WITHDRAWN
    base = applied if is_known else None
    if base is not None and base.state == AppliedKey.State.APPLIED:
        there = standing[entry.key]
    else:
        there = namesakes.get((entry.kind, name_of(entry.kind, entry.value)))
    status = compare(
        then=base.source if base else None,
        now=entry.value,
        applied=base.value if base else None,
        there=there,
        is_rejected=base is not None and base.state == AppliedKey.State.REJECTED,
        is_corrected=base is not None and base.is_corrected,
    )
    return Row(
        kind=entry.kind,
        key=entry.key,
        parent=entry.parent,
        entry=entry,
        applied=applied,
        there=there,
        status=status,
    )


def _gone(applied: AppliedKey, standing: dict[str, Value | None]) -> Row:
    return Row(
        kind=applied.kind,
        key=applied.key,
        parent=applied.parent,
        entry=None,
        applied=applied,
        there=standing[applied.key],
        status=Status.GONE,
    )
