"""Reading other people's calendars, which may be long, wrong, or made to hurt."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from itertools import product
from typing import TYPE_CHECKING, Any

from opsportal.kit.errors import PortalError

if TYPE_CHECKING:
    import icalendar

MOST_BYTES = 1_000_000
MOST_EVENTS = 5_000
MOST_RULES = 200
_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_PARTS = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"),
    *("BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"),
}
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence, start <= t < end; ``uid`` names the event in its calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    is_all_day: bool
    emails: tuple[str, ...] = ()


def read_events(
    text: bytes, start: datetime, end: datetime, *, zone: tzinfo
) -> list[Event]:
    """Return what happens within start <= t < end, repetitions spelled out.

    Whole days, and times without a zone, are on the clock of ``zone``. What is
    cancelled, or leaves its time free, is left out. Raises PortalError with what is
    wrong with the calendar.
    """
    import recurring_ical_events  # noqa: PLC0415 -- slow import

    if len(text) > MOST_BYTES:
        raise PortalError("The calendar is larger than 1 MB.", code="too_large")
    calendar = _parse(text)
    _require_modest(calendar)
    try:
        found = recurring_ical_events.of(calendar).between(start, end)
        events = [_event(each, zone) for each in found if _counts(each)]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise PortalError(
            f"An event of the calendar cannot be read: {_say(error)}", code="bad_event"
        ) from None
    if len(events) > MOST_EVENTS:
        raise PortalError("The calendar has too many events.", code="too_many")
    inside = (e for e in events if e.starts_at < end and e.ends_at > start)
    kept = (each for each in inside if each.ends_at > each.starts_at)
    return sorted(kept, key=lambda each: (each.starts_at, each.ends_at, each.uid))


def _parse(text: bytes) -> "icalendar.Calendar":
    import icalendar  # noqa: PLC0415 -- slow import

    try:
        calendar = icalendar.Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise PortalError(
            f"This is not an iCal file: {_say(error)}", code="no_calendar"
        ) from None
    if not isinstance(calendar, icalendar.Calendar):
        raise PortalError("This is not an iCal file.", code="no_calendar")
    return calendar


def _require_modest(calendar: "icalendar.Calendar") -> None:
    """Refuse what would take hours to spell out: a rule a second, or one for nothing."""
    events = calendar.walk("VEVENT")
    rules = [each for each in events if "RRULE" in each]
    if len(events) > MOST_EVENTS or len(rules) > MOST_RULES:
        raise PortalError("The calendar has too many events.", code="too_many")
    for event in rules:
        given = event["RRULE"]
        for rule in given if isinstance(given, list) else [given]:
            _require_modest_rule(rule, event)


def _require_modest_rule(rule: Any, event: Any) -> None:
    parts = {str(name).upper(): value for name, value in rule.items()}
    freq = str(next(iter(parts.get("FREQ", [""])), "")).upper()
    begins = getattr(event.get("DTSTART"), "dt", None)
    is_plain = freq in _FREQUENCIES and set(parts) <= _PARTS
    is_recent = begins is not None and begins.year >= _FIRST_YEAR
    # Every n days on certain weekdays may never come, and looking takes long.
    skips = freq == "DAILY" and parts.get("INTERVAL", [1]) != [1]
    is_rare = skips and any(name.startswith("BY") for name in parts)
    if not is_plain or not is_recent or is_rare or not _can_happen(parts):
        raise PortalError(
            f"The repetition of “{event.get('SUMMARY', '')}” is not supported.",
            code="bad_rule",
        )


def _can_happen(parts: dict[str, Any]) -> bool:
    """Say whether some month has one of the days: a 30 February never comes."""
    months = parts.get("BYMONTH") or range(1, 13)
    days = parts.get("BYMONTHDAY") or [1]
    is_near = all(abs(int(each)) <= 5 for each in parts.get("BYSETPOS", []))
    return is_near and any(
        1 <= int(month) <= 12 and 1 <= abs(int(day)) <= _LONGEST_MONTHS[int(month) - 1]
        for month, day in product(months, days)
    )


def _counts(event: Any) -> bool:
    is_cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    return not (is_cancelled or is_free)


def _event(event: Any, zone: tzinfo) -> Event:
    begin, stop = event.start, event.end
    people = event.get("ATTENDEE", [])
    listed = people if isinstance(people, list) else [people]
    mails = (str(each).lower().removeprefix("mailto:") for each in listed)
    return Event(
        uid=str(event.get("UID", "")),
        starts_at=_moment(begin, zone),
        ends_at=_moment(stop, zone),
        summary=str(event.get("SUMMARY", "")),
        is_all_day=not isinstance(begin, datetime),
        emails=tuple(mail for mail in mails if "@" in mail),
    )


def _moment(value: date | datetime, zone: tzinfo) -> datetime:
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _say(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
