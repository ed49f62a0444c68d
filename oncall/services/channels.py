"""Where a whole team is told."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from oncall.models import Channel, Notification, Team, TransportKind, User
from oncall.services import notifications
from oncall.services.audit import record_change
from oncall.services.contacts import clean_address
from oncall.services.pulse import touch_team
from oncall.transports.webhook import endpoint_keys
from opsportal.kit.errors import PortalError, Refused


@dataclass(frozen=True, slots=True)
class ChannelForm:
    """A channel as it is entered; an empty address keeps the one that is stored."""

    name: str
    kind: str
    address: str = ""
    takes_reminders: bool = True
    takes_alerts: bool = True
    is_enabled: bool = True


def save_channel(
    team: Team,
    form: ChannelForm,
    *,
    channel: Channel | None = None,
    by: User,
    now: datetime,
) -> Channel:
    """Make a channel, or change ``channel``.

    Raises PortalError for an address that cannot work or a name that is taken,
    Refused for an Apprise URL of somebody who is no administrator.
    """
    row = channel or Channel(team=team)
    if form.address or channel is None or channel.kind != form.kind:
        row.address = clean_address(form.kind, form.address, is_admin=by.is_superuser)
    row.name, row.kind = form.name, form.kind
    row.takes_reminders = form.takes_reminders
    row.takes_alerts = form.takes_alerts
    row.is_enabled = form.is_enabled
    try:
        with transaction.atomic():
            touch_team(team.pk)
            row.save()
            record_change(
                "channel.edit" if channel else "channel.add",
                row,
                by=by,
                now=now,
                team_id=team.pk,
                after={
                    "name": row.name,
                    "kind": row.kind,
                    "takes_reminders": row.takes_reminders,
                    "takes_alerts": row.takes_alerts,
                    "is_enabled": row.is_enabled,
                },
            )
    except IntegrityError:
        raise PortalError(
            f"The team has a channel “{form.name}” already. Choose another name.",
            code="taken",
            field="name",
        ) from None
    return row


def delete_channel(channel: Channel, *, by: User, now: datetime) -> None:
    """Remove a channel. Raises Refused while an escalation policy names it."""
    try:
        with transaction.atomic():
            touch_team(channel.team_id)
            record_change(
                "channel.delete", channel, by=by, now=now, team_id=channel.team_id
            )
            channel.delete()
    except ProtectedError:
        raise Refused(
            "An escalation policy tells this channel. Switch it off instead.",
            code="in_use",
        ) from None


def reveal_keys(channel: Channel, *, by: User, now: datetime) -> tuple[str, ...]:
    """Return the keys that sign what a webhook is sent, newest first; audited.

    Raises PortalError for a channel of another kind: nothing else is signed.
    """
    if channel.kind != TransportKind.WEBHOOK:
        raise PortalError("Only what a webhook is sent is signed.", field="channel")
    record_change("channel.reveal", channel, by=by, now=now, team_id=channel.team_id)
    return endpoint_keys(channel.address)


def send_test(channel: Channel, *, by: User, now: datetime) -> Notification:
    """Send a message that says it is a test; within a minute only one.

    Raises Refused when the channel is off.
    """
    with transaction.atomic():
        rows = notifications.enqueue(
            team_id=channel.team_id,
            topic=f"channel:{channel.pk}",
            dedupe_key=f"channel:{channel.pk}:test:{now:%Y%m%d%H%M}",
            channel=channel,
            subject="Test from opsportal",
            text=f"{by.display_name} looked whether messages arrive here. They do.",
            urgency=Notification.Urgency.HIGH,
            now=now,
        )
    if not rows:
        raise Refused("This channel is off. Switch it on first.", code="off")
    return rows[0]
