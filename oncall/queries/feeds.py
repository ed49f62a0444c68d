"""What the calendars that people subscribe to hold."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse

from oncall.domain.ical import CalendarEvent, write_calendar
from oncall.domain.ical_entries import Entry, Known, read_entries, uid_of
from oncall.models import CalendarFeed, Membership, RotationVersion, Schedule, User
from oncall.queries.loading import load_schedules
from oncall.queries.schedules import name_people

BACK = timedelta(days=15)
LONGEST = 365
_EPOCH = datetime.fromisoformat("2020-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class FeedView:
    """How much of a feed a reader wants: one role, so many days, a bell."""

    role: str = ""
    days: int = LONGEST
    alarm_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class FeedShift:
    """A shift as a calendar shows it."""

    uid: str
    schedule_slug: str
    schedule_name: str
    user: str
    entry: Entry


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """Return the person's feeds, those that still live first."""
    rows = CalendarFeed.objects.filter(user=user).select_related("schedule")
    return rows.order_by(F("revoked_at").asc(nulls_first=True), "-created_at")


def find_feed_row(pk: int, user: User) -> CalendarFeed | None:
    """Return one of the person's feeds."""
    rows = CalendarFeed.objects.filter(pk=pk, user=user)
    return rows.select_related("schedule").first()


def schedules_to_follow(team_ids: Iterable[int]) -> list[Schedule]:
    """Return the active schedules of the teams by name."""
    rows = Schedule.objects.filter(team__in=list(team_ids), is_active=True)
    return list(rows.order_by("name"))


def schedules_in(feed: CalendarFeed) -> list[Schedule]:
    """Return the schedules that the feed's owner may see in it, with their teams."""
    rows = Schedule.objects.filter(is_active=True).select_related("team")
    if feed.schedule_id is not None:
        rows = rows.filter(pk=feed.schedule_id)
    if not feed.user.is_superuser:
        mine = Membership.objects.filter(user=feed.user_id).values("team")
        rows = rows.filter(team__in=mine)
    elif feed.schedule_id is None:
        rows = rows.filter(Q(team__memberships__user=feed.user_id))
    return list(rows.order_by("pk"))


def etag_of(
    feed: CalendarFeed, rows: Iterable[Schedule], view: FeedView, now: datetime
) -> str:
    """Return a name of what the feed says now: by its teams' versions and the day."""
    parts: tuple[Hashable, ...] = (
        feed.pk,
        view,
        now.date(),
        tuple((row.pk, row.team.calm_version) for row in rows),
    )
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def read_shifts(
    feed: CalendarFeed, rows: Iterable[Schedule], view: FeedView, now: datetime
) -> list[FeedShift]:
    """Return the shifts of 15 days back and the wanted days ahead, by start."""
    known_rows = {row.pk: row for row in rows}
    plans = load_schedules(known_rows)
    written = _versions_at(plans)
    # The same all day long, as the name of the answer is.
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[tuple[int, Entry]] = []
    for pk, plan in plans.items():
        entries = read_entries(
            Known(plan, written), day - BACK, day + timedelta(days=view.days), now=now
        )
        found += [(pk, each) for each in entries if _is_wanted(feed, each, view)]
    names = name_people(entry.user for _, entry in found)
    shifts = [
        FeedShift(
            uid=uid_of(pk, entry),
            schedule_slug=known_rows[pk].slug,
            schedule_name=known_rows[pk].name,
            user=names.get(entry.user, ""),
            entry=entry,
        )
        for pk, entry in found
    ]
    return sorted(shifts, key=lambda shift: (shift.entry.start, shift.uid))


def write_feed(feed: CalendarFeed, shifts: Iterable[FeedShift], view: FeedView) -> str:
    """Return the feed as an iCal file; nobody's contact data is in it."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    is_own = feed.schedule_id is None
    events = (
        CalendarEvent(
            uid=f"{shift.uid}@{host}",
            start=shift.entry.start,
            end=shift.entry.end,
            summary=_summarize(shift, is_own=is_own),
            url=settings.SITE_URL
            + reverse("schedule_detail", args=[shift.schedule_slug]),
            # What nobody changed lately keeps one stamp, so that it stays byte for byte.
            changed_at=shift.entry.changed_at or _EPOCH,
            sequence=shift.entry.sequence,
            is_cancelled=shift.entry.is_cancelled,
        )
        for shift in shifts
    )
    return write_calendar(feed.name, events, alarm_minutes=view.alarm_minutes)


def _summarize(shift: FeedShift, *, is_own: bool) -> str:
    if is_own:
        return f"On call ({shift.entry.role}): {shift.schedule_name}"
    return f"{shift.user}, {shift.entry.role}: {shift.schedule_name}"


def _is_wanted(feed: CalendarFeed, entry: Entry, view: FeedView) -> bool:
    is_ours = feed.schedule_id is not None or entry.user == feed.user_id
    return is_ours and view.role in {"", entry.role}


def _versions_at(plans: Iterable[int]) -> dict[Hashable, list[datetime]]:
    """Return when each rotation's versions were written, in their order."""
    found: dict[Hashable, list[datetime]] = defaultdict(list)
    rows = RotationVersion.objects.filter(rotation__schedule__in=list(plans))
    for pk, at in rows.values_list("rotation_id", "created_at"):
        found[pk].append(at)
    return found
