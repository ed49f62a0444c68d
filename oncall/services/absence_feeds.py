"""Absences read from people's own calendars, by an iCal address.

The address is a secret: whoever has it can read. It is fetched outside transactions
and through the guard; what it says is applied in one.
"""

import hashlib
import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from oncall.models import Absence, AbsenceFeed, User
from oncall.services.absences import moving_rosters
from oncall.services.audit import record_change
from oncall.services.sweeps import sweep_each
from opsportal.kit.calendars import MOST_BYTES, Event, read_events
from opsportal.kit.errors import PortalError
from opsportal.kit.outbound import OutboundError
from opsportal.kit.outbound.download import download

AHEAD = timedelta(days=400)
HOUR = timedelta(hours=1)
SLOWEST = timedelta(days=1)
MOST_FEEDS = 10
MOST_ABSENCES = 1_000
_BATCH = 50
_UID_LENGTH = 250
log = logging.getLogger(__name__)


def preview_feed(user: User, url: str, *, now: datetime) -> list[Event]:
    """Return what a calendar would add, on the person's clock; writes nothing.

    Raises PortalError at the field ``url``.
    """
    return _fetch(user, read_address(url), now)


def add_feed(user: User, *, name: str, url: str, now: datetime) -> AbsenceFeed:
    """Read a calendar for the first time and keep reading it every hour.

    Nothing is saved when it cannot be read. Raises PortalError at the field.
    """
    address = read_address(url)
    if AbsenceFeed.objects.filter(user=user).count() >= MOST_FEEDS:
        raise PortalError(f"{MOST_FEEDS} calendars are enough.", field="url")
    events = _fetch(user, address, now)
    with transaction.atomic():
        feed = AbsenceFeed.objects.create(
            user=user,
            name=name,
            url=address,
            last_read_at=now,
            next_read_at=now + HOUR,
        )
        record_change("absence_feed.add", feed, by=user, now=now, after={"name": name})
        _apply(feed, events, now=now)
    return feed


def remove_feed(feed: AbsenceFeed, *, by: User, now: datetime) -> None:
    """Forget a calendar; the absences ahead that came from it are cancelled."""
    with transaction.atomic():
        record_change("absence_feed.remove", feed, by=by, now=now)
        _apply(feed, [], now=now)
        feed.delete()


def read_now(feed: AbsenceFeed, *, now: datetime) -> int:
    """Read a calendar at its owner's wish; return how many absences changed.

    Raises PortalError when it cannot be read; the error is kept with the feed.
    """
    try:
        events = _fetch(feed.user, feed.url, now)
        return _settle(feed, events, now)
    except PortalError as error:
        _note_failure(feed.pk, error, now)
        raise


def read_absence_feeds(*, now: datetime) -> int:
    """Read the calendars that are due, each once an hour; return absences changed."""
    due = AbsenceFeed.objects.filter(
        is_enabled=True, user__is_active=True, next_read_at__lte=now
    )
    keys = due.order_by("next_read_at").values_list("pk", flat=True)
    return sweep_each(list(keys[:_BATCH]), lambda key: _read_due(key, now), what="feed")


def read_address(url: str) -> str:
    """Return the https address behind webcal:// and the like.

    Raises PortalError for what is no web address.
    """
    plain = url.strip()
    for short in ("webcal://", "webcals://"):
        if plain.lower().startswith(short):
            plain = "https://" + plain[len(short) :]
    try:
        parts = urlsplit(plain)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PortalError("Give an address that begins with https://.", field="url")
    return plain


def _read_due(key: int, now: datetime) -> int:
    feed = AbsenceFeed.objects.select_related("user").get(pk=key)
    claimed = AbsenceFeed.objects.filter(
        pk=key, is_enabled=True, next_read_at=feed.next_read_at
    ).update(next_read_at=now + HOUR)
    if not claimed:
        return 0  # another sweep reads it
    try:
        events = _fetch(feed.user, feed.url, now)
        return _settle(feed, events, now)
    except PortalError as error:
        _note_failure(key, error, now)
        return 0


def _settle(feed: AbsenceFeed, events: list[Event], now: datetime) -> int:
    with transaction.atomic():
        kept = AbsenceFeed.objects.filter(pk=feed.pk).update(
            last_read_at=now, next_read_at=now + HOUR, last_error="", failures=0
        )
        # Its owner may have removed it while it was read.
        return _apply(feed, events, now=now) if kept else 0


def _note_failure(key: int, error: PortalError, now: datetime) -> None:
    mine = AbsenceFeed.objects.filter(pk=key)
    mine.update(failures=F("failures") + 1, last_error=error.message[:250])
    failures = mine.values_list("failures", flat=True).first() or 1
    mine.update(next_read_at=now + min(HOUR * 2 ** min(failures, 5), SLOWEST))
    log.info("absence_feed_failed", extra={"feed": key, "code": error.code})


def _fetch(user: User, url: str, now: datetime) -> list[Event]:
    try:
        text = download(url, most_bytes=MOST_BYTES)
    except OutboundError as error:
        raise PortalError(error.message, code=error.code, field="url") from None
    try:
        events = read_events(text, now, now + AHEAD, zone=ZoneInfo(user.time_zone))
    except PortalError as error:
        raise PortalError(error.message, code=error.code, field="url") from None
    if len(events) > MOST_ABSENCES:
        raise PortalError(
            "The calendar has more than 1,000 events ahead. Is it one of absences?",
            code="too_many",
            field="url",
        )
    return events


def _apply(feed: AbsenceFeed, events: list[Event], *, now: datetime) -> int:
    """Make what is ahead agree with the calendar; the past stays as it was."""
    wanted = {_name(each): each for each in events if each.ends_at > now}
    live = Absence.objects.filter(feed=feed, cancelled_at=None, ends_at__gt=now)
    known = {row.uid: row for row in live}
    gone = [
        row.pk
        for uid, row in known.items()
        if uid not in wanted or _differs(row, wanted[uid])
    ]
    new = [
        (uid, each)
        for uid, each in wanted.items()
        if uid not in known or _differs(known[uid], each)
    ]
    if not gone and not new:
        return 0
    what = f"the absences of {feed.user}"
    with moving_rosters([feed.user_id], by=None, now=now, what=what):
        Absence.objects.filter(pk__in=gone).update(cancelled_at=now)
        Absence.objects.bulk_create(
            Absence(
                user_id=feed.user_id,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                note=each.summary[:250],
                feed=feed,
                uid=uid,
                created_at=now,
            )
            for uid, each in new
        )
        record_change(
            "absence_feed.read",
            feed,
            by=None,
            now=now,
            after={"added": len(new), "cancelled": len(gone)},
        )
    return len(gone) + len(new)


def _differs(row: Absence, event: Event) -> bool:
    return (row.starts_at, row.ends_at) != (event.starts_at, event.ends_at)


def _name(event: Event) -> str:
    """Return what names one occurrence: the event's own name and its start."""
    plain = f"{event.uid}|{event.starts_at:%Y%m%dT%H%M%SZ}"
    if len(plain) <= _UID_LENGTH:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()
