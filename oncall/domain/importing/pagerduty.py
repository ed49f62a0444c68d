"""A schedule as the REST API of PagerDuty gives it, with its layers."""

import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from oncall.domain.importing.plan import (
    ImportedRotation,
    ImportedSchedule,
    ImportedShift,
    People,
    split_turn,
    windows_from,
)
from oncall.domain.importing.reading import Node, wall_of
from oncall.domain.pace import ActiveWindow

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:[0-5]\d)?")


def read(root: Node) -> list[ImportedSchedule]:
    """Return the schedules of `{"schedule": ...}`, `{"schedules": [...]}` or one bare.

    Raises ImportFault.
    """
    if root.has("schedules"):
        found = [_schedule(each) for each in root.at("schedules").items()]
        if not found:
            raise root.at("schedules").fault("is empty.")
        return found
    return [_schedule(root.at("schedule") if root.has("schedule") else root)]


def _schedule(node: Node) -> ImportedSchedule:
    zone, people = node.at("time_zone").zone(), People()
    layers = list(node.at("schedule_layers").items())
    if not layers:
        raise node.at("schedule_layers").fault("is empty: there is nobody in it.")
    notes = [
        f"“{layer.at('name').text('Layer')}” has ended and is left out."
        for layer in layers
        if layer.has("end")
    ]
    lasting = [layer for layer in layers if not layer.has("end")]
    rotations = [
        _layer(layer, number, zone, people) for number, layer in enumerate(lasting)
    ]
    return ImportedSchedule(
        name=node.at("name").text(),
        time_zone=zone.key,
        rotations=tuple(rotations),
        shifts=tuple(_shifts(node, zone, people)),
        people=people.list(),
        notes=(*notes, "Of layers that meet, the later in the file has the last word."),
    )


def _layer(
    layer: Node, number: int, zone: ZoneInfo, people: People
) -> ImportedRotation:
    length = layer.at("rotation_turn_length_seconds")
    turn = split_turn(timedelta(seconds=length.number(low=1)))
    if turn is None:
        raise length.fault("is no whole number of hours.")
    start = "rotation_virtual_start" if layer.has("rotation_virtual_start") else "start"
    members = [(_user(each.at("user"), people),) for each in layer.at("users").items()]
    if not members:
        raise layer.at("users").fault("is empty: there is nobody in it.")
    return ImportedRotation(
        name=layer.at("name").text(f"Layer {number + 1}"),
        anchor=wall_of(layer.at(start).moment(zone), zone),
        unit=turn[0],
        every=turn[1],
        members=tuple(members),
        windows=tuple(
            window
            for each in layer.at("restrictions").items()
            for window in _windows(each)
        ),
        priority=number,
    )


def _windows(node: Node) -> tuple[ActiveWindow, ...]:
    clock = _CLOCK.fullmatch(node.at("start_time_of_day").text())
    if clock is None:
        raise node.at("start_time_of_day").fault("is not a time such as 08:00:00.")
    minutes = node.at("duration_seconds").number(low=60) // 60
    is_weekly = node.at("type").text() == "weekly_restriction"
    first = node.at("start_day_of_week").number(low=1) if is_weekly else 1
    longest = (7 if is_weekly else 1) * 24 * 60
    if first > 7 or minutes > longest:
        raise node.fault("is longer than its period, or begins on no day of the week.")
    days = (first - 1,) if is_weekly else range(7)
    return windows_from(days, int(clock[1]) * 60 + int(clock[2]), minutes)


def _shifts(node: Node, zone: ZoneInfo, people: People) -> Iterator[ImportedShift]:
    if not node.has("overrides_subschedule"):
        return
    listed = node.at("overrides_subschedule").at("rendered_schedule_entries")
    for each in listed.items():
        yield ImportedShift(
            _user(each.at("user"), people),
            each.at("start").moment(zone),
            each.at("end").moment(zone),
        )


def _user(node: Node, people: People) -> str:
    name = node.at("summary").text("") or node.at("name").text("")
    return people.add(node.at("id").text(), name, node.at("email").text(""))
