"""Celery tasks: each wakes one service and carries no state."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="runbooks.read_runbook_sources")
def read_runbook_sources() -> None:
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf
    from runbooks.services.sources import read_runbook_sources as act  # noqa: PLC0415

    run_sweep("read_runbook_sources", act, driver="beat", now=timezone.now())


@shared_task(name="runbooks.remind_reviews")
def remind_reviews() -> None:
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf
    from runbooks.services.reviews import remind_reviews as act  # noqa: PLC0415

    run_sweep("remind_reviews", act, driver="beat", now=timezone.now())
