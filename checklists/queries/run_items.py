"""The items of runs as pages show them: flat lines, two queries for any number."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Max
from django.db.models.functions import TruncHour

from checklists.domain.condition.units import format_number
from checklists.models import Check, ChecklistItem, CheckResult, RunItem
from checklists.queries.today_sql import checks_of_runs, items_of_runs
from opsportal.kit.quantities import scale_bytes

_DAY = timedelta(days=1)


# Kinds whose value is a count that only their summary explains: "3 to review".
_TOLD = frozenset({"internal", "heartbeat", "file"})


@dataclass(frozen=True, slots=True)
class Witness:
    """A check behind an item, as it is now."""

    pk: int
    name: str
    kind: str
    status: str
    condition: str
    unit: str
    value: float | None
    summary: str
    observed_at: datetime | None

    @property
    def words(self) -> str:
        """The last value with its unit; empty where the summary says it better."""
        return "" if self.kind in _TOLD else say_value(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One item of a run. ``mark``: done, failing, unknown, na or open.

    ``shown`` is the value that speaks for the item, ``told`` what else is said
    of it, ``by`` who or what answered, ``at`` when. A hidden one is not asked for.
    """

    pk: int
    run_id: int
    version: int
    text: str
    section: str
    instructions: str
    kind: str
    mode: str
    is_required: bool
    is_critical: bool
    allows_na: bool
    needs_note: bool
    bounds: Mapping[str, Any]
    options: Sequence[str]
    state: str
    attention: str
    is_held: bool
    is_hidden: bool
    is_auto: bool
    value: str
    note: str
    reason: str
    shown: str
    told: str
    by: str
    at: datetime | None
    mark: str
    overridden_by: str
    witnesses: tuple[Witness, ...]

    @property
    def is_open(self) -> bool:
        """Whether it waits for something."""
        return self.state == RunItem.State.OPEN

    @property
    def ticks_in_place(self) -> bool:
        """Whether one click answers it: no value, no note, no reason is asked."""
        return (
            self.is_open
            and self.kind == ChecklistItem.Kind.CHECK
            and self.mark != "failing"
            and not (self.needs_note and not self.note)
        )


def say_value(value: float | None, unit: str) -> str:
    """Return a measured number with its unit: "42 ms", "91.4 %", "84 GB"."""
    if value is None:
        return ""
    value, unit = scale_bytes(value, unit)
    rounded = float(f"{value:.4g}") if abs(value) < 10_000 else float(round(value))
    return f"{format_number(rounded)} {unit}".rstrip()


def lines_of(
    run_pks: Iterable[int], *, hidden: bool = False
) -> dict[int, list[ItemLine]]:
    """Return the items of the runs, in their order; with ``hidden`` all of them."""
    pks = list(run_pks)
    rows = [row for row in items_of_runs(pks) if hidden or not row["is_hidden"]]
    witnesses = _witnesses(pks)
    found: dict[int, list[ItemLine]] = {}
    for row in rows:
        line = _line(row, witnesses.get(row["item_id"], ()))
        found.setdefault(line.run_id, []).append(line)
    return found


def day_of_checks(
    check_pks: Iterable[int], now: datetime
) -> dict[int, tuple[list[float | None], float | None]]:
    """Return the last 24 hours of each check: a value an hour, and the threshold."""
    hours = (
        CheckResult.objects.filter(
            check_ref__in=list(check_pks), observed_at__gt=now - _DAY
        )
        .annotate(hour=TruncHour("observed_at"))
        .values("check_ref_id", "hour")
        .annotate(mean=Avg("value"), limit=Max("threshold"))
        .order_by("hour")
        .values_list("check_ref_id", "mean", "limit")
    )
    found: dict[int, tuple[list[float | None], float | None]] = {}
    for pk, mean, limit in hours:
        values, _ = found.get(pk, ([], None))
        values.append(mean)
        found[pk] = (values, _number(limit))
    return found


_PLAN = (
    "text",
    "section",
    "instructions",
    "kind",
    "mode",
    "is_required",
    "is_critical",
    "allows_na",
    "needs_note",
    "bounds",
    "options",
)


def _witnesses(run_pks: list[int]) -> dict[int, tuple[Witness, ...]]:
    found: dict[int, tuple[Witness, ...]] = {}
    for row in checks_of_runs(run_pks):
        item_pk, *rest = row.values()
        found[item_pk] = (*found.get(item_pk, ()), Witness(*rest))
    return found


def _line(row: dict[str, Any], witnesses: tuple[Witness, ...]) -> ItemLine:
    plan = {name: row[name] for name in _PLAN}
    plan["bounds"] = _read_json(plan["bounds"])
    plan["options"] = _read_json(plan["options"])
    mark = _mark(row)
    shown, told, by, at = _voice(row, plan, witnesses, mark)
    return ItemLine(
        pk=row["id"],
        run_id=row["run_id"],
        version=row["version"],
        **plan,
        state=row["state"],
        attention=row["attention"],
        is_held=row["is_held"],
        is_hidden=row["is_hidden"],
        is_auto=plan["mode"] == ChecklistItem.Mode.AUTO,
        value=row["value"],
        note=row["note"],
        reason=row["reason"],
        shown=shown,
        told=told,
        by=by,
        at=at,
        mark=mark,
        overridden_by=row["overrider"] or "",
        witnesses=witnesses,
    )


def _read_json(text: str) -> Any:
    # Most items have neither bounds nor options.
    if text == "{}":
        return {}
    return [] if text == "[]" else json.loads(text)


def _mark(row: dict[str, Any]) -> str:
    failing = {RunItem.Attention.FAILING, RunItem.Attention.CONTRADICTED}
    if row["attention"] in failing:
        return "failing"
    if row["state"] != RunItem.State.OPEN:
        return str(row["state"])
    return "open"


def _voice(
    row: dict[str, Any],
    plan: dict[str, Any],
    witnesses: tuple[Witness, ...],
    mark: str,
) -> tuple[str, str, str, datetime | None]:
    """Say what speaks for an item: value, words, who, when."""
    person = row["person"] or row["username"] or ""
    lead = _lead(witnesses)
    if row["state"] == RunItem.State.NA:
        return "", row["reason"], person, row["done_at"]
    if lead is not None and mark == "failing":
        return lead.words, lead.summary, lead.kind, lead.observed_at
    if row["state"] == RunItem.State.DONE and row["source"] == RunItem.Source.AUTO:
        # One number cannot speak for several checks.
        is_one = lead is not None and len(witnesses) == 1 and lead.kind not in _TOLD
        seen = say_value(row["seen"], lead.unit) if lead and is_one else ""
        kind = lead.kind if lead else "check"
        return seen, row["evidence"], kind, row["evidence_at"] or row["done_at"]
    if row["state"] == RunItem.State.DONE:
        unit = plan["bounds"].get("unit", "")
        shown = f"{row['value']} {unit}".strip() if row["value"] else ""
        return shown, "", person, row["done_at"]
    if lead is not None:
        return lead.words, lead.summary, lead.kind, lead.observed_at
    return "", _wish(plan), "", None


def _lead(witnesses: tuple[Witness, ...]) -> Witness | None:
    """Return the check that says most: the one that fails, else the first."""
    failing = (each for each in witnesses if each.status == Check.Status.FAIL)
    return next(failing, witnesses[0] if witnesses else None)


_WISHES = {
    ChecklistItem.Kind.NUMBER: "number",
    ChecklistItem.Kind.TEXT: "text",
    ChecklistItem.Kind.CHOICE: "choice",
    ChecklistItem.Kind.FILE: "file",
    ChecklistItem.Kind.PHOTO: "photo",
    ChecklistItem.Kind.LINK: "link",
}


def _wish(plan: dict[str, Any]) -> str:
    wish = _WISHES.get(plan["kind"])
    needed = [wish] if wish else []
    if plan["needs_note"]:
        needed.append("note")
    return f"{' and '.join(needed)} required" if needed else ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
