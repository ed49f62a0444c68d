"""Celery tasks: each wakes one service and carries no state."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="oncall.deliver_notifications")
def deliver_notifications() -> None:
    from oncall.services.delivery import deliver_notifications as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("deliver_notifications", act, driver="beat", now=timezone.now())


@shared_task(name="oncall.record_shifts")
def record_shifts() -> None:
    from oncall.services.shifts import record_shifts as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("record_shifts", act, driver="beat", now=timezone.now())


@shared_task(name="oncall.expire_swaps")
def expire_swaps() -> None:
    from oncall.services.swaps import expire_swaps as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("expire_swaps", act, driver="beat", now=timezone.now())


@shared_task(name="oncall.advance_handoffs")
def advance_handoffs() -> None:
    from oncall.services.handoffs import advance_handoffs as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("advance_handoffs", act, driver="beat", now=timezone.now())


@shared_task(name="oncall.warn_coverage")
def warn_coverage() -> None:
    from oncall.services.coverage_watch import warn_coverage as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("warn_coverage", act, driver="beat", now=timezone.now())


@shared_task(name="oncall.read_absence_feeds")
def read_absence_feeds() -> None:
    from oncall.services.absence_feeds import read_absence_feeds as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("read_absence_feeds", act, driver="beat", now=timezone.now())


@shared_task(name="oncall.purge_audit")
def purge_audit() -> None:
    from oncall.services.audit_retention import purge_audit as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("purge_audit", act, driver="beat", now=timezone.now())
