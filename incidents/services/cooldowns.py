"""How often one series may tell: set for a series, or for all of a sender."""

from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.noise import LONGEST_COOLDOWN
from incidents.models import AlertSeries, Integration
from incidents.queries.silences import open_with_series
from incidents.services.muting import review_mutes
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError


def cool_series(
    series: AlertSeries, cooldown: timedelta | None, *, by: User, now: datetime
) -> None:
    """Let a series tell at most once in ``cooldown``; zero: no limit, None: as its sender.

    Open alerts feel it at once. Raises PortalError for a length below zero or above
    a week.
    """
    _check(cooldown)
    service = series.integration.service
    with transaction.atomic():
        touch_team(service.team_id)
        before, series.cooldown = series.cooldown, cooldown
        series.save(update_fields=["cooldown"])
        review_mutes(open_with_series().filter(series=series), now=now)
        record_change(
            "series.cooldown",
            series,
            by=by,
            now=now,
            team_id=service.team_id,
            before={"cooldown": _say(before)},
            after={"cooldown": _say(cooldown)},
        )


def cool_sender(
    sender: Integration, cooldown: timedelta | None, *, by: User, now: datetime
) -> None:
    """Let each series of a sender tell at most once in ``cooldown``; None: no limit.

    A series with a cooldown of its own keeps it. Raises PortalError as above.
    """
    _check(cooldown)
    with transaction.atomic():
        touch_team(sender.service.team_id)
        before, sender.cooldown = sender.cooldown, cooldown
        sender.save(update_fields=["cooldown"])
        review_mutes(open_with_series().filter(series__integration=sender), now=now)
        record_change(
            "integration.cooldown",
            sender,
            by=by,
            now=now,
            team_id=sender.service.team_id,
            before={"cooldown": _say(before)},
            after={"cooldown": _say(cooldown)},
        )


def _check(cooldown: timedelta | None) -> None:
    if cooldown is not None and not timedelta() <= cooldown <= LONGEST_COOLDOWN:
        raise PortalError("A cooldown is at most a week.", field="cooldown")


def _say(cooldown: timedelta | None) -> int | None:
    """Return it in seconds."""
    return None if cooldown is None else int(cooldown.total_seconds())
