"""Celery tasks: each wakes one service and carries no state."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="checklists.open_due_runs")
def open_due_runs() -> None:
    from checklists.services import generation  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep(
        "open_due_runs", generation.open_due_runs, driver="beat", now=timezone.now()
    )


@shared_task(name="checklists.settle_runs")
def settle_runs() -> None:
    from checklists.services import settling  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("settle_runs", settling.settle_runs, driver="beat", now=timezone.now())


@shared_task(name="checklists.remind_late_runs")
def remind_late_runs() -> None:
    from checklists.services import reminding  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep(
        "remind_late_runs",
        reminding.remind_late_runs,
        driver="beat",
        now=timezone.now(),
    )


@shared_task(name="checklists.run_due_checks")
def run_due_checks() -> None:
    from checklists.services import running  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep(
        "run_due_checks", running.run_due_checks, driver="beat", now=timezone.now()
    )


@shared_task(name="checklists.purge_results")
def purge_results() -> None:
    from checklists.services import retention  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep(
        "purge_results", retention.purge_results, driver="beat", now=timezone.now()
    )
