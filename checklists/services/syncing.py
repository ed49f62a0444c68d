"""Bringing open runs to the version that is published now."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from checklists.domain import run_state
from checklists.domain.item_state import Attention, ItemMark, ItemSpec, ItemState
from checklists.domain.syncing import Fate, NewItem, OldItem, Step, plan_sync
from checklists.models import (
    Checklist,
    ChecklistItem,
    ChecklistVersion,
    Run,
    RunItem,
)
from checklists.services.events import NewEvent, append_events
from checklists.services.item_rows import insert_items
from checklists.services.reconciling import reconcile_run
from checklists.services.run_rows import (
    LoadedRun,
    lock_run,
    read_item_state,
    save_run,
    spec_of,
)
from checklists.services.texts import text_item
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError


@dataclass(frozen=True, slots=True)
class RunSync:
    """What would become of one open run."""

    run: Run
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class SyncPreview:
    """What bringing the open runs of a checklist to its newest version does.

    ``number`` is that of the version, 0 without one. ``waiting`` are the runs that
    wait for sign-off: they stay as they were handed in.
    """

    number: int
    runs: list[RunSync]
    waiting: list[Run]


def preview_sync(checklist: Checklist, *, now: datetime) -> SyncPreview:
    """Say what would become of each run; a constant number of queries."""
    version = _published(checklist)
    if version is None:
        return SyncPreview(0, [], [])
    behind = list(_behind(checklist, version, now))
    waiting = [run for run in behind if run.state == Run.State.AWAITING]
    still = [run for run in behind if run.state == Run.State.OPEN]
    new = _new_items(version)
    rows: dict[int, list[RunItem]] = {run.pk: [] for run in still}
    for row in (
        RunItem.objects.filter(run__in=still)
        .select_related("item")
        .prefetch_related("item__checks__service")
        .order_by("item__position", "pk")
    ):
        rows[row.run_id].append(row)
    runs = [RunSync(run, _plan(run, rows[run.pk], new)) for run in still]
    return SyncPreview(version.number, runs, waiting)


def sync_runs(
    checklist: Checklist,
    run_pks: Collection[int],
    *,
    seen: int | None,
    by: User,
    now: datetime,
) -> int:
    """Bring these open runs to the newest version; returns how many it was.

    ``seen`` is the number of the version that the preview showed, None not to care:
    raises Conflict when another is published now. What closed or was handed in
    meanwhile stays as it is. Answers are judged as they are at this very moment.
    """
    with transaction.atomic():
        Checklist.objects.select_for_update().get(pk=checklist.pk)
        version = _published(checklist)
        if version is None:
            raise PortalError("The checklist has no published version yet.")
        if seen is not None and seen != version.number:
            raise Conflict(
                f"Version {version.number} was published meanwhile.", current=version
            )
        wanted = _behind(checklist, version, now).filter(pk__in=run_pks)
        pks = sorted(wanted.values_list("pk", flat=True))
        new = _new_items(version)
        done = sum(_sync(pk, version, new, by=by, now=now) for pk in pks)
        touch_team(checklist.team_id)
    return done


def _published(checklist: Checklist) -> ChecklistVersion | None:
    return checklist.versions.filter(status=ChecklistVersion.Status.PUBLISHED).first()


def _behind(
    checklist: Checklist, version: ChecklistVersion, now: datetime
) -> QuerySet[Run]:
    runs = Run.objects.filter(checklist=checklist, closes_at__gt=now)
    return (
        runs.exclude(state=Run.State.CLOSED)
        .exclude(version=version)
        .select_related("version", "cadence", "team")
        .order_by("due_at", "pk")
    )


def _new_items(version: ChecklistVersion) -> dict[str, ChecklistItem]:
    items = version.items.order_by("position").prefetch_related("checks__service")
    return {str(item.key): item for item in items}


def _plan(
    run: Run, rows: Iterable[RunItem], new: dict[str, ChecklistItem]
) -> list[Step]:
    old = [
        OldItem(
            key=str(row.item.key),
            text=text_item(row.item),
            state=read_item_state(row),
            is_touched=row.version > 0 or row.carried_from_id is not None,
        )
        for row in rows
        if _goes_along(run, row, new)
    ]
    plans = [
        NewItem(key, text_item(item), spec_of(item, ItemSpec().freshness))
        for key, item in new.items()
    ]
    return plan_sync(old, plans)


def _goes_along(run: Run, row: RunItem, new: dict[str, ChecklistItem]) -> bool:
    """Leave alone what was no part of the run's version: carried, or left out before."""
    return row.item.version_id == run.version_id or str(row.item.key) in new


def _sync(
    run_pk: int,
    version: ChecklistVersion,
    new: dict[str, ChecklistItem],
    *,
    by: User,
    now: datetime,
) -> bool:
    loaded = lock_run(run_pk)
    run = loaded.row
    if run.state != Run.State.OPEN:
        return False
    old_number = run.version.number
    rows = {str(row.item.key): row for row in loaded.rows.values()}
    steps = _plan(run, loaded.rows.values(), new)
    reason = f"Version {version.number} of the checklist"
    _change_answers(loaded, rows, steps, version.number, by=by, now=now)
    _point_to_new(rows, steps, new)
    dropped = [rows[step.key].pk for step in steps if step.fate is Fate.DROPPED]
    # Nobody touched them, so that no event and no file names them.
    RunItem.objects.filter(pk__in=dropped).delete()
    added = [new[step.key].pk for step in steps if step.fate is Fate.ADDED]
    insert_items([run.pk], added)
    run.version = version
    run.save(update_fields=["version"])
    event = NewEvent(
        verb="synced",
        by=by,
        before={"version": old_number},
        after={"version": version.number, **_tell(steps)},
        reason=reason,
    )
    append_events(run, [event], now=now)
    record_change(
        "run.synced",
        run,
        by=by,
        now=now,
        team_id=run.team_id,
        before={"version": old_number},
        after={"version": version.number},
    )
    reconcile_run(run.pk, now=now)
    return True


def _change_answers(
    loaded: LoadedRun,
    rows: dict[str, RunItem],
    steps: Iterable[Step],
    number: int,
    *,
    by: User,
    now: datetime,
) -> None:
    after = loaded.state
    for step in steps:
        if step.fate not in {Fate.REOPENED, Fate.LEFT_OUT}:
            continue
        key = str(rows[step.key].pk)
        state = after.find_item(key).state
        changed = (
            ItemState(note=state.note)
            if step.fate is Fate.REOPENED
            else _leave_out(state, number, by=by, now=now)
        )
        after = after.put(key, changed)
    after = run_state.Run(loaded.state.state, after.items)
    save_run(loaded, after, verb="synced", by=by, now=now)


def _leave_out(state: ItemState, number: int, *, by: User, now: datetime) -> ItemState:
    return replace(
        state,
        mark=ItemMark.NA,
        attention=Attention.NONE,
        hold=False,
        marked_by=str(by.pk),
        marked_at=now,
        reason=f"Version {number} leaves it out.",
    )


def _point_to_new(
    rows: dict[str, RunItem], steps: Sequence[Step], new: dict[str, ChecklistItem]
) -> None:
    moved = []
    for step in steps:
        if step.fate not in {Fate.KEPT, Fate.REOPENED}:
            continue
        row = rows[step.key]
        row.item = new[step.key]
        if step.fields and step.fate is Fate.KEPT:
            # Whoever looks at the old words has to look again before they answer.
            row.version += 1
        moved.append(row)
    RunItem.objects.bulk_update(moved, ["item", "version"])


def _tell(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Name what is new and what is gone, for the story of the run."""
    told = {
        "added": [step.text for step in steps if step.fate is Fate.ADDED],
        "reopened": [step.text for step in steps if step.fate is Fate.REOPENED],
        "removed": [
            step.text
            for step in steps
            if step.fate in {Fate.DROPPED, Fate.LEFT_OUT, Fate.RECORDED}
        ],
    }
    return {name: texts for name, texts in told.items() if texts}
