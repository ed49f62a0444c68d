"""Faults to plant in the kernel, each in place of the function it is named after."""

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC

from oncall.domain import pace, places, rotation, schedule, walltime
from oncall.domain.walltime import DAY, WEEK, to_micros


def by_first_pass(naive, zone):
    return naive.replace(tzinfo=zone).astimezone(UTC)


def by_second_pass(naive, zone):
    return naive.replace(tzinfo=zone, fold=1).astimezone(UTC)


def by_later_of_both(naive, zone):
    return max(by_first_pass(naive, zone), by_second_pass(naive, zone))


def fold_instant(clock, wall):
    naive = walltime.from_wall_micros(wall)
    return to_micros(by_first_pass(naive, clock._zone))


def late_instant(clock, wall):
    naive = walltime.from_wall_micros(wall)
    return to_micros(by_second_pass(naive, clock._zone))


def forget_peak(self, at, row):
    starts, offsets, _ = self._block(at)
    until = starts[row + 1] if row + 1 < len(starts) else at + 1
    return starts[row], until, offsets[row]


def held_alone(*question, segments=rotation._segments):
    return (found for found in segments(*question) if found[1].user is not None)


def not_cut(spans, first, last):
    acting = [n for n, (low, high) in enumerate(spans) if low <= first < high]
    return {first: acting}


def join_by_last(lines, more):
    return more


def join_twice(lines, more):
    return [*lines, *more]


def join_all(self):
    roles = {role for each in self.layers for role in each.roles}
    same = [replace(each, priority=0) for each in self.layers]
    return {role: tuple(one for one in same if role in one.roles) for role in roles}


def replace_nobody(lines, override, role, correct=rotation._correct):
    if override.remove_user is None or override.takes_role:
        return correct(lines, override, role)
    return (
        correct(lines, replace(override, remove_user=None), role)
        if (override.add_user is not None)
        else correct(lines, override, role)
    )


def take_beside(lines, override, role, correct=rotation._correct):
    return correct(lines, replace(override, takes_role=False), role)


def add_to_all(lines, override, role, correct=rotation._correct):
    if override.takes_role or override.remove_user is None:
        return correct(lines, override, role)
    return correct([], replace(override, remove_user=None), role)


def end_acts(self):
    end = self.end if self.cancelled_at is None else min(self.end, self.cancelled_at)
    return to_micros(self.start), to_micros(end) + 1


def told_ahead(self):
    end = self.end if self.cancelled_at is None else min(self.end, self.cancelled_at)
    return to_micros(self.start), to_micros(end)


def never_cancelled(self):
    return to_micros(max(self.start, self.created_at)), to_micros(self.end)


def nobody_away(self):
    return ()


def fill_by(policy, instead):
    def fill(planned, away, chosen, members, turn, fill=places.fill_places):
        held = instead if chosen is policy else chosen
        return fill(planned, away, held, members, turn)

    return fill


def stand_in_anyway(planned, away, policy, members, turn):
    rest = [tuple(one for one in people if one not in away) for people in planned]
    free = [each for each in members if each is not None and each not in away]
    first = free[0] if free else ()
    people = first if isinstance(first, tuple) else (first,)
    return [
        people if was and not now and policy == "next" and free else now
        for was, now in zip(planned, rest, strict=True)
    ]


def whole_group_leaves(people, away):
    return () if away.intersection(people) else people


def empty_slots_are_filled(planned, away, policy, members, turn):
    filled = [people or ("nobody",) for people in planned]
    gone = away | {"nobody"}
    return places.fill_places(filled, gone, policy, members, turn)


def from_the_top(members, turn, order_from=places._order_from):
    return order_from(members, 0)


def same_person_twice(members, turn, count):
    order = [*places._order_from(members, turn)]
    return order[:count]


def day_after(self):
    first = walltime.WALL_EPOCH.date()
    return frozenset((day - first).days + 1 for day in self.holidays)


def only_like_skip(self, reach, holidays):
    on_holiday = reach // DAY in holidays
    ignores = self.holiday_policy is schedule.HolidayPolicy.IGNORE
    return (ignores or not on_holiday) and self.hours.is_open(reach)


def on_any_day(self, reach, holidays):
    return self.hours.is_open(reach)


def one_turn_ahead(self, turn, away=frozenset(), slot=schedule.RotationVersion.slot):
    return slot(self, turn + 1, away)


def roles_turned(self, slot, line_up=schedule.Rotation._line_up):
    return line_up(replace(self, roles=self.roles[::-1]), slot)


def first_written_holds(self):
    newest_first = self.versions[::-1]
    ordered = sorted(newest_first, key=lambda version: version.effective_from)
    starts = [to_micros(version.effective_from) for version in ordered]
    return tuple(zip(starts, [*starts[1:], 10**20], ordered, strict=True))


def start_left_out(self, low, high):
    for turn in range(self.turn_at(low) + 1, self.turn_at(high)):
        yield self.start_of(turn)


def turn_towards_zero(self, wall):
    return int((wall - self._anchor) / self._length)


def drifting_months(self, turn):
    start = walltime.from_wall_micros(self._time)
    month = self._month + turn * self._every
    day = min(self._day, 28)
    return walltime.wall_micros(start.replace(month // 12, month % 12 + 1, day))


def end_included(self, wall):
    inside = (wall + 3 * DAY) % WEEK
    return self._always or bisect_left(self._edges, inside) % 2 == 1


def without_cancelling(self):
    return to_micros(self.start), to_micros(self.end)


def era_too_late(self):
    return tuple(start + 1 for start, _, _ in self.eras)


def lowest_first(self):
    return tuple(sorted(self.rotations, key=lambda one: one.priority))


def newest_first(self):
    return tuple(sorted(self.overrides, key=lambda one: one.created_at, reverse=True))


def no_edges(self, low, high):
    return iter(())


def active_like_calendar(anchor, unit, every, hours):
    length = pace.UNIT_LENGTHS.get(unit)
    if length is None:
        return pace.MonthPace(anchor, every)
    return pace.EvenPace(anchor, length * every)
