"""Property 14: what a calendar program reads of a feed is the timeline."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import recurring_ical_events
from hypothesis import assume, given
from hypothesis import strategies as st

from oncall.domain.absence import Absence, AbsencePolicy
from oncall.domain.ical import CalendarEvent, write_calendar
from oncall.domain.ical_entries import Entry, Known, read_entries, uid_of
from oncall.domain.rotation import timeline
from oncall.domain.schedule import Schedule
from oncall.domain.swap import held_shifts
from tests.oncall.domain.strategies import (
    a_weekly_schedule,
    an_override,
    scenes,
)

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TURN = datetime(2026, 1, 19, 8, tzinfo=UTC)
SINCE, UNTIL = NOW - 15 * DAY, NOW + 60 * DAY


def known(plan: Schedule, *, written=LONG_AGO, last=None):
    """The plan, all versions written long ago, the last one perhaps later."""
    at = {r.key: [written] * len(r.versions) for r in plan.rotations}
    if last is not None:
        at[plan.rotations[0].key][-1] = last
    return Known(plan, at)


def read(plan, now=NOW, **more):
    return read_entries(known(plan, **more), SINCE, UNTIL, now=now)


def of(entries, person):
    return [each for each in entries if each.user == person]


def test_without_edits_every_shift_is_there_once_and_plain():
    plan = a_weekly_schedule()
    entries = read(plan)
    assert {(e.sequence, e.changed_at, e.is_cancelled) for e in entries} == {
        (0, None, False)
    }
    assert len({uid_of(1, e) for e in entries}) == len(entries)
    assert uid_of(1, entries[0]) != uid_of(2, entries[0])


def test_shifts_at_the_edges_are_whole():
    entries = read(a_weekly_schedule())
    assert all(e.end - e.start == WEEK for e in entries[1:])
    assert entries[0].start < SINCE
    assert entries[-1].end > UNTIL


def test_one_who_never_goes_off_duty_keeps_one_name():
    plan = a_weekly_schedule(people=("A",))
    plan = replace(
        plan,
        rotations=(
            replace(
                plan.rotations[0],
                versions=(
                    replace(plan.rotations[0].versions[0], effective_from=LONG_AGO),
                ),
            ),
        ),
    )
    (entry,) = read(plan)
    assert entry.start == datetime(2024, 1, 1, tzinfo=UTC).replace(year=SINCE.year - 1)
    assert entry.end == UNTIL


def test_an_edit_changes_only_what_it_touches():
    before = read(a_weekly_schedule())
    edited = NOW - DAY
    override = an_override(
        TURN + DAY, TURN + 2 * DAY, created_at=edited, takes_role=True, add_user="Z"
    )
    after = read(a_weekly_schedule(overrides=(override,)))
    new = [e for e in after if e not in before]
    (holder,) = {e.user for e in before if e.start == TURN}
    assert [(e.user, e.start, e.end, e.sequence, e.changed_at) for e in new] == [
        (holder, TURN, TURN + DAY, 1, edited),
        ("Z", TURN + DAY, TURN + 2 * DAY, 0, edited),
        (holder, TURN + 2 * DAY, TURN + WEEK, 0, edited),
    ]
    assert len(before) - 1 == len(after) - len(new)


def test_what_is_gone_says_so_and_what_comes_back_counts_on():
    made, undone = NOW - 2 * DAY, NOW - DAY
    override = an_override(
        TURN, TURN + WEEK, created_at=made, takes_role=True, add_user="Z"
    )
    taken = read(a_weekly_schedule(overrides=(override,)))
    (gone,) = [e for e in taken if e.is_cancelled]
    assert (gone.start, gone.sequence, gone.changed_at) == (TURN, 1, made)
    back = read(a_weekly_schedule(overrides=(replace(override, cancelled_at=undone),)))
    (here,) = [e for e in back if e.start == TURN and not e.is_cancelled]
    assert (here.user, here.end, here.sequence) == (gone.user, TURN + WEEK, 2)
    assert [(e.user, e.sequence) for e in back if e.is_cancelled] == [("Z", 1)]
    long_after = read_entries(
        known(a_weekly_schedule(overrides=(replace(override, cancelled_at=undone),))),
        SINCE, UNTIL, now=undone + 30 * DAY,
    )  # fmt: skip
    assert not any(e.is_cancelled or e.sequence for e in long_after)


def test_a_swap_of_several_overrides_is_one_edit():
    at = NOW - DAY
    both = (
        an_override(TURN, TURN + 3 * DAY, key=1, created_at=at, takes_role=True, add_user="Z"),
        an_override(TURN + 3 * DAY, TURN + WEEK, key=2, created_at=at, takes_role=True, add_user="Z"),
    )  # fmt: skip
    entries = read(a_weekly_schedule(overrides=both))
    assert [(e.start, e.end, e.sequence) for e in of(entries, "Z")] == [
        (TURN, TURN + WEEK, 0)
    ]


def test_a_new_version_and_a_new_rotation_are_edits():
    plan = a_weekly_schedule()
    (rotation,) = plan.rotations
    later = replace(rotation.versions[0], effective_from=TURN, members=("Z",))
    changed = replace(rotation, versions=(*rotation.versions, later))
    written = NOW - DAY
    entries = read(replace(plan, rotations=(changed,)), last=written)
    assert of(entries, "Z")[0].start == TURN
    assert all(e.changed_at == written for e in entries if e.is_cancelled)
    assert any(e.is_cancelled for e in entries)
    fresh = read(plan, written=written)
    assert {e.changed_at for e in fresh} == {written}
    assert {e.sequence for e in fresh} == {0}


def test_absences_are_edits_too():
    plan = a_weekly_schedule(absence_policy=AbsencePolicy.NEXT)
    (holder,) = {e.user for e in read(plan) if e.start == TURN}
    away = Absence(holder, TURN, TURN + DAY, created_at=NOW - DAY)
    entries = read(replace(plan, absences=(away,)))
    assert any(e.is_cancelled and e.user == holder for e in entries)
    assert any(e.start == TURN + DAY and e.user == holder for e in entries)


EDITS = st.lists(st.integers(0, 40 * 24), min_size=0, max_size=4)


@given(scenes(), EDITS)
def test_the_entries_are_the_timeline_however_it_came_about(scene, hours):
    plan, near = scene
    now = near + 3 * DAY
    moments = [now - timedelta(hours=each) for each in hours]
    overrides = tuple(
        replace(
            each,
            created_at=moments[n % len(moments)] if moments else each.created_at,
        )
        for n, each in enumerate(plan.overrides)
    )
    plan = replace(plan, overrides=overrides)
    start, end = now - 6 * DAY, now + 6 * DAY
    rows = known(
        plan,
        written=near - 1_000 * DAY,
        last=moments[0] if moments else None,
    )
    entries = read_entries(rows, start, end, now=now)
    alive = [e for e in entries if not e.is_cancelled]
    assert sorted(clip(alive, start, end)) == sorted(
        (h.role, str(h.user), h.start, h.end)
        for h in held_shifts(timeline(plan, start, end))
    )
    names = [uid_of(1, e) for e in entries]
    assume(entries)
    assert len(set(names)) == len(names)


def clip(entries, start, end):
    return [
        (e.role, str(e.user), max(e.start, start), min(e.end, end)) for e in entries
    ]


def write(entries, alarm=None):
    events = (
        CalendarEvent(
            uid=f"{uid_of(1, e)}@example.org",
            start=e.start,
            end=e.end,
            summary=f"{e.user}|{e.role}",
            url="https://example.org/oncall/data/",
            changed_at=e.changed_at or LONG_AGO,
            sequence=e.sequence,
            is_cancelled=e.is_cancelled,
        )
        for e in entries
    )
    return write_calendar("Data on call", events, alarm_minutes=alarm)


@given(scenes())
def test_what_a_program_parses_is_the_timeline(scene):
    plan, near = scene
    start, end = near - DAY, near + 2 * DAY
    text = write(
        read_entries(
            known(plan, written=near - 1_000 * DAY), start, end, now=near + 9 * DAY
        )
    )
    calendar = icalendar.Calendar.from_ical(text)
    found = recurring_ical_events.of(calendar).between(start, end)
    parsed = [
        Entry(*str(e["SUMMARY"]).split("|")[::-1], e["DTSTART"].dt, e["DTEND"].dt)
        for e in found
        if e["STATUS"] == "CONFIRMED"
    ]
    assert sorted(clip(parsed, start, end)) == sorted(
        (h.role, str(h.user), h.start, h.end)
        for h in held_shifts(timeline(plan, start, end))
    )


def test_the_head_says_how_often_to_come_back_and_a_bell_rings():
    text = write(read(a_weekly_schedule()), alarm=30)
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in text
    calendar = icalendar.Calendar.from_ical(text)
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "Data on call"
    bells = calendar.walk("VALARM")
    assert len(bells) == len(calendar.walk("VEVENT"))
    assert bells[0]["TRIGGER"].dt == timedelta(minutes=-30)
    gone = Entry("primary", "A", TURN, TURN + DAY, is_cancelled=True)
    assert "VALARM" not in write([gone], alarm=30)
    assert "STATUS:CANCELLED" in write([gone])


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=120))
def test_any_text_comes_back_from_lines_of_75_octets(words):
    assume(words.strip() == words)
    event = CalendarEvent("u", TURN, TURN + DAY, words, "https://x.example", TURN)
    text = write_calendar(words, [event])
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    parsed = icalendar.Calendar.from_ical(text)
    assert str(parsed.walk("VEVENT")[0]["SUMMARY"]) == words


def test_line_breaks_and_separators_are_escaped():
    event = CalendarEvent("u", TURN, TURN + DAY, "a;b,c\\d\r\ne", "https://x", TURN)
    text = write_calendar("n", [event])
    assert "SUMMARY:a\\;b\\,c\\\\d\\ne\r\n" in text


def test_a_long_line_is_broken_between_characters():
    words = "\N{GREEK SMALL LETTER OMEGA}" * 100
    event = CalendarEvent("u", TURN, TURN + DAY, words, "https://x", TURN)
    text = write_calendar("n", [event])
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    parsed = icalendar.Calendar.from_ical(text).walk("VEVENT")[0]
    assert str(parsed["SUMMARY"]) == words
