"""Moments and lengths in words that fit a small space."""

from datetime import datetime, timedelta, tzinfo
from typing import Literal

MomentForm = Literal["short", "time", "date", "full"]

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def say_length(length: timedelta) -> str:
    """A length in at most two units: "550 ms", "1.2 s", "54 min", "2 h 5 min".

    The sign is dropped: a length has a size, the sentence around it a direction.
    """
    length = abs(length)
    if length < _MINUTE:
        return _say_seconds(length)
    if length < _HOUR:
        return f"{length // _MINUTE} min"
    if length < _DAY:
        return _say_two(length, _HOUR, "h", _MINUTE, "min")
    if length < 10 * _DAY:
        return _say_two(length, _DAY, "d", _HOUR, "h")
    return f"{length // _DAY} days"


def say_after(length: timedelta) -> str:
    """How long something took, behind a verb: "after 12 min"; "at once" for nothing."""
    return "at once" if abs(length) < _SECOND else f"after {say_length(length)}"


def say_distance(moment: datetime, now: datetime) -> str:
    """How far `moment` is from `now`, one unit: "in 54 min", "16 h ago", "now"."""
    ahead = moment > now
    words = _say_one(abs(moment - now))
    if not words:
        return "now"
    return f"in {words}" if ahead else f"{words} ago"


def say_moment(
    moment: datetime, zone: tzinfo, *, now: datetime | None, form: MomentForm = "short"
) -> str:
    """`moment` on the clock of `zone`.

    "short" says no more than `now` leaves open: "10:00" today, "Mon 09:00" within
    six days, "21 Nov 10:00" within the year, else with the year. "time" is the
    clock alone, "date" the day alone, "full" everything with the zone's name.
    """
    local = moment.astimezone(zone)
    clock = f"{local:%H:%M}"
    day = f"{local.day} {local:%b}"
    match form:
        case "time":
            return clock
        case "date":
            return f"{day} {local.year}"
        case "full":
            return f"{local:%a} {day} {local.year} {clock} {zone_name(zone)}"
    return " ".join(filter(None, (_say_day(local, now), clock)))


def zone_name(zone: tzinfo) -> str:
    """The name people know the zone by: "Europe/Berlin", "UTC"."""
    return str(getattr(zone, "key", None) or zone)


def _say_seconds(length: timedelta) -> str:
    if not length:
        return "0 s"
    if length < _SECOND:
        return f"{length / timedelta(milliseconds=1):.0f} ms"
    if length < 10 * _SECOND:
        return f"{length / _SECOND:.1f}".removesuffix(".0") + " s"
    return f"{length // _SECOND} s"


def _say_day(local: datetime, now: datetime | None) -> str:
    day = f"{local.day} {local:%b}"
    if now is None:
        return f"{day} {local.year}"
    today = now.astimezone(local.tzinfo).date()
    if local.date() == today:
        return ""
    if abs((local.date() - today).days) <= 6:
        return f"{local:%a}"
    return day if local.year == today.year else f"{day} {local.year}"


def _say_one(length: timedelta) -> str:
    if length < _MINUTE:
        return ""
    if length < _HOUR:
        return f"{length // _MINUTE} min"
    if length < 2 * _DAY:
        return f"{length // _HOUR} h"
    return f"{length // _DAY} days"


def _say_two(
    length: timedelta, large: timedelta, large_word: str, small: timedelta, word: str
) -> str:
    count, rest = divmod(length, large)
    some = rest // small
    return f"{count} {large_word} {some} {word}" if some else f"{count} {large_word}"
