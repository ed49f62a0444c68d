"""The one list of what recurs.

Celery beat fires each sweep's task, services nudge one on commit, and
`manage.py engine` calls the same functions in a loop without a broker. All
three at once is safe: a sweep only claims rows that are due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.module_loading import import_string

from oncall.services.sweeps import run_sweep


@dataclass(frozen=True, slots=True)
class Sweep:
    """``interval`` is that of beat; the engine command looks every second."""

    name: str
    act: str
    task: str
    interval: timedelta
    # The engine command leaves slow housekeeping to its own interval.
    is_urgent: bool = True

    def load(self) -> Callable[..., int]:
        """Import the service function."""
        function: Callable[..., int] = import_string(self.act)
        return function


def _sweep(app: str, module: str, name: str, seconds: int, **more: bool) -> Sweep:
    return Sweep(
        name=name,
        act=f"{app}.services.{module}.{name}",
        task=f"{app}.{name}",
        interval=timedelta(seconds=seconds),
        **more,
    )


SWEEPS: tuple[Sweep, ...] = (
    _sweep("checklists", "generation", "open_due_runs", 30),
    _sweep("checklists", "settling", "settle_runs", 30),
    _sweep("checklists", "reminding", "remind_late_runs", 30),
    _sweep("checklists", "running", "run_due_checks", 10),
    _sweep("checklists", "rolling", "roll_up_results", 300, is_urgent=False),
    _sweep("checklists", "retention", "purge_results", 3600, is_urgent=False),
    _sweep("checklists", "weekly_reviews", "send_weekly_reviews", 60, is_urgent=False),
    _sweep("incidents", "inbox", "apply_inbox", 10),
    _sweep("incidents", "escalating", "advance_escalations", 10),
    _sweep("incidents", "overdue", "end_overdue_alerts", 10),
    _sweep("incidents", "muting", "settle_due_mutes", 10),
    _sweep("incidents", "storms", "watch_storms", 5),
    _sweep("incidents", "alert_groups", "watch_groups", 5),
    _sweep("incidents", "flapping", "watch_flapping", 10),
    _sweep("incidents", "recurring", "plan_windows", 60),
    _sweep("incidents", "updates", "remind_of_updates", 10),
    _sweep("incidents", "status_pages", "write_status_pages", 5),
    _sweep("incidents", "telling", "tell_of_work", 10),
    _sweep("incidents", "subscribers", "forget_unconfirmed", 3600, is_urgent=False),
    _sweep("incidents", "budgets", "watch_budgets", 60, is_urgent=False),
    _sweep("incidents", "overdue", "purge_ingest_events", 3600, is_urgent=False),
    _sweep("incidents", "action_reminders", "remind_of_actions", 60, is_urgent=False),
    _sweep(
        "incidents", "postmortem_duty", "remind_of_postmortems", 60, is_urgent=False
    ),
    _sweep(
        "incidents", "monthly_reports", "send_monthly_reports", 600, is_urgent=False
    ),
    _sweep("oncall", "delivery", "deliver_notifications", 10),
    _sweep("oncall", "shifts", "record_shifts", 60, is_urgent=False),
    _sweep("oncall", "coverage_watch", "warn_coverage", 60, is_urgent=False),
    _sweep("oncall", "handoffs", "advance_handoffs", 30, is_urgent=False),
    _sweep("oncall", "swaps", "expire_swaps", 60, is_urgent=False),
    _sweep("oncall", "absence_feeds", "read_absence_feeds", 300, is_urgent=False),
    _sweep("oncall", "audit_retention", "purge_audit", 3600, is_urgent=False),
    _sweep("runbooks", "sources", "read_runbook_sources", 300, is_urgent=False),
    _sweep("runbooks", "reviews", "remind_reviews", 3600, is_urgent=False),
)

# Those whose silence means that checks and reminders wait.
URGENT_SWEEPS = tuple(sweep.name for sweep in SWEEPS if sweep.is_urgent)


def run(sweep: Sweep, *, driver: str, now: datetime) -> int:
    """Run one sweep and record it."""
    return run_sweep(sweep.name, sweep.load(), driver=driver, now=now)
