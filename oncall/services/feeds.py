"""Calendars to subscribe to: a secret address, shown once, kept as a hash."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from oncall.models import CalendarFeed, Membership, Schedule, User
from oncall.services.audit import record_change
from opsportal.kit.errors import PortalError
from opsportal.kit.tokens import hash_token, make_token

MOST_FEEDS = 20
# A calendar that is read does not write a row each time.
_USE_STEP = timedelta(minutes=1)


def create_feed(
    user: User, *, name: str, schedule: Schedule | None, now: datetime
) -> tuple[CalendarFeed, str]:
    """Make a feed of the person's own shifts, or of a whole schedule.

    Returns its row and the token of its address, shown only now. Raises PortalError
    for a schedule of others.
    """
    if CalendarFeed.objects.filter(user=user, revoked_at=None).count() >= MOST_FEEDS:
        raise PortalError(
            f"{MOST_FEEDS} calendars are enough: revoke one first.", field="name"
        )
    if schedule is not None and not _belongs(user, schedule):
        raise PortalError("Choose a schedule of your teams.", field="schedule")
    new = make_token("cal")
    with transaction.atomic():
        feed = CalendarFeed.objects.create(
            user=user,
            schedule=schedule,
            name=name,
            digest=new.digest,
            prefix=new.prefix,
            created_at=now,
        )
        record_change(
            "feed.create",
            feed,
            by=user,
            now=now,
            team_id=schedule.team_id if schedule else None,
            after={"name": name, "schedule": schedule.slug if schedule else None},
        )
    return feed, new.plain


def address_of(feed: CalendarFeed, token: str) -> str:
    """Return the address under which programs read a new feed."""
    name = "ical_own" if feed.schedule_id is None else "ical_schedule"
    return f"{settings.SITE_URL}{reverse(name, args=[token])}"


def revoke_feed(feed: CalendarFeed, *, by: User, now: datetime) -> bool:
    """End a feed at once; False when it was revoked already."""
    with transaction.atomic():
        won = CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None).update(
            revoked_at=now
        )
        if won:
            record_change("feed.revoke", feed, by=by, now=now)
    return bool(won)


def find_feed(plain: str, *, is_schedule: bool, now: datetime) -> CalendarFeed | None:
    """Return the live feed behind a token, and note that it was read.

    None for one that is unknown or revoked, of the other kind, or whose person is
    inactive. The lookup is by hash, so its time says nothing of the token.
    """
    feed = (
        CalendarFeed.objects.select_related("user")
        .filter(digest=hash_token(plain), revoked_at=None, user__is_active=True)
        .filter(schedule__isnull=not is_schedule)
        .first()
    )
    if feed is None:
        return None
    CalendarFeed.objects.filter(
        Q(last_read_at=None) | Q(last_read_at__lte=now - _USE_STEP), pk=feed.pk
    ).update(last_read_at=now)
    return feed


def _belongs(user: User, schedule: Schedule) -> bool:
    if user.is_superuser:
        return True
    return Membership.objects.filter(user=user, team=schedule.team_id).exists()
