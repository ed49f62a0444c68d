"""Celery tasks: each wakes one service and carries no state."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="incidents.advance_escalations")
def advance_escalations() -> None:
    from incidents.services.escalating import advance_escalations as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("advance_escalations", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.apply_inbox")
def apply_inbox() -> None:
    from incidents.services.inbox import apply_inbox as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("apply_inbox", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.end_overdue_alerts")
def end_overdue_alerts() -> None:
    from incidents.services.overdue import end_overdue_alerts as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("end_overdue_alerts", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.plan_windows")
def plan_windows() -> None:
    from incidents.services.recurring import plan_windows as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("plan_windows", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.watch_flapping")
def watch_flapping() -> None:
    from incidents.services.flapping import watch_flapping as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("watch_flapping", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.watch_groups")
def watch_groups() -> None:
    from incidents.services.alert_groups import watch_groups as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("watch_groups", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.watch_storms")
def watch_storms() -> None:
    from incidents.services.storms import watch_storms as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("watch_storms", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.purge_ingest_events")
def purge_ingest_events() -> None:
    from incidents.services.overdue import purge_ingest_events as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("purge_ingest_events", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.settle_due_mutes")
def settle_due_mutes() -> None:
    from incidents.services.muting import settle_due_mutes as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("settle_due_mutes", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.remind_of_actions")
def remind_of_actions() -> None:
    from incidents.services.action_reminders import remind_of_actions as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("remind_of_actions", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.remind_of_postmortems")
def remind_of_postmortems() -> None:
    from incidents.services.postmortem_duty import remind_of_postmortems as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("remind_of_postmortems", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.send_monthly_reports")
def send_monthly_reports() -> None:
    from incidents.services.monthly_reports import send_monthly_reports as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("send_monthly_reports", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.remind_of_updates")
def remind_of_updates() -> None:
    from incidents.services.updates import remind_of_updates as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("remind_of_updates", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.watch_budgets")
def watch_budgets() -> None:
    from incidents.services.budgets import watch_budgets as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("watch_budgets", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.write_status_pages")
def write_status_pages() -> None:
    from incidents.services.status_pages import write_status_pages as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("write_status_pages", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.tell_of_work")
def tell_of_work() -> None:
    from incidents.services.telling import tell_of_work as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("tell_of_work", act, driver="beat", now=timezone.now())


@shared_task(name="incidents.forget_unconfirmed")
def forget_unconfirmed() -> None:
    from incidents.services.subscribers import forget_unconfirmed as act  # noqa: PLC0415 -- task leaf
    from oncall.services.sweeps import run_sweep  # noqa: PLC0415 -- task leaf

    run_sweep("forget_unconfirmed", act, driver="beat", now=timezone.now())
