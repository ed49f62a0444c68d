"""Planned work: when alerts are expected and nobody is told."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.models import MaintenanceWindow
from incidents.queries.silences import open_with_series
from incidents.services.muting import review_mutes
from incidents.services.telling import tell_of_work_now, tell_withdrawn
from oncall.models import Service, User
from oncall.services.audit import record_change
from oncall.services.pulse import touch_team
from opsportal.kit.errors import PortalError, Refused


def create_window(
    service: Service,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: User,
    now: datetime,
) -> MaintenanceWindow:
    """Plan work on a service; it may begin now and need not be announced.

    Raises PortalError when it ends before it starts, is over already, or has no
    reason.
    """
    if ends_at <= starts_at:
        raise PortalError("It has to end after it starts.", field="ends_at")
    if ends_at <= now:
        raise PortalError("It would be over already.", field="ends_at")
    if not reason.strip():
        raise PortalError("Say what the work is.", field="reason")
    with transaction.atomic():
        touch_team(service.team_id)
        window = MaintenanceWindow.objects.create(
            service=service,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip()[:250],
            created_by=by,
            applied_at=now if starts_at <= now else None,
        )
        _review(window, now)
        _audit("maintenance.create", window, by=by, now=now, after=_say(window))
    return window


def end_window_early(
    window: MaintenanceWindow, *, by: User, now: datetime
) -> MaintenanceWindow:
    """End a running window now. Raises Refused unless it is running."""
    before = _say(window)
    with transaction.atomic():
        touch_team(window.service.team_id)
        won = MaintenanceWindow.objects.filter(
            pk=window.pk, starts_at__lt=now, ends_at__gt=now
        ).update(ends_at=now)
        if not won:
            raise Refused("Only a window that is running can be ended.")
        window.ends_at = now
        if window.announced_at is not None:
            tell_of_work_now(window, now=now)
        _review(window, now)
        _audit(
            "maintenance.end", window, by=by, now=now, before=before, after=_say(window)
        )
    return window


def cancel_window(window: MaintenanceWindow, *, by: User, now: datetime) -> None:
    """Remove a window that has not begun. Raises Refused once it has."""
    with transaction.atomic():
        touch_team(window.service.team_id)
        coming = MaintenanceWindow.objects.filter(pk=window.pk, starts_at__gt=now)
        if not coming.delete()[0]:
            raise Refused("Only a window that has not begun can be cancelled.")
        if window.announced_at is not None:
            tell_withdrawn(window, now=now)
        _audit("maintenance.cancel", window, by=by, now=now, before=_say(window))


def _review(window: MaintenanceWindow, now: datetime) -> None:
    review_mutes(open_with_series().filter(service=window.service_id), now=now)


def _say(window: MaintenanceWindow) -> dict[str, str]:
    return {
        "starts_at": window.starts_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
        "reason": window.reason,
    }


def _audit(
    action: str, window: MaintenanceWindow, *, by: User, now: datetime, **change: Any
) -> None:
    record_change(
        action, window, by=by, now=now, team_id=window.service.team_id, **change
    )
