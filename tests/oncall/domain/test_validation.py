from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from oncall.domain.absence import Absence
from oncall.domain.pace import ActiveWindow
from oncall.domain.schedule import ScheduleError
from oncall.domain.validation import find_zone, validate
from tests.oncall.domain.strategies import MEMBERS, a_weekly_schedule, an_override

AT = datetime(2026, 1, 6, tzinfo=UTC)
NAIVE = AT.replace(tzinfo=None)


def with_version(**changes):
    schedule = a_weekly_schedule()
    (rotation,) = schedule.rotations
    roles = changes.pop("roles", rotation.roles)
    versions = (replace(rotation.versions[0], **changes),)
    return replace(
        schedule, rotations=(replace(rotation, versions=versions, roles=roles),)
    )


def with_override(**changes):
    fields = {"start": AT, "end": AT + timedelta(hours=1), "add_user": "X"} | changes
    return a_weekly_schedule(overrides=(an_override(**fields),))


def with_absence(**changes):
    fields = {"start": AT, "end": AT + timedelta(hours=1), "created_at": AT} | changes
    return replace(a_weekly_schedule(), absences=(Absence("A", **fields),))


@pytest.mark.parametrize(
    "schedule",
    [
        a_weekly_schedule(holidays=frozenset({date(2026, 5, 1)})),
        with_version(windows=(ActiveWindow(6, 1439, 1439 + 10_080),)),
        with_version(concurrency=2, roles=("primary", "secondary")),
        with_version(concurrency=2, members=("A", "A", "B", ("B", "C"))),
        with_version(members=(None,)),
        *(with_version(members=members) for members in MEMBERS),
        with_override(),
        with_override(remove_user="A", role=None),
        with_override(takes_role=True, cancelled_at=AT),
        with_absence(cancelled_at=AT),
    ],
)
def test_what_works_is_let_through(schedule):
    validate(schedule)


@pytest.mark.parametrize(
    ("schedule", "field", "remedy"),
    [
        (replace(a_weekly_schedule(), zone=UTC), "zone", "find_zone"),
        (
            replace(a_weekly_schedule(), zone=timezone(timedelta(hours=1))),
            "zone",
            "IANA",
        ),
        (a_weekly_schedule(holidays=frozenset({AT})), "holidays", "without a time"),
        (
            replace(a_weekly_schedule(), rotations=a_weekly_schedule().rotations * 2),
            "rotations",
            "its own",
        ),
        (with_version(roles=()), "roles", "Name the role"),
        (with_version(roles=("",)), "roles", "Name the role"),
        (with_version(roles=("primary", "primary")), "roles", "its own"),
        (
            replace(
                a_weekly_schedule(),
                rotations=(replace(a_weekly_schedule().rotations[0], versions=()),),
            ),
            "versions",
            "first version",
        ),
        (with_version(effective_from=NAIVE), "effective_from", "aware UTC"),
        (with_version(anchor=AT), "anchor", "wall time alone"),
        (with_version(anchor=NAIVE.replace(year=1969)), "anchor", "1970 to 2199"),
        (with_version(every=0), "every", "Choose 1"),
        (with_version(every=-3), "every", "Choose 1"),
        (with_version(every=367), "every", "366"),
        (with_version(members=()), "members", "one empty slot"),
        (with_version(concurrency=0), "concurrency", "Set it to 1"),
        (with_version(roles=("primary", "secondary")), "concurrency", "Set it to 2"),
        (with_version(concurrency=4), "concurrency", "Add members"),
        (
            with_version(concurrency=2, members=("A", "A")),
            "members",
            "Add members",
        ),
        (
            with_version(concurrency=2, members=("A", ("B", "A"))),
            "members",
            "Add members",
        ),
        (with_version(members=(("A", "A"),)), "members", "twice"),
        (with_absence(start=NAIVE), "start", "aware UTC"),
        (with_absence(end=NAIVE), "end", "aware UTC"),
        (with_absence(created_at=NAIVE), "created_at", "aware UTC"),
        (with_absence(cancelled_at=NAIVE), "cancelled_at", "aware UTC"),
        (with_absence(end=AT), "end", "later end"),
        (with_version(windows=(ActiveWindow(7, 0, 60),)), "windows", "Monday"),
        (with_version(windows=(ActiveWindow(0, 1440, 1500),)), "windows", "0 to 1439"),
        (with_version(windows=(ActiveWindow(0, 60, 60),)), "windows", "add 1440"),
        (with_version(windows=(ActiveWindow(0, 60, 30),)), "windows", "add 1440"),
        (with_version(windows=(ActiveWindow(0, 0, 10_081),)), "windows", "Shorten"),
        (with_override(start=NAIVE), "start", "aware UTC"),
        (with_override(end=NAIVE), "end", "aware UTC"),
        (with_override(created_at=NAIVE), "created_at", "aware UTC"),
        (with_override(cancelled_at=NAIVE), "cancelled_at", "aware UTC"),
        (with_override(end=AT), "end", "later end"),
        (with_override(add_user=None), "add_user", "who comes in"),
        (with_override(add_user=None, takes_role=True), "add_user", "who takes"),
        (with_override(remove_user="X"), "add_user", "two people"),
        (with_override(role=None), "role", "Choose the role"),
        (
            with_override(role=None, remove_user="A", takes_role=True),
            "role",
            "Choose the role",
        ),
    ],
)
def test_what_cannot_work_names_the_field_and_the_remedy(schedule, field, remedy):
    with pytest.raises(ScheduleError, match=remedy) as caught:
        validate(schedule)
    assert caught.value.field == field
    assert remedy in caught.value.message


def test_an_override_in_the_repeated_hour_ends_after_it_starts():
    zone = ZoneInfo("Europe/Warsaw")
    start = datetime(2026, 10, 25, 2, 45, tzinfo=zone)
    end = datetime(2026, 10, 25, 2, 15, tzinfo=zone, fold=1)
    validate(with_override(start=start, end=end))


def test_zones_are_found_by_their_iana_name():
    assert find_zone("Europe/Warsaw") == ZoneInfo("Europe/Warsaw")
    for name in ("Mars/Olympus", "", "/etc/passwd", "../x", "Europe"):
        with pytest.raises(ScheduleError, match="Europe/Warsaw"):
            find_zone(name)
