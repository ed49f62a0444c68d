"""The checklists of a runbook: their items, published, and when they are due."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import slugify

from checklists.domain.reminder_ladder import DEFAULT_LADDER, ladder_to_json
from checklists.models import Cadence, Checklist, ChecklistItem, Run, RunItem
from checklists.queries.checklists import published_version
from checklists.services.cadences import (
    CadencePlan,
    add_cadence,
    change_cadence,
    pause_cadence,
)
from checklists.services.checklists import (
    ItemPlan,
    create_checklist,
    publish_version,
)
from checklists.services.signing import void_run
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError
from runbooks.domain.entries import Value
from runbooks.domain.timetable import plan_timing
from runbooks.services.names import free_slug
from runbooks.services.writing import Work, Write

GONE = "Its runbook no longer asks for it."
_LONGEST = 250


@dataclass(slots=True, kw_only=True)
class Board:
    """Where things are: ``order`` has the keys of items as the runbook has them.

    ``targets`` is what is known by key: the pk of a checklist, the UUID of an item.
    """

    order: Sequence[str]
    targets: dict[str, str]


def write_lists(writes: Sequence[Write], board: Board, work: Work) -> None:
    """Write checklists with their items, one published version each.

    Raises PortalError.
    """
    lists = {each.row.key: each for each in writes if each.row.kind == "checklist"}
    items: dict[str, list[Write]] = {}
    for each in writes:
        if each.row.kind == "item":
            items.setdefault(each.row.parent, []).append(each)
    for key in {**lists, **items}:
        _write_list(key, lists.get(key), items.get(key, []), board, work)


def _write_list(
    key: str, write: Write | None, items: Sequence[Write], board: Board, work: Work
) -> None:
    known = board.targets.get(key) or "0"
    checklist = Checklist.objects.filter(pk=known).first()
    if write is not None and write.value is None:
        if checklist is not None:
            _archive(checklist, work)
        return
    if checklist is None:
        if write is None or write.value is None:
            raise PortalError("Accept the list to accept its items.", field=key)
        checklist = _create(write.value, work)
        write.row.target_model = checklist._meta.label_lower
        write.row.target_pk = str(checklist.pk)
    if items:
        _write_items(checklist, items, board, work)
    if write is not None and write.value is not None:
        _settle(checklist, write.value, work)


def _create(value: Value, work: Work) -> Checklist:
    wanted, service = slugify(value["title"]), work.service.slug
    if not wanted.startswith(f"{service}-"):
        wanted = f"{service}-{wanted}"
    return create_checklist(
        work.service.team,
        slug=free_slug(Checklist.objects.all(), wanted[:72].rstrip("-")),
        name=str(value["title"]),
        service=work.service,
        by=work.by,
        now=work.now,
    )


def _settle(checklist: Checklist, value: Value, work: Work) -> None:
    """Give a list its name and its cadence, and wake it up when it was archived."""
    if checklist.is_archived or checklist.name != value["title"]:
        before = {"name": checklist.name, "is_archived": checklist.is_archived}
        checklist.name, checklist.is_archived = str(value["title"]), False
        checklist.save(update_fields=["name", "is_archived"])
        _audit("checklist.changed", checklist, work, before=before)
    cadence = checklist.cadences.order_by("pk").first()
    if value["rule"] is None:
        return
    timing = plan_timing(value["rule"], value["due_time"])
    if cadence is None:
        plan = CadencePlan(
            rule=value["rule"],
            timing=timing,
            time_zone=checklist.team.time_zone,
            reminders=ladder_to_json(DEFAULT_LADDER),
        )
        add_cadence(checklist, plan, by=work.by, now=work.now)
        return
    was = (cadence.rule, cadence.timing["due_time"])
    if was != (value["rule"], value["due_time"]):
        plan = _plan_as_is(cadence, value["rule"], timing)
        change_cadence(cadence, plan, by=work.by, now=work.now)
    if not cadence.is_enabled:
        pause_cadence(cadence, paused=False, by=work.by, now=work.now)


def _plan_as_is(
    cadence: Cadence, rule: dict[str, Any], timing: dict[str, str]
) -> CadencePlan:
    return CadencePlan(
        rule=rule,
        timing=timing,
        time_zone=cadence.time_zone,
        holidays=cadence.holidays,
        catch_up=cadence.catch_up,
        carry_over=cadence.carry_over,
        assignee=cadence.assignee,
        assignee_user=cadence.assignee_user,
        assignee_schedule=cadence.assignee_schedule,
        assignee_role=cadence.assignee_role,
        sign_off=cadence.sign_off,
        rotation=cadence.rotation,
        reminders=cadence.reminders,
    )


def _archive(checklist: Checklist, work: Work) -> None:
    """Put a list away; its open runs that nobody began are struck."""
    for cadence in checklist.cadences.filter(is_enabled=True):
        pause_cadence(cadence, paused=True, by=work.by, now=work.now)
    done = RunItem.objects.exclude(state=RunItem.State.OPEN).values("run")
    waiting = Run.objects.filter(
        checklist=checklist, state=Run.State.OPEN, closes_at__gt=work.now
    )
    for pk in waiting.exclude(pk__in=done).values_list("pk", flat=True):
        void_run(pk, by=work.by, reason=GONE, now=work.now)
    checklist.is_archived = True
    checklist.save(update_fields=["is_archived"])
    _audit("checklist.archived", checklist, work)
    touch_team(checklist.team_id)


def _audit(action: str, checklist: Checklist, work: Work, **more: Any) -> None:
    record_change(
        action, checklist, by=work.by, now=work.now,
        team_id=checklist.team_id, **more,
    )  # fmt: skip


def _write_items(
    checklist: Checklist, writes: Sequence[Write], board: Board, work: Work
) -> None:
    version = published_version(checklist)
    rows = {str(row.key): _copy(row) for row in version.items.all()} if version else {}
    ids = list(rows)
    for write in writes:
        known = write.row.target_pk
        if write.value is None:
            ids = [each for each in ids if each != known]
            continue
        # An item that comes back is the same one: its history follows its key.
        item_id = known or str(uuid.uuid4())
        if item_id not in ids:
            ids.insert(_place_of(write.row.key, board, ids), item_id)
        old = rows.get(item_id) or _find_past(item_id)
        rows[item_id] = _plan(write, old, item_id, work)
        board.targets[write.row.key] = write.row.target_pk = item_id
        write.row.target_model = ChecklistItem._meta.label_lower
    if not ids:
        raise PortalError(
            f"“{checklist.name}” would have no item left. Remove the whole list.",
            field="items",
        )
    publish_version(checklist, [rows[each] for each in ids], by=work.by, now=work.now)


def _find_past(item_id: str) -> ItemPlan | None:
    """Return an item as the last version that had it."""
    rows = ChecklistItem.objects.filter(key=item_id).order_by("-version__number")
    row = rows.first()
    return _copy(row) if row else None


def _place_of(key: str, board: Board, ids: Sequence[str]) -> int:
    """Return where an item goes: after the nearest one before it in the runbook."""
    if key not in board.order:
        return len(ids)
    for before in reversed(board.order[: board.order.index(key)]):
        if board.targets.get(before) in ids:
            return ids.index(board.targets[before]) + 1
    return 0


def _plan(write: Write, old: ItemPlan | None, item_id: str, work: Work) -> ItemPlan:
    """Return the item with the runbook's words; what people set on it stays."""
    value = write.value or {}
    new = ItemPlan(text="", key=uuid.UUID(item_id), instructions=write.words)
    plan = replace(
        old or new,
        text=str(value["text"])[:_LONGEST],
        section=str(value["section"]),
    )
    check = work.checks.get(write.row.key)
    if check is None or check in plan.checks:
        return plan
    is_assisted = write.row.key in work.assisted
    mode = ChecklistItem.Mode.ASSISTED if is_assisted else ChecklistItem.Mode.AUTO
    return replace(plan, mode=mode, checks=(*plan.checks, check))


def _copy(row: ChecklistItem) -> ItemPlan:
    return ItemPlan(
        key=row.key,
        text=row.text,
        section=row.section,
        instructions=row.instructions,
        reference=row.reference,
        kind=row.kind,
        mode=row.mode,
        is_required=row.is_required,
        is_critical=row.is_critical,
        allows_na=row.allows_na,
        needs_note=row.needs_note,
        bounds=row.bounds,
        checks=tuple(row.checks.all()),
    )
