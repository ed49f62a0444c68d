"""Celery tasks: each wakes one service and carries no state."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="checklists.open_due_runs")
def open_due_runs() -> None:
    from checklists.services.generation import open_due_runs as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("open_due_runs", act, driver="beat", now=timezone.now())


@shared_task(name="checklists.settle_runs")
def settle_runs() -> None:
    from checklists.services.settling import settle_runs as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("settle_runs", act, driver="beat", now=timezone.now())


@shared_task(name="checklists.remind_late_runs")
def remind_late_runs() -> None:
    from checklists.services.reminding import remind_late_runs as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("remind_late_runs", act, driver="beat", now=timezone.now())


@shared_task(name="checklists.run_due_checks")
def run_due_checks() -> None:
    from checklists.services.running import run_due_checks as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("run_due_checks", act, driver="beat", now=timezone.now())


@shared_task(name="checklists.roll_up_results")
def roll_up_results() -> None:
    from checklists.services.rolling import roll_up_results as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("roll_up_results", act, driver="beat", now=timezone.now())


@shared_task(name="checklists.purge_results")
def purge_results() -> None:
    from checklists.services.retention import purge_results as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("purge_results", act, driver="beat", now=timezone.now())


@shared_task(name="checklists.send_weekly_reviews")
def send_weekly_reviews() -> None:
    from checklists.services.weekly_reviews import send_weekly_reviews as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("send_weekly_reviews", act, driver="beat", now=timezone.now())
