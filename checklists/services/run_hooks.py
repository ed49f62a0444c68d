"""Telling webhooks of the moments of runs, through the outbox like every message."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from checklists.domain.run_moment import Moment
from checklists.models import Run, RunWebhook
from oncall.models import Channel, TransportKind, User
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError


def tell_webhooks(moment: Moment, runs: Iterable[Run], *, now: datetime) -> None:
    """Put one message a run and webhook into the outbox; each moment once a run.

    The runs are of one team. Call it inside the transaction of the change.
    """
    tell_of_moments({moment: list(runs)}, now=now)


def tell_of_moments(happened: Mapping[Moment, Sequence[Run]], *, now: datetime) -> None:
    """Do the same for several moments, of runs of one team, at once."""
    team = next((runs[0].team_id for runs in happened.values() if runs), None)
    if team is None:
        return
    hooks = RunWebhook.objects.filter(
        channel__team=team, channel__is_enabled=True
    ).select_related("channel__team")
    for hook in hooks:
        for moment, runs in happened.items():
            for run in runs if getattr(hook, f"takes_{moment.value}") else ():
                _enqueue(hook, moment, run, now)


def save_run_webhook(
    channel: Channel, moments: Collection[Moment], *, by: User, now: datetime
) -> None:
    """Let a webhook channel hear of these moments of its team's runs; none ends it.

    Raises PortalError for a channel of another kind.
    """
    if channel.kind != TransportKind.WEBHOOK:
        raise PortalError("Choose a webhook of the team.", field="channel")
    with transaction.atomic():
        # The team's version is what two who save at once wait for.
        touch_team(channel.team_id)
        before = _moments_of(RunWebhook.objects.filter(channel=channel).first())
        after = [moment.value for moment in Moment if moment in moments]
        if after == before:
            return
        if after:
            taken = {f"takes_{each.value}": each in moments for each in Moment}
            RunWebhook.objects.update_or_create(channel=channel, defaults=taken)
        else:
            RunWebhook.objects.filter(channel=channel).delete()
        record_change(
            "run_webhook.saved",
            channel,
            by=by,
            now=now,
            team_id=channel.team_id,
            before={"moments": before},
            after={"moments": after},
        )


def _moments_of(hook: RunWebhook | None) -> list[str]:
    if hook is None:
        return []
    return [each.value for each in Moment if getattr(hook, f"takes_{each.value}")]


def _enqueue(hook: RunWebhook, moment: Moment, run: Run, now: datetime) -> None:
    name = f"{run.checklist.name} ({run.period_key})"
    url = settings.SITE_URL + reverse("run_detail", args=[run.pk])
    event = {
        "type": "event",
        "event": f"run.{moment.value}",
        "at": _say(now),
        "data": _data(run, hook.channel.team.slug, url),
    }
    notifications.enqueue(
        team_id=run.team_id,
        # Not "run:…", whose messages are cancelled when the run ends.
        topic=f"run-event:{run.pk}",
        dedupe_key=f"run-event:{run.pk}:{moment.value}",
        channel=hook.channel,
        subject=f"{name}: {moment.value}",
        text=f"The run {name} is {moment.value}.",
        url=url,
        blocks=[event],
        now=now,
    )


def _data(run: Run, team: str, url: str) -> dict[str, Any]:
    return {
        "run": run.pk,
        "checklist": run.checklist.slug,
        "name": run.checklist.name,
        "team": team,
        "period_key": run.period_key,
        "state": run.state,
        "outcome": run.outcome,
        "cause": run.cause,
        "opens_at": _say(run.opens_at),
        "due_at": _say(run.due_at),
        "missed_at": _say(run.missed_at),
        "closed_at": _say(run.closed_at),
        "url": url,
    }


def _say(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
