from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.reminder_ladder import (
    DEFAULT_LADDER,
    Audience,
    LadderError,
    Rung,
)
from checklists.domain.reminders import (
    Digest,
    QuietHours,
    Reminder,
    Reminding,
    RungDue,
    due_rung,
    group_digests,
    next_reminder_at,
    quiet_until,
)
from tests.checklists.domain.calendars import HOUR, at, draw_moment, times, zones

MINUTE = HOUR / 60
BEFORE, AT_DUE, AFTER = DEFAULT_LADDER
DUE = at("2025-11-03 10:00")
URGENT = Rung(45 * MINUTE, (Audience.MANAGER,), ignores_quiet_hours=True)
MORNING = QuietHours(time(9), time(11), ZoneInfo("UTC"))


def make_reminding(**fields):
    return Reminding(
        **{
            "ladder": DEFAULT_LADDER,
            "opens_at": DUE - 2 * HOUR,
            "due_at": DUE,
            "closes_at": DUE + 8 * HOUR,
            **fields,
        }
    )


@pytest.mark.parametrize(
    ("sent", "now", "found"),
    [
        (set(), "09:29", RungDue(None, 0)),
        (set(), "09:30", RungDue(BEFORE, 0)),
        ({"before 30m"}, "09:45", RungDue(None, 0)),
        ({"before 30m"}, "10:00", RungDue(AT_DUE, 0)),
        (set(), "10:00", RungDue(AT_DUE, 1)),
        (set(), "15:00", RungDue(AFTER, 2)),
        ({"before 30m"}, "15:00", RungDue(AFTER, 1)),
        ({"at due"}, "10:15", RungDue(None, 0)),
        ({"after 30m"}, "15:00", RungDue(None, 0)),
        (set(), "18:00", RungDue(None, 0)),
        # The ladder was edited: what was sent is no rung of it any more.
        ({"after 10m"}, "10:15", RungDue(None, 0)),
        ({"after 10m"}, "10:30", RungDue(AFTER, 0)),
    ],
)
def test_only_the_highest_rung_due_goes_out(sent, now, found):
    assert due_rung(make_reminding(sent=sent), at(f"2025-11-03 {now}")) == found


def test_a_rung_before_the_opening_goes_out_at_the_opening():
    reminding = make_reminding(opens_at=DUE - 10 * MINUTE)
    assert next_reminder_at(reminding, DUE - HOUR) == DUE - 10 * MINUTE
    assert due_rung(reminding, DUE - 11 * MINUTE).rung is None
    assert due_rung(reminding, DUE - 10 * MINUTE).rung == BEFORE


def test_quiet_hours_hold_a_reminder_back_to_their_end():
    reminding = make_reminding(quiet=MORNING)
    assert due_rung(reminding, DUE).rung is None
    assert next_reminder_at(reminding, DUE) == at("2025-11-03 11:00")
    assert due_rung(reminding, at("2025-11-03 11:00")) == RungDue(AFTER, 2)


def test_a_high_rung_may_ignore_quiet_hours():
    reminding = make_reminding(quiet=MORNING, ladder=(*DEFAULT_LADDER, URGENT))
    assert next_reminder_at(reminding, DUE) == DUE + 45 * MINUTE
    assert due_rung(reminding, DUE + 45 * MINUTE) == RungDue(URGENT, 3)


def test_a_rung_that_ignores_quiet_hours_passes_a_higher_one_that_waits():
    loud = Rung(timedelta(), (Audience.ASSIGNEE,), ignores_quiet_hours=True)
    reminding = make_reminding(quiet=MORNING, ladder=(BEFORE, loud, AFTER))
    assert due_rung(reminding, DUE + HOUR / 2) == RungDue(loud, 1)


def test_no_reminder_is_planned_past_the_closing():
    quiet = QuietHours(time(9), time(20), ZoneInfo("UTC"))
    assert next_reminder_at(make_reminding(quiet=quiet), DUE) is None
    assert next_reminder_at(make_reminding(sent={"after 30m"}), DUE) is None


@pytest.mark.parametrize(
    ("start", "end", "moment", "until"),
    [
        ("22:00", "07:00", "2025-11-03 22:00", "2025-11-04 07:00"),
        ("22:00", "07:00", "2025-11-04 06:59", "2025-11-04 07:00"),
        ("22:00", "07:00", "2025-11-04 07:00", None),
        ("22:00", "07:00", "2025-11-04 12:00", None),
        ("12:00", "13:00", "2025-11-04 12:30", "2025-11-04 13:00"),
    ],
)
def test_quiet_hours_are_a_window_of_local_time(start, end, moment, until):
    quiet = QuietHours(
        time.fromisoformat(start), time.fromisoformat(end), ZoneInfo("UTC")
    )
    assert quiet_until(quiet, at(moment)) == (until and at(until))


def test_quiet_hours_end_once_in_the_hour_that_autumn_repeats():
    quiet = QuietHours(time(22), time(1, 30), ZoneInfo("America/New_York"))
    assert quiet_until(quiet, at("2025-11-02 05:10")) == at("2025-11-02 05:30")
    assert quiet_until(quiet, at("2025-11-02 06:10")) is None


def test_a_window_that_spring_pushes_into_the_next_is_one_window():
    # 02:30 is skipped: one night ends at 03:30, after the next begins at 03:00.
    quiet = QuietHours(time(3), time(2, 30), ZoneInfo("America/New_York"))
    assert quiet_until(quiet, at("2025-03-09 06:00")) == at("2025-03-10 06:30")


def test_quiet_hours_of_no_length_are_refused():
    with pytest.raises(LadderError) as caught:
        QuietHours(time(9), time(9), ZoneInfo("UTC"))
    assert caught.value.field == "quiet_hours"


rungs = st.builds(
    Rung,
    st.integers(-600, 600).map(lambda count: count * MINUTE),
    st.just((Audience.ASSIGNEE,)),
    st.booleans(),
)
rung_lists = st.lists(rungs, max_size=5, unique_by=lambda rung: rung.offset)
early, late = st.integers(1, 700), st.integers(0, 2000)


@st.composite
def remindings(draw):
    zone = draw(zones)
    due_at = draw_moment(draw, zone)
    start, end = draw(times), draw(times)
    return Reminding(
        ladder=tuple(draw(rung_lists)),
        opens_at=due_at - draw(early) * MINUTE,
        due_at=due_at,
        closes_at=due_at + draw(late) * MINUTE,
        quiet=None if start == end else QuietHours(start, end, zone),
    )


minutes = st.integers(-700, 2500).map(lambda count: count * MINUTE)


@given(remindings(), minutes, minutes)
def test_the_next_reminder_is_planned_to_the_instant(reminding, offset, other):
    now = reminding.due_at + offset
    planned = next_reminder_at(reminding, now)
    later = now + abs(other)
    if planned is None:
        assert due_rung(reminding, later).rung is None
        return
    assert planned >= now
    assert due_rung(reminding, planned).rung is not None
    if later < planned:
        assert due_rung(reminding, later).rung is None


@given(remindings(), st.lists(minutes, max_size=30))
def test_every_rung_is_sent_at_most_once_and_only_upwards(reminding, offsets):
    sent, told = [], 0
    for offset in sorted(offsets):
        found = due_rung(
            Reminding(
                ladder=reminding.ladder,
                opens_at=reminding.opens_at,
                due_at=reminding.due_at,
                closes_at=reminding.closes_at,
                quiet=reminding.quiet,
                sent={rung.key for rung in sent},
            ),
            reminding.due_at + offset,
        )
        if found.rung is not None:
            sent.append(found.rung)
            told += 1 + found.suppressed_count
    heights = [rung.offset for rung in sent]
    assert heights == sorted(set(heights))
    assert told == sum(rung.offset <= max(heights) for rung in reminding.ladder if sent)


def test_several_reminders_to_one_person_become_one_digest():
    soon = Reminder(7, 1, DUE, BEFORE)
    later = Reminder(7, 2, DUE + HOUR, BEFORE, suppressed_count=1)
    other = Reminder(3, 2, DUE + HOUR, BEFORE)
    assert group_digests([later, other, soon]) == [
        Digest(3, (other,)),
        Digest(7, (soon, later)),
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_one_person_is_told_once_of_one_run_by_the_higher_rung(turned):
    both = [Reminder(7, 1, DUE, AT_DUE), Reminder(7, 1, DUE, AFTER)]
    assert group_digests(reversed(both) if turned else both) == [
        Digest(7, (Reminder(7, 1, DUE, AFTER),))
    ]
