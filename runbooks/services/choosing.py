"""From what a person ticked to what is to be written, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from checklists.domain.field_error import FieldError
from opsportal.kit.errors import PortalError
from runbooks.domain.corrections import correct, correct_condition
from runbooks.domain.entries import Entry, Value
from runbooks.domain.findings import SideCheck
from runbooks.domain.proposals import CHOOSE
from runbooks.models import AppliedKey, RunbookVersion
from runbooks.queries.review import Row
from runbooks.services.writing import Write

State = AppliedKey.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person chose, by key.

    ``fixes`` holds what was corrected by part: see ``domain.corrections``. ``checks``
    are the items whose proposed check was accepted; ``based_on`` is the version that
    the review stood on, 0 for none.
    """

    accepted: frozenset[str]
    checks: frozenset[str] = frozenset()
    fixes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    based_on: int = 0


def choose(rows: Sequence[Row], choices: Choices) -> list[Row]:
    """Return the rows to write. An item needs its list, a new list an item of it."""
    ticked = [row for row in rows if row.is_open and _is_accepted(row, choices)]
    away = {row.key for row in ticked if row.kind == "checklist" and row.entry is None}
    live = {row.key for row in rows if row.kind == "checklist" and row.is_live} - away
    filled = {row.parent for row in ticked if row.kind == "item"}
    new = {row.key for row in ticked if row.kind == "checklist"} & filled - away
    kept = {row.key for row in ticked if row.kind not in {"checklist", "item"}}
    kept |= live | new | away
    # What stood in a list that goes away goes with it.
    gone = [row for row in rows if row.entry is None and row.parent in away]
    items = [row for row in ticked if row.parent in live | new]
    return [row for row in ticked if row.key in kept] + items + gone


def _is_accepted(row: Row, choices: Choices) -> bool:
    if row.entry is None or not row.entry.parts:
        return row.key in choices.accepted
    steps = {part.key for part in row.entry.parts}
    return row.key in choices.accepted and bool(steps & choices.accepted)


def plan_writes(
    chosen: Sequence[Row], choices: Choices, version: RunbookVersion
) -> list[Write]:
    """Return what to write, with each key as it was before for the undo.

    Raises PortalError with the key at fault.
    """
    checks = {
        each.parent: each
        for each in AppliedKey.objects.filter(runbook=version.runbook, kind="check")
    }
    writes = []
    for row in chosen:
        writes.append(_plan_write(row, choices, version))
        writes += _plan_check(row, checks.get(row.key), choices, version)
    return writes


def take_over(
    applied: AppliedKey | None, row: Row, version: RunbookVersion, state: str
) -> AppliedKey:
    """Return the key of a row as this version's, remembering how it was before."""
    new = AppliedKey(
        runbook=version.runbook, key=row.key, kind=row.kind, parent=row.parent
    )
    return _move(applied, new, row.there, version, state)


def _move(
    applied: AppliedKey | None,
    new: AppliedKey,
    there: Value | None,
    version: RunbookVersion,
    state: str,
) -> AppliedKey:
    key = applied or new
    if applied is not None:
        was_live = applied.state == State.APPLIED
        applied.before = {
            "there": there if was_live else None,
            "state": applied.state,
            "source": applied.source,
            "value": applied.value,
            "is_corrected": applied.is_corrected,
            "version": applied.version_id,
            "before": applied.before,
        }
    key.version, key.state = version, state
    return key


def _plan_write(row: Row, choices: Choices, version: RunbookVersion) -> Write:
    entry = row.entry
    if entry is None:
        key = take_over(row.applied, row, version, State.WITHDRAWN)
        return Write(row=key, value=None)
    key = take_over(row.applied, row, version, State.APPLIED)
    value = _chosen_value(entry, choices)
    key.source, key.is_corrected = entry.value, value != entry.value
    return Write(row=key, value=value, words=_instruct(entry, choices, version))


def _chosen_value(entry: Entry, choices: Choices) -> Value:
    if not entry.parts:
        return _correct(entry, choices)
    return {
        "steps": [
            _correct(part, choices)
            for part in entry.parts
            if part.key in choices.accepted
        ]
    }


def _correct(entry: Entry, choices: Choices) -> Value:
    try:
        return correct(entry, choices.fixes.get(entry.key, {}))
    except FieldError as error:
        raise PortalError(error.message, field=entry.key) from error


def _chosen_condition(entry: Entry, choices: Choices) -> str:
    try:
        return correct_condition(entry, choices.fixes.get(entry.key, {}))
    except FieldError as error:
        raise PortalError(error.message, field=entry.key) from error


def _instruct(entry: Entry, choices: Choices, version: RunbookVersion) -> str:
    """Say where an item comes from, and what keeps it from ticking itself."""
    if entry.kind != "item":
        return ""
    address = reverse("runbook_text", args=[version.runbook.slug, version.number])
    said = [entry.instructions] if entry.instructions else []
    said.append(f"[Line {entry.line} of the runbook]({address}#line-{entry.line})")
    if entry.check_kind and entry.check is None:
        condition = _chosen_condition(entry, choices)
        wanted = f"`{condition}`" if condition else CHOOSE
        note = f", {entry.note}" if condition and entry.note else ""
        hint = f" ({entry.hint})" if entry.hint else ""
        said.append(f"A {entry.check_kind} check could tick it: {wanted}{note}{hint}.")
    said += [_say_beside(each) for each in entry.beside]
    return "\n\n".join(said)


def _say_beside(check: SideCheck) -> str:
    wanted = f": `{check.condition}`" if check.condition else ""
    note = f" ({check.note})" if check.note else ""
    return f"Beside it, a {check.kind} check{wanted}{note}."


def _plan_check(
    row: Row, known: AppliedKey | None, choices: Choices, version: RunbookVersion
) -> Iterator[Write]:
    """Yield the check that an item is given, or the one that goes with it."""
    entry = row.entry
    is_live = known is not None and known.state == State.APPLIED
    if entry is None:
        if known is not None and is_live:
            key = _move(known, known, known.value, version, State.WITHDRAWN)
            yield Write(row=key, value=None)
        return
    if entry.check is None or is_live or row.key not in choices.checks:
        return
    new = AppliedKey(
        runbook=version.runbook, key=f"{row.key}:check", kind="check", parent=row.key
    )
    key = _move(known, new, None, version, State.APPLIED)
    key.source = entry.check
    text = str(_correct(entry, choices)["text"])
    value = entry.check | {"condition": _chosen_condition(entry, choices)}
    yield Write(row=key, value=value, words=text, is_assisted=entry.is_assisted)
