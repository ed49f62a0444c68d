"""Reading calendars of others: what counts, on whose clock, and what is refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from opsportal.kit.calendars import MOST_BYTES, read_events
from opsportal.kit.errors import PortalError
from tests.oncall.calendars import calendar, days

START = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
END = START + timedelta(days=400)
WARSAW = ZoneInfo("Europe/Warsaw")
DAILY = [days(f"{n}", "20260202", "20260203", "RRULE:FREQ=DAILY") for n in range(50)]


def read(*events):
    return read_events(calendar(*events), START, END, zone=WARSAW)


def test_whole_days_are_on_the_person_s_clock_also_in_summer():
    one, two = read(
        days("a", "20260202", "20260204"), days("b", "20260701", "20260702")
    )
    assert (one.starts_at, one.ends_at) == (
        datetime(2026, 2, 1, 23, tzinfo=UTC),
        datetime(2026, 2, 3, 23, tzinfo=UTC),
    )
    assert two.starts_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert (one.uid, one.summary, one.is_all_day) == ("a", "Holiday", True)


def test_repetitions_are_spelled_out_and_exceptions_left_out():
    found = read(
        (
            "UID:fri",
            "DTSTART;TZID=Europe/Warsaw:20260102T140000",
            "DTEND;TZID=Europe/Warsaw:20260102T180000",
            "RRULE:FREQ=WEEKLY;BYDAY=FR",
            "EXDATE;TZID=Europe/Warsaw:20260123T140000",
            "ATTENDEE:mailto:Engineer-a@example.org",
            "ATTENDEE:urn:nobody",
        )
    )
    assert [e.starts_at.day for e in found[:3]] == [16, 30, 6]
    assert {e.starts_at.astimezone(WARSAW).hour for e in found} == {14}
    assert found[-1].starts_at < END
    assert found[0].emails == ("engineer-a@example.org",)


def test_what_is_cancelled_free_over_or_empty_does_not_count():
    assert not read(
        days("a", "20260202", "20260204", "STATUS:CANCELLED"),
        days("b", "20260202", "20260204", "TRANSP:TRANSPARENT"),
        days("c", "20260102", "20260104"),
        ("UID:d", "DTSTART:20260202T100000Z", "DTEND:20260202T100000Z"),
    )


def test_a_time_without_a_zone_is_on_the_person_s_clock():
    event = ("UID:a", "DTSTART:20260202T100000", "DURATION:PT2H")
    (found,) = read(event)
    assert found.starts_at == datetime(2026, 2, 2, 9, tzinfo=UTC)
    assert found.ends_at - found.starts_at == timedelta(hours=2)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYSETPOS=300;BYDAY=MO",
    ],
)
def test_rules_that_take_for_ever_are_refused(rule):
    with pytest.raises(PortalError, match="is not supported"):
        read(days("a", "20260202", "20260203", f"RRULE:{rule}"))


def test_rules_that_begin_long_ago_are_refused():
    with pytest.raises(PortalError, match="is not supported"):
        read(days("a", "16000202", "16000203", "RRULE:FREQ=DAILY"))
    with pytest.raises(PortalError, match="is not supported"):
        read(("UID:a", "RRULE:FREQ=DAILY"))


def test_two_rules_of_one_event_are_both_looked_at():
    rules = ("RRULE:FREQ=YEARLY", "RRULE:FREQ=SECONDLY")
    with pytest.raises(PortalError, match="is not supported"):
        read(days("a", "20260202", "20260203", *rules))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"<html>Sign in</html>", "no_calendar"),
        (b"", "no_calendar"),
        (b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n", "no_calendar"),
        (calendar(("UID:a", "DTSTART:20260202T1")), "bad_event"),
        (calendar(*[("UID:a",)] * 5_001), "too_many"),
        (
            calendar(*DAILY),
            "too_many",
        ),
    ],
)
def test_what_cannot_be_read_is_said(text, code):
    with pytest.raises(PortalError) as caught:
        read_events(text, START, END, zone=WARSAW)
    assert caught.value.code == code
