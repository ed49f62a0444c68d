"""What a calendar to subscribe to costs: a year of a schedule, and nothing new."""

from datetime import UTC, datetime, timedelta

from bench.figures import Figure, time_call
from bench.rules import LIMIT, MILLI, NOW, make_schedule, nothing
from oncall.domain.ical import CalendarEvent, write_calendar
from oncall.domain.ical_entries import Known, read_entries, uid_of

NEEDS_DATABASE = True
LONG_AGO = datetime(2025, 1, 6, tzinfo=UTC)


def write_year() -> str:
    """A year of three layers, with its edits of the last 30 days."""
    plan = make_schedule()
    known = Known(plan, {each.key: [LONG_AGO] for each in plan.rotations})
    end = NOW + timedelta(days=365)
    entries = read_entries(known, NOW - timedelta(days=15), end, now=NOW)
    events = [
        CalendarEvent(
            uid=f"{uid_of(1, each)}@bench",
            start=each.start,
            end=each.end,
            summary=f"{each.user}, {each.role}",
            url="https://bench.example/oncall/data/",
            changed_at=each.changed_at or LONG_AGO,
            sequence=each.sequence,
        )
        for each in entries
    ]
    return write_calendar("Bench", events)


def measure() -> list[Figure]:
    """Measure the text alone, and both answers of the address."""
    from django.conf import settings  # noqa: PLC0415 -- after setup
    from django.core.cache import caches  # noqa: PLC0415 -- after setup
    from django.test import Client  # noqa: PLC0415 -- after setup

    from oncall.services.feeds import create_feed  # noqa: PLC0415 -- after setup
    from tests.factories.oncall import make_weekly_schedule  # noqa: PLC0415

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    schedule = make_weekly_schedule(people=6)
    now = datetime.now(UTC)
    person = schedule.people[0]
    _, token = create_feed(person, name="Bench", schedule=schedule, now=now)
    url, client = f"/ical/s/{token}.ics", Client()
    etag = client.get(url)["ETag"]

    def fresh() -> None:
        caches["fragments"].clear()
        assert client.get(url).status_code == 200

    def known() -> None:
        assert client.get(url, headers={"If-None-Match": etag}).status_code == 304

    limit = time_call(nothing) * MILLI
    rows = [
        ("a year's feed, three layers (text)", write_year, "<= 50 ms"),
        ("a year's feed, whole answer", fresh, "<= 50 ms (G12)"),
        ("the same, unchanged (304)", known, "cheap (G12)"),
    ]
    return [
        Figure(
            what=what,
            value=time_call(call) * MILLI,
            unit="ms",
            limit=limit,
            limit_is=LIMIT,
            goal=goal,
        )
        for what, call, goal in rows
    ]
