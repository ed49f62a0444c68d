"""Bringing the automated items of runs up to date with their checks."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction

from checklists.domain import run_state
from checklists.domain.item_state import Act, Mode
from checklists.domain.refusal import Refused
from checklists.models import Run
from checklists.services.run_rows import LoadedRun, lock_run, save_run
from checklists.services.telling import tell_failing_items, tell_finished_run
from oncall.services.sweeps import sweep_each

PORTAL = ""


def reconcile_run(run_pk: int, *, now: datetime) -> bool:
    """Let the checks have their say on one open run; says whether it changed.

    A run in which nothing asks for a person is handed in as soon as all of it
    has ticked.
    """
    with transaction.atomic():
        loaded = lock_run(run_pk)
        if loaded.row.state == Run.State.CLOSED:
            return False
        after = run_state.reconcile_run(loaded.state, loaded.evidence, now=now)
        changed = save_run(loaded, after, verb="checked", by=None, now=now)
        if changed:
            tell_failing_items(loaded.row, changed, now=now)
        is_changed = after.items != loaded.state.items
        if _asks_nobody(loaded):
            return hand_in_complete(run_pk, now=now) or is_changed
        return is_changed


def reconcile_runs(run_pks: Iterable[int], *, now: datetime) -> int:
    """Reconcile several runs, each in its own transaction; returns how many."""
    return sweep_each(run_pks, partial(reconcile_run, now=now), what="run")


def hand_in_complete(run_pk: int, *, now: datetime) -> bool:
    """Hand a run in when nothing is left to do; says whether it was."""
    loaded = lock_run(run_pk)
    if loaded.row.state != Run.State.OPEN:
        return False
    try:
        after = run_state.submit(loaded.state, loaded.evidence, Act(PORTAL, now))
    except Refused:
        return False  # something is left to do: people are reminded of it
    save_run(loaded, after, verb="handed_in", by=None, now=now)
    if after.state.mark is run_state.RunMark.CLOSED:
        tell_finished_run(loaded.row, now=now)
    return True


def _asks_nobody(loaded: LoadedRun) -> bool:
    return all(item.spec.mode is Mode.AUTO for item in loaded.state.items)
