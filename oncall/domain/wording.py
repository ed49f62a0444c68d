"""A rotation, and what changes in it, in plain sentences."""

from collections.abc import Callable
from itertools import groupby

from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.plan import WEEKDAYS
from oncall.domain.schedule import HolidayPolicy, Member, PersonId, RotationVersion

Names = Callable[[PersonId], str]
NOBODY = "nobody"
# A planned year is long: the first turns show how it goes.
MOST_NAMED = 12
_MINUTES_A_DAY = 1440
_DAYS = {
    (0, 1, 2, 3, 4, 5, 6): "every day",
    (0, 1, 2, 3, 4): "Monday to Friday",
    (5, 6): "Saturday and Sunday",
}
_HOLIDAYS = {
    HolidayPolicy.IGNORE: "also on holidays",
    HolidayPolicy.SKIP: "not on holidays",
    HolidayPolicy.ONLY: "only on holidays",
}
_ABSENCES = {
    AbsencePolicy.WARN: "who is away stays on call, with a warning",
    AbsencePolicy.SKIP: "the place of who is away stays empty",
    AbsencePolicy.NEXT: "the next person stands in for who is away",
}


def say_rotation(version: RotationVersion, roles: tuple[str, ...], zone: str) -> str:
    """Say in a few sentences how a version runs; `roles` are those that it fills."""
    if is_over(version):
        return "Nobody takes turns: the rotation is retired."
    count = len(version.members)
    people = f"{count} people" if _is_people(version) else f"{count} places"
    filled = f"{_list(roles)} from the same {people}"
    if len(roles) == 1:
        filled = f"{roles[0]} from {people}"
    if count == 1:
        filled = f"{_list(roles)} always the same"
    sentences = [f"{say_cadence(version)} {zone}, {filled}."]
    if version.windows:
        hours = f"Only {say_windows(version.windows)}"
        turns = ", and only such time counts" if version.count is Count.ACTIVE else ""
        sentences.append(f"{hours}{turns}.")
    if version.holiday_policy is not HolidayPolicy.IGNORE:
        sentences.append(f"{_upper(_HOLIDAYS[version.holiday_policy])}.")
    if version.absence_policy is not AbsencePolicy.WARN:
        sentences.append(f"{_upper(_ABSENCES[version.absence_policy])}.")
    return " ".join(sentences)


def say_changes(
    before: RotationVersion | None, after: RotationVersion, name: Names
) -> list[str]:
    """Say what one version changes of another, each thing in a few words."""
    if before is None:
        return [f"begins with {say_order(after.members, name)}"]
    if is_over(after):
        return ["retired: nobody takes turns any more"]
    found = _say_people(before, after, name) + _say_times(before, after)
    if before.holiday_policy is not after.holiday_policy:
        found.append(_HOLIDAYS[after.holiday_policy])
    if before.absence_policy is not after.absence_policy:
        found.append(_ABSENCES[after.absence_policy])
    return found or ["nothing but the moment"]


def say_cadence(version: RotationVersion) -> str:
    """Say how long a turn lasts, and when it ends: "Every week, hands over Monday…"."""
    unit, every, anchor = version.unit, version.every, version.anchor
    turn = f"Every {unit}" if every == 1 else f"Every {every} {unit}s"
    clock = f"{anchor:%H:%M}"
    if unit is Unit.HOUR:
        return f"{turn}, counted from {clock}"
    if unit is Unit.WEEK:
        return f"{turn}, hands over {WEEKDAYS[anchor.weekday()]} {clock}"
    if unit is Unit.MONTH:
        return f"{turn}, hands over on day {anchor.day} at {clock}"
    return f"{turn}, hands over at {clock}"


def say_order(members: tuple[Member, ...], name: Names) -> str:
    """Name the members in their order, once for turns in a row; of many the first."""
    turns = [say_member(member, name) for member, _ in groupby(members)]
    shown = turns if len(turns) <= MOST_NAMED else turns[:MOST_NAMED]
    rest = len(turns) - len(shown)
    return " → ".join([*shown, f"{rest} more turns"] if rest else shown)


def say_member(member: Member, name: Names) -> str:
    """Name a person, the people of a group, or nobody."""
    if member is None:
        return NOBODY
    if isinstance(member, tuple):
        return " and ".join(name(each) for each in member)
    return name(member)


def say_windows(windows: tuple[ActiveWindow, ...]) -> str:
    """Say weekly hours: "Monday to Friday 09:00-17:00"; without any, "at all times"."""
    if not windows:
        return "at all times"

    def hours(window: ActiveWindow) -> tuple[int, int]:
        return window.start_minute, window.end_minute

    return ", ".join(
        f"{_say_days(sorted(each.weekday for each in some))} {_say_hours(*span)}"
        for span, some in groupby(sorted(windows, key=hours), key=hours)
    )


def is_over(version: RotationVersion) -> bool:
    """Say whether the version puts nobody on call: the rotation is retired."""
    return all(member is None for member in version.members)


def _say_people(
    before: RotationVersion, after: RotationVersion, name: Names
) -> list[str]:
    old, new = _people(before), _people(after)
    found = []
    if joined := [name(each) for each in new if each not in old]:
        found.append(f"{_list(joined)} {_verb(joined, 'join')}")
    if left := [name(each) for each in old if each not in new]:
        found.append(f"{_list(left)} {_verb(left, 'leave')}")
    if not found and not _is_turned(before.members, after.members):
        found.append(f"the order is {say_order(after.members, name)}")
    return found


def _say_times(before: RotationVersion, after: RotationVersion) -> list[str]:
    found = []
    if _cadence(before) != _cadence(after):
        found.append(_lower(say_cadence(after)))
    if before.concurrency != after.concurrency:
        found.append(f"fills {after.concurrency} at once, not {before.concurrency}")
    if before.windows != after.windows:
        found.append(f"on call {say_windows(after.windows)}")
    if before.count is not after.count:
        counts = after.count is Count.ACTIVE
        found.append(f"counts {'only active' if counts else 'all'} time")
    return found


def _people(version: RotationVersion) -> list[PersonId]:
    found: dict[PersonId, None] = {}
    for member in version.members:
        people = member if isinstance(member, tuple) else (member,)
        found |= dict.fromkeys(each for each in people if each is not None)
    return list(found)


def _is_turned(one: tuple[Member, ...], other: tuple[Member, ...]) -> bool:
    """Say whether two orders are the same circle."""
    circles = [one[place:] + one[:place] for place in range(len(one))]
    return other in circles


def _is_people(version: RotationVersion) -> bool:
    plain = [each for each in version.members if not isinstance(each, tuple)]
    return (
        len(plain) == len(set(plain)) == len(version.members)
        and None not in version.members
    )


def _cadence(version: RotationVersion) -> tuple[object, ...]:
    anchor = version.anchor
    day = {Unit.WEEK: anchor.weekday(), Unit.MONTH: anchor.day}.get(version.unit)
    return version.unit, version.every, day, anchor.time()


def _say_days(days: list[int]) -> str:
    return _DAYS.get(tuple(days)) or _list([WEEKDAYS[day] for day in days])


def _say_hours(start: int, end: int) -> str:
    days = (end - 1) // _MINUTES_A_DAY
    after = {0: "", 1: " the next day"}.get(days, f" {days} days later")
    return f"{_clock(start)}-{_clock(end - days * _MINUTES_A_DAY)}{after}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _list(words: list[str] | tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _verb(who: list[str], verb: str) -> str:
    return verb if len(who) > 1 else f"{verb}s"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
