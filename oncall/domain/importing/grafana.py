"""Schedules of Grafana OnCall: its API's schedules, on_call_shifts and users."""

from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from oncall.domain.importing.plan import (
    ImportedRotation,
    ImportedSchedule,
    ImportedShift,
    People,
    windows_from,
)
from oncall.domain.importing.reading import Node, minutes_of, wall_of
from oncall.domain.pace import ActiveWindow, Unit

_UNITS = {
    "hourly": Unit.HOUR,
    "daily": Unit.DAY,
    "weekly": Unit.WEEK,
    "monthly": Unit.MONTH,
}
_LENGTHS = {
    Unit.HOUR: timedelta(hours=1),
    Unit.DAY: timedelta(days=1),
    Unit.WEEK: timedelta(weeks=1),
    Unit.MONTH: timedelta(days=28),
}
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK_MINUTES = 7 * 24 * 60


@dataclass(slots=True)
class _Reading:
    """What comes together while one schedule is read."""

    users: dict[str, Node]
    zone: ZoneInfo
    people: People = field(default_factory=People)
    rotations: list[ImportedRotation] = field(default_factory=list)
    shifts: list[ImportedShift] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(root: Node) -> list[ImportedSchedule]:
    """Return the schedules of `{"schedules": [], "on_call_shifts": [], "users": []}`.

    Each list may also be a page of the API, `{"results": []}`. Raises ImportFault.
    """
    schedules = list(_page(root.at("schedules")).items())
    if not schedules:
        raise root.at("schedules").fault("is empty.")
    shifts = {s.at("id").text(): s for s in _page(root.at("on_call_shifts")).items()}
    users = {u.at("id").text(): u for u in _page(root.at("users")).items()}
    return [_schedule(each, shifts, users) for each in schedules]


def _page(node: Node) -> Node:
    return node.at("results") if node.has("results") else node


def _schedule(
    node: Node, shifts: dict[str, Node], users: dict[str, Node]
) -> ImportedSchedule:
    reading = _Reading(users, node.at("time_zone").zone())
    for each in node.at("shifts").items():
        shift = shifts.get(each.text())
        if shift is None:
            raise each.fault("names no shift of on_call_shifts.")
        _shift(shift, reading)
    if node.has("ical_url_primary"):
        reading.notes.append("Its calendar from an iCal address is not carried over.")
    if not reading.rotations and not reading.shifts:
        raise node.at("shifts").fault("is empty: there is nobody in it.")
    return ImportedSchedule(
        name=node.at("name").text(),
        time_zone=reading.zone.key,
        people=reading.people.list(),
        rotations=tuple(reading.rotations),
        shifts=tuple(reading.shifts),
        notes=tuple(dict.fromkeys(reading.notes)),
    )


def _shift(node: Node, reading: _Reading) -> None:
    kind = node.at("type").text()
    if kind in {"single_event", "override"}:
        _single(node, reading)
    elif kind in {"recurrent_event", "rolling_users"}:
        reading.rotations.append(
            _rotation(node, reading, rolls=kind == "rolling_users")
        )
    else:
        raise node.at("type").fault("is no kind of shift that is known.")


def _single(node: Node, reading: _Reading) -> None:
    start = node.at("start").moment(_zone(node, reading))
    end = start + _duration(node)
    for each in node.at("users").items():
        reading.shifts.append(ImportedShift(_user(each, reading), start, end))


def _rotation(node: Node, reading: _Reading, *, rolls: bool) -> ImportedRotation:
    unit = _UNITS.get(node.at("frequency").text())
    if unit is None:
        raise node.at("frequency").fault("is not hourly, daily, weekly or monthly.")
    name = node.at("name").text("Shift")
    if node.has("until"):
        reading.notes.append(
            f"The end of “{name}” is not carried over: end it by hand."
        )
    members = _members(node, reading, rolls=rolls)
    start = node.at("start").moment(_zone(node, reading))
    return ImportedRotation(
        name=name,
        anchor=wall_of(start, reading.zone),
        unit=unit,
        every=node.at("interval").number(1, low=1),
        members=members,
        windows=_windows(node, unit, reading, name),
        priority=node.at("level").number(0),
    )


def _members(
    node: Node, reading: _Reading, *, rolls: bool
) -> tuple[tuple[str, ...], ...]:
    if not rolls:
        return (tuple(_user(each, reading) for each in node.at("users").items()),)
    groups = [
        tuple(_user(each, reading) for each in group.items())
        for group in node.at("rolling_users").items()
    ]
    if not groups:
        raise node.at("rolling_users").fault("is empty: there is nobody in it.")
    first = node.at("start_rotation_from_user_index").number(0) % len(groups)
    return (*groups[first:], *groups[:first])


def _windows(
    node: Node, unit: Unit, reading: _Reading, name: str
) -> tuple[ActiveWindow, ...]:
    """Return the hours of each turn in which it serves; all of it needs none."""
    length, days = _duration(node), [_day(each) for each in node.at("by_day").items()]
    whole = _LENGTHS[unit] * node.at("interval").number(1, low=1)
    if not days and length >= whole:
        return ()
    if unit in {Unit.HOUR, Unit.MONTH}:
        reading.notes.append(f"“{name}” serves its whole turns: its hours are lost.")
        return ()
    wall = wall_of(node.at("start").moment(_zone(node, reading)), reading.zone)
    minutes = min(minutes_of(length), _WEEK_MINUTES)
    every_day = range(7) if unit is Unit.DAY else (wall.weekday(),)
    return windows_from(days or every_day, wall.hour * 60 + wall.minute, minutes)


def _duration(node: Node) -> timedelta:
    return timedelta(seconds=node.at("duration").number(low=60))


def _zone(node: Node, reading: _Reading) -> ZoneInfo:
    return node.at("time_zone").zone() if node.has("time_zone") else reading.zone


def _day(node: Node) -> int:
    name = node.text().upper()
    if name not in _DAYS:
        raise node.fault("is not a day such as MO.")
    return _DAYS.index(name)


def _user(node: Node, reading: _Reading) -> str:
    key = node.text()
    known = reading.users.get(key)
    if known is None:
        return reading.people.add(key)
    name = known.at("name").text("") or known.at("username").text("")
    return reading.people.add(key, name, known.at("email").text(""))
