"""What time alone does to runs: hand in, stamp missed, close."""

from datetime import datetime
from functools import partial

from django.db import transaction

from checklists.domain import run_state
from checklists.domain.run_moment import Moment
from checklists.domain.run_state import close_by_time, stamp_missed
from checklists.models import Run
from checklists.services.reconciling import hand_in_complete, reconcile_run
from checklists.services.run_hooks import tell_webhooks
from checklists.services.run_rows import lock_run, save_run
from oncall.services import notifications
from oncall.services.sweeps import sweep_each

# So that one sweep ends in time; what is left stays due.
MOST_RUNS = 500


def settle_runs(*, now: datetime) -> int:
    """Settle every open run for which a moment has come; returns how many.

    Safe to run many at once: each run is locked, and what its state already
    says is not said again.
    """
    due = (
        Run.objects.filter(next_event_at__lte=now)
        .exclude(state=Run.State.CLOSED)
        .order_by("next_event_at")
    )
    keys = list(due.values_list("pk", flat=True)[:MOST_RUNS])
    return sweep_each(keys, partial(settle_run, now=now), what="run")


def settle_run(run_pk: int, *, now: datetime) -> bool:
    """Settle one run in one transaction; says whether it was still due."""
    with transaction.atomic():
        loaded = lock_run(run_pk)
        row = loaded.row
        if row.next_event_at is None or row.next_event_at > now:
            return False
        if now < row.closes_at:
            reconcile_run(run_pk, now=now)
            hand_in_complete(run_pk, now=now)
        _apply_time(run_pk, now)
    return True


def _apply_time(run_pk: int, now: datetime) -> None:
    loaded = lock_run(run_pk)
    row = loaded.row
    if row.state == Run.State.CLOSED:
        return
    if row.state == Run.State.OPEN and now < row.closes_at:
        tell_webhooks(Moment.LATE, [row], now=now)
    state = close_by_time(stamp_missed(loaded.state.state, now=now), now=now)
    after = run_state.Run(state, loaded.state.items)
    verb = "closed" if state.closed_at else "missed"
    save_run(loaded, after, verb=verb, by=None, now=now)
    if state.closed_at:
        notifications.cancel(f"run:{run_pk}", reason="the run closed", now=now)
