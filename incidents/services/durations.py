"""How long what a sender says has to last: before it tells, and before it is over."""

from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.holding import LONGEST_HOLD
from incidents.models import Integration
from oncall.models import User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError

NAMES = ("hold_for", "clear_for")


def set_durations(
    sender: Integration,
    hold_for: timedelta | None,
    clear_for: timedelta | None,
    *,
    by: User,
    now: datetime,
) -> None:
    """Let alerts that open from now on tell once they last ``hold_for``.

    Ends count once they last ``clear_for``, of open alerts too. None and zero ask
    nothing. Raises PortalError at the field for a length below zero or above a day.
    """
    for name, length in zip(NAMES, (hold_for, clear_for), strict=True):
        if not timedelta() <= (length or timedelta()) <= LONGEST_HOLD:
            raise PortalError("Choose a length up to a day.", field=name)
    with transaction.atomic():
        touch_team(sender.service.team_id)
        before = _describe(sender)
        sender.hold_for, sender.clear_for = hold_for or None, clear_for or None
        sender.save(update_fields=NAMES)
        record_change(
            "integration.durations",
            sender,
            by=by,
            now=now,
            team_id=sender.service.team_id,
            before=before,
            after=_describe(sender),
        )


def _describe(sender: Integration) -> dict[str, int | None]:
    """Return both in seconds."""
    lengths = {name: getattr(sender, name) for name in NAMES}
    return {
        name: None if length is None else int(length.total_seconds())
        for name, length in lengths.items()
    }
