"""Rotations in plain sentences."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oncall.domain.absence import AbsencePolicy
from oncall.domain.pace import ActiveWindow, Count, Unit
from oncall.domain.schedule import HolidayPolicy, RotationVersion
from oncall.domain.wording import say_changes, say_order, say_rotation, say_windows

PLAIN = RotationVersion(
    effective_from=datetime(2026, 1, 1, tzinfo=UTC),
    anchor=datetime.fromisoformat("2026-01-05T09:00"),
    unit=Unit.WEEK,
    members=("A", "B", "C", "D"),
    concurrency=2,
)
BOTH = ("primary", "secondary")
OFFICE = tuple(ActiveWindow(day, 540, 1020) for day in range(5))
ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("version", "roles", "sentence"),
    [
        (
            PLAIN,
            BOTH,
            "Every week, hands over Monday 09:00 Europe/Berlin, primary and secondary "
            "from the same 4 people.",
        ),
        (
            replace(PLAIN, every=2, unit=Unit.DAY, concurrency=1),
            ("primary",),
            "Every 2 days, hands over at 09:00 Europe/Berlin, primary from 4 people.",
        ),
        (
            replace(PLAIN, unit=Unit.HOUR, every=12, members=("A", None)),
            BOTH,
            "Every 12 hours, counted from 09:00 Europe/Berlin, primary and secondary "
            "from the same 2 places.",
        ),
        (
            replace(PLAIN, unit=Unit.MONTH, members=(("A", "B"),)),
            ("primary",),
            "Every month, hands over on day 5 at 09:00 Europe/Berlin, primary always "
            "the same.",
        ),
        (
            replace(
                PLAIN,
                windows=OFFICE,
                count=Count.ACTIVE,
                holiday_policy=HolidayPolicy.SKIP,
                absence_policy=AbsencePolicy.NEXT,
                members=("A", "B", ("C", "D")),
            ),
            ("primary",),
            "Every week, hands over Monday 09:00 Europe/Berlin, primary from 3 places. "
            "Only Monday to Friday 09:00-17:00, and only such time counts. Not on "
            "holidays. The next person stands in for who is away.",
        ),
        (
            replace(PLAIN, windows=OFFICE[:1], members=("A", "A", "B")),
            ("primary",),
            "Every week, hands over Monday 09:00 Europe/Berlin, primary from 3 places. "
            "Only Monday 09:00-17:00.",
        ),
        (
            replace(PLAIN, members=(None,)),
            BOTH,
            "Nobody takes turns: the rotation is retired.",
        ),
    ],
)
def test_a_rotation_is_said_in_plain_sentences(version, roles, sentence):
    assert say_rotation(version, roles, ZONE) == sentence


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ((), "at all times"),
        (OFFICE, "Monday to Friday 09:00-17:00"),
        (
            (ActiveWindow(5, 1320, 1800), ActiveWindow(6, 1320, 1800)),
            "Saturday and Sunday 22:00-06:00 the next day",
        ),
        (
            (
                ActiveWindow(2, 0, 1440),
                ActiveWindow(0, 0, 1440),
                ActiveWindow(1, 0, 60),
            ),
            "Tuesday 00:00-01:00, Monday and Wednesday 00:00-24:00",
        ),
        ((ActiveWindow(4, 1020, 5280),), "Friday 17:00-16:00 3 days later"),
    ],
)
def test_hours_of_the_week_are_grouped(windows, words):
    assert say_windows(windows) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["nothing but the moment"]),
        ({"members": ("B", "C", "D", "A")}, ["nothing but the moment"]),
        ({"members": ("A", "C", "B", "D")}, ["the order is A → C → B → D"]),
        ({"members": ("A", "B", "C", "D", "E", "F")}, ["E and F join"]),
        ({"members": (("A", "E"), None)}, ["E joins", "B, C and D leave"]),
        ({"members": (None, None)}, ["retired: nobody takes turns any more"]),
        ({"every": 2}, ["every 2 weeks, hands over Monday 09:00"]),
        ({"concurrency": 1}, ["fills 1 at once, not 2"]),
        (
            {"windows": OFFICE, "count": Count.ACTIVE},
            ["on call Monday to Friday 09:00-17:00", "counts only active time"],
        ),
        ({"holiday_policy": HolidayPolicy.ONLY}, ["only on holidays"]),
        (
            {"absence_policy": AbsencePolicy.SKIP},
            ["the place of who is away stays empty"],
        ),
    ],
)
def test_what_an_edit_changes_is_said_in_words(changes, words):
    assert say_changes(PLAIN, replace(PLAIN, **changes), str) == words


def test_what_was_is_said_when_it_comes_back():
    busy = replace(PLAIN, windows=OFFICE, count=Count.ACTIVE)
    assert say_changes(busy, PLAIN, str) == [
        "on call at all times",
        "counts all time",
    ]
    first = say_changes(None, replace(PLAIN, members=("A", None, ("B", "C"))), str)
    assert first == ["begins with A → nobody → B and C"]


def test_a_planned_year_is_named_by_its_first_turns():
    days = ("A", "A", "B", "B", "B", "A")
    assert say_order(days, str) == "A → B → A"
    assert say_order(("A", "B") * 10, str).endswith("→ A → B → 8 more turns")
