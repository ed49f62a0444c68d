"""A person's calendars of absences, without their secret addresses."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from oncall.models import AbsenceFeed, User


@dataclass(frozen=True, slots=True)
class AbsenceFeedRow:
    """One calendar: of its address only the host."""

    pk: int
    name: str
    host: str
    is_enabled: bool
    last_read_at: datetime | None
    next_read_at: datetime | None
    last_error: str


def feeds_of(user: User) -> list[AbsenceFeedRow]:
    """Return the person's calendars by name."""
    return [
        AbsenceFeedRow(
            pk=row.pk,
            name=row.name,
            host=urlsplit(row.url).hostname or "",
            is_enabled=row.is_enabled,
            last_read_at=row.last_read_at,
            next_read_at=row.next_read_at,
            last_error=row.last_error,
        )
        for row in AbsenceFeed.objects.filter(user=user)
    ]


def find_feed(pk: int, user: User) -> AbsenceFeed | None:
    """Return one of the person's calendars."""
    return AbsenceFeed.objects.filter(pk=pk, user=user).select_related("user").first()
