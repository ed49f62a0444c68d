"""Mail as a sender of alerts: what its pipe and its door do with a message."""

import re
from dataclasses import dataclass
from datetime import datetime

from incidents.domain.payloads.mail import find_keys, find_keys_of, read_mail
from incidents.domain.payloads.signal import ParseError
from incidents.models import IngestEvent, Integration
from incidents.queries.integrations import find_by_key
from incidents.services import inbox, intake
from incidents.services.messages import MOST_BODY, Message
from opsportal.kit.tokens import hash_token

KIND = Integration.Kind.EMAIL
_CUT = b"(key)"


class Refused(Exception):  # noqa: N818 -- reads as what happened
    """A mail is not let in; ``status`` is 404 for nobody's address, else 400."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that is stored: its number, what it is about, "accepted" or a double."""

    pk: int
    dedup_key: str
    status: str


def find_mail_key(address: str, body: bytes, *, now: datetime) -> str:
    """Return the key that an address holds, or else the headers; "" for none.

    Keys of other senders open no mailbox.
    """
    for key in find_keys([address]) if address else find_keys_of(body):
        if find_by_key(hash_token(key), [KIND], now) is not None:
            return key
    return ""


def take_mail(key: str, body: bytes, *, now: datetime) -> Taken:
    """Store a mail before its sender is answered; what is longer than 512 KB is cut.

    Raises Refused for an address that nobody has, for one that is switched off and for
    what is no alert; the last two are kept with the reason.
    """
    sender = find_by_key(hash_token(key), [KIND], now)
    if sender is None:
        raise Refused("There is no such address.", 404)
    kept = re.sub(re.escape(key.encode()), _CUT, body[:MOST_BODY], flags=re.IGNORECASE)
    if not sender.is_enabled:
        raise _refuse(sender, kept, "The integration is switched off.", 404, now)
    try:
        mail = read_mail(
            kept, sender.field_mapping, tuple(sender.severity_mapping), now
        )
    except ParseError as error:
        raise _refuse(
            sender, kept, f"{error.field}: {error.message}", 400, now
        ) from None
    note = "Cut at 512 KB" if len(body) >= MOST_BODY else ""
    message = Message(kind=KIND, body=kept, external_id=mail.message_id, note=note)
    signal = mail.signal
    pk = inbox.store(hash_token(key), KIND, message, [signal], now=now)
    if pk is not None:
        status = "accepted"
        return Taken(pk=pk, dedup_key=signal.dedup_key, status=status)
    if not mail.message_id:
        raise Refused("There is no such address any more.", 404)
    event: IngestEvent = intake.note_replay(sender, message, now=now)
    return Taken(pk=event.pk, dedup_key=signal.dedup_key, status=event.status)


def _refuse(
    sender: Integration, body: bytes, reason: str, status: int, now: datetime
) -> Refused:
    intake.reject(sender, Message(kind=KIND, body=body), reason, now=now)
    return Refused(reason, status)
