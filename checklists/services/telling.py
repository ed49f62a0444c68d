"""Messages about runs besides the reminder ladder."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from checklists.models import Run, RunItem
from oncall.models import Channel
from oncall.services import notifications


def tell_failing_items(run: Run, items: Iterable[RunItem], *, now: datetime) -> None:
    """Tell the team's channels of items whose check fails, once a failure."""
    for item in items:
        if item.attention not in {
            RunItem.Attention.FAILING,
            RunItem.Attention.CONTRADICTED,
        }:
            continue
        summaries = [check.last_summary for check in item.item.checks.all()]
        said = "; ".join(filter(None, summaries))
        _tell_channels(
            run,
            key=f"run:{run.pk}:item:{item.pk}:episode:{item.failing_episode}",
            subject=f"{run.checklist.name}: “{item.item.text}” fails",
            text=f"{item.item.text}\n{said}".strip(),
            now=now,
        )


def tell_finished_run(run: Run, *, now: datetime) -> None:
    """Tell the team's channels that a run is complete."""
    notifications.cancel(f"run:{run.pk}", reason="the run is complete", now=now)
    _tell_channels(
        run,
        key=f"run:{run.pk}:finished",
        subject=f"{run.checklist.name} ({run.period_key}) is complete",
        text=f"{run.checklist.name} ({run.period_key}) is complete.",
        now=now,
    )


def _tell_channels(
    run: Run, *, key: str, subject: str, text: str, now: datetime
) -> None:
    url = settings.SITE_URL + reverse("run_detail", args=[run.pk])
    channels = Channel.objects.filter(
        team_id=run.team_id, takes_reminders=True, is_enabled=True
    )
    for channel in channels:
        notifications.enqueue(
            team_id=run.team_id,
            topic=f"run:{run.pk}",
            dedupe_key=f"{key}:channel:{channel.pk}",
            channel=channel,
            subject=subject,
            text=f"{text}\n\n{url}",
            url=url,
            now=now,
        )
