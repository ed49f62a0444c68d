"""Writing calendars as text (RFC 5545, RFC 7986)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_MOST_OCTETS = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event, from start until before end; both aware."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    url: str
    changed_at: datetime
    sequence: int = 0
    is_cancelled: bool = False


def write_calendar(
    name: str, events: Iterable[CalendarEvent], *, alarm_minutes: int | None = None
) -> str:
    """Return the calendar as a file that programs read again every hour.

    With `alarm_minutes` each coming event rings so many minutes before.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//opsportal//on call//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        _fold(f"NAME:{_escape(name)}"),
        _fold(f"X-WR-CALNAME:{_escape(name)}"),
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    for event in events:
        lines += _write_event(event, alarm_minutes)
    lines += ["END:VCALENDAR", ""]
    return "\r\n".join(lines)


def _write_event(event: CalendarEvent, alarm_minutes: int | None) -> list[str]:
    changed = _moment(event.changed_at)
    lines = [
        "BEGIN:VEVENT",
        _fold(f"UID:{event.uid}"),
        f"DTSTAMP:{changed}",
        f"LAST-MODIFIED:{changed}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        # Being on call does not keep from meeting others.
        "TRANSP:TRANSPARENT",
        f"DTSTART:{_moment(event.start)}",
        f"DTEND:{_moment(event.end)}",
        _fold(f"SUMMARY:{_escape(event.summary)}"),
        _fold(f"URL:{event.url}"),
    ]
    if alarm_minutes is not None and not event.is_cancelled:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            _fold(f"DESCRIPTION:{_escape(event.summary)}"),
            f"TRIGGER:-PT{alarm_minutes}M",
            "END:VALARM",
        ]
    return [*lines, "END:VEVENT"]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _fold(line: str) -> str:
    """Break a line after at most 75 octets, never within a character."""
    if len(line) * 4 <= _MOST_OCTETS or len(line.encode()) <= _MOST_OCTETS:
        return line
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _MOST_OCTETS:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n".join(parts)
