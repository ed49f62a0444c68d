"""A schedule as the REST API of Opsgenie gives it, with its rotations."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from oncall.domain.importing.plan import (
    ImportedRotation,
    ImportedSchedule,
    People,
    windows_from,
)
from oncall.domain.importing.reading import Node, wall_of
from oncall.domain.pace import ActiveWindow, Unit

_UNITS = {"weekly": Unit.WEEK, "daily": Unit.DAY, "hourly": Unit.HOUR}
_DAYS = (
    *("monday", "tuesday", "wednesday", "thursday"),
    *("friday", "saturday", "sunday"),
)
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES


def read(root: Node) -> list[ImportedSchedule]:
    """Return the schedules of `{"data": ...}`, one or a list, or of one bare.

    Raises ImportFault.
    """
    node = root.at("data") if root.has("data") else root
    if isinstance(node.value, list):
        if not node.value:
            raise node.fault("is empty.")
        return [_schedule(each) for each in node.items()]
    return [_schedule(node)]


def _schedule(node: Node) -> ImportedSchedule:
    zone, people = node.at("timezone").zone(), People()
    rotations = list(node.at("rotations").items())
    if not rotations:
        raise node.at("rotations").fault("is empty: there is nobody in it.")
    notes: list[str] = []
    kept = []
    for number, each in enumerate(rotations):
        name = each.at("name").text(f"Rotation {number + 1}")
        if each.has("endDate"):
            notes.append(f"“{name}” ends on a date and is left out.")
            continue
        kept.append(_rotation(each, name, zone, people, notes))
    return ImportedSchedule(
        name=node.at("name").text(),
        time_zone=zone.key,
        rotations=tuple(kept),
        people=people.list(),
        notes=(*notes, "Rotations that meet are on call together, as they were."),
    )


def _rotation(
    node: Node, name: str, zone: ZoneInfo, people: People, notes: list[str]
) -> ImportedRotation:
    unit = _UNITS.get(node.at("type").text().lower())
    if unit is None:
        raise node.at("type").fault("is not weekly, daily or hourly.")
    members = [_member(each, people, notes) for each in node.at("participants").items()]
    if not members:
        raise node.at("participants").fault("is empty: there is nobody in it.")
    return ImportedRotation(
        name=name,
        anchor=wall_of(node.at("startDate").moment(zone), zone),
        unit=unit,
        every=node.at("length").number(1, low=1),
        members=tuple(members),
        windows=tuple(_windows(node)),
    )


def _member(node: Node, people: People, notes: list[str]) -> tuple[str, ...]:
    kind = node.at("type").text()
    if kind == "user":
        name = node.at("username").text("") or node.at("id").text()
        return (people.add(name, name, name if "@" in name else ""),)
    if kind != "none":
        notes.append(f"A turn of a {kind} becomes an empty slot.")
    return ()


def _windows(node: Node) -> Iterator[ActiveWindow]:
    if not node.has("timeRestriction"):
        return
    limits = node.at("timeRestriction")
    kind = limits.at("type").text()
    if kind == "time-of-day":
        one = limits.at("restriction")
        start, end = _minute(one, "start"), _minute(one, "end")
        yield from windows_from(range(7), start, (end - start - 1) % _DAY_MINUTES + 1)
        return
    if kind != "weekday-and-time-of-day":
        raise limits.at("type").fault("is no restriction that is known.")
    for each in limits.at("restrictions").items():
        first, last = _day(each.at("startDay")), _day(each.at("endDay"))
        start = first * _DAY_MINUTES + _minute(each, "start")
        end = last * _DAY_MINUTES + _minute(each, "end")
        length = (end - start - 1) % _WEEK_MINUTES + 1
        yield from windows_from((first,), start % _DAY_MINUTES, length)


def _day(node: Node) -> int:
    name = node.text().lower()
    if name not in _DAYS:
        raise node.fault("is not a day of the week.")
    return _DAYS.index(name)


def _minute(node: Node, name: str) -> int:
    hour, minute = node.at(f"{name}Hour"), node.at(f"{name}Min")
    if hour.number() > 24 or minute.number(0) > 59:
        raise hour.fault("is not a time of day.")
    return (hour.number() * 60 + minute.number(0)) % _DAY_MINUTES
