"""Messages to people without an account: each goes to one mail address.

What becomes of them is told to the app above that knows the reader.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from oncall.models import Notification
from oncall.services.notifications import TASK
from opsportal.kit.nudge import nudge

State = Notification.State
# Told the reader's number, what their mail server refused for good or "" when it took
# the mail, and when.
Minder = Callable[[int, str, datetime], None]
_minders: dict[str, Minder] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideMessage:
    """One message; ``address_key`` names its reader, as "subscriber:12".

    With ``unsubscribe_url`` the mail offers to end such mails, by a link and by the
    headers of RFC 8058.
    """

    team_id: int | None
    topic: str
    dedupe_key: str
    address: str
    address_key: str
    subject: str
    text: str
    url: str = ""
    unsubscribe_url: str = ""


def enqueue_outside(messages: Iterable[OutsideMessage], *, now: datetime) -> None:
    """Put the messages into the outbox, with one statement for all.

    A row that exists under its key stays as it is, so that doing it twice does it
    once. Call it inside the transaction of the change that it tells of.
    """
    rows = [
        Notification(
            team_id=each.team_id,
            topic=each.topic,
            dedupe_key=each.dedupe_key,
            address=each.address,
            address_key=each.address_key,
            unsubscribe_url=each.unsubscribe_url,
            subject=each.subject[:250],
            text=each.text,
            url=each.url,
            created_at=now,
            next_try_at=now,
        )
        for each in messages
    ]
    if rows:
        Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
        nudge(TASK)


def register(kind: str, minder: Minder) -> None:
    """Tell of mails to readers of a kind: "subscriber" for "subscriber:12"."""
    _minders[kind] = minder


def tell_outcome(rows: Iterable[Notification], *, refusal: str, now: datetime) -> None:
    """Say what became of mails; inside the transaction that settles them."""
    for row in rows:
        kind, _, number = row.address_key.partition(":")
        if minder := _minders.get(kind):
            minder(int(number), refusal, now)


def hold_address(address_key: str, *, reason: str, now: datetime) -> None:
    """Send nothing of what waits for that reader; what is on the wire still arrives."""
    Notification.objects.filter(address_key=address_key, state=State.PENDING).update(
        state=State.CANCELLED,
        last_error=f"{reason} ({now:%Y-%m-%d %H:%M} UTC)"[:500],
        next_try_at=None,
    )


def forget_address(address_key: str, *, reason: str, now: datetime) -> None:
    """Send nothing more to that reader, and keep no address in what was sent."""
    rows = Notification.objects.filter(address_key=address_key)
    rows.filter(state__in=[State.PENDING, State.LEASED]).update(
        state=State.CANCELLED,
        last_error=f"{reason} ({now:%Y-%m-%d %H:%M} UTC)"[:500],
        lease_token=None,
        lease_until=None,
        next_try_at=None,
    )
    rows.update(address="", unsubscribe_url="")
