"""What became of the pages that an incident's timeline tells of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.models import TimelineEntry
from oncall.domain.notification_rules import message_key
from oncall.models import Notification


@dataclass(frozen=True, slots=True)
class Sending:
    """The ways that pages went, and how long until the first arrived; None before."""

    ways: tuple[str, ...]
    took: timedelta | None


def list_sendings(entries: Sequence[TimelineEntry]) -> dict[int, Sending]:
    """Return by entry what became of the pages that it tells of, with one query."""
    told = [entry for entry in entries if entry.kind == "told"]
    if not told:
        return {}
    topics = {f"alert:{entry.data['alert']}" for entry in told}
    sent = _sent_of(topics)
    return {entry.pk: _sending(entry, sent) for entry in told}


_Sent = dict[str, list[tuple[str, datetime | None]]]


def _sent_of(topics: Collection[str]) -> _Sent:
    rows = Notification.objects.filter(topic__in=topics).select_related(
        "contact_method", "channel"
    )
    found: _Sent = {}
    for row in rows.order_by("pk"):
        place = row.contact_method or row.channel
        way = place.get_kind_display() if place else "the account's email"
        found.setdefault(message_key(row.dedupe_key), []).append((way, row.sent_at))
    return found


def _sending(entry: TimelineEntry, sent: _Sent) -> Sending:
    rows = [row for key in entry.data["keys"] for row in sent.get(key, ())]
    moments = [at for _, at in rows if at is not None]
    took = min(moments) - entry.occurred_at if moments else None
    return Sending(
        ways=tuple(dict.fromkeys(way for way, _ in rows)),
        took=None if took is None else max(timedelta(), took),
    )
