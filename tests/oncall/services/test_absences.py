"""Absences, what they do to rosters, and calendars they are read from."""

from datetime import date, timedelta

import pytest

from oncall.domain.rotation import timeline
from oncall.domain.swap import Leg
from oncall.models import (
    Absence,
    AbsenceFeed,
    AuditEntry,
    Notification,
    Override,
    RotationVersion,
)
from oncall.queries import load_schedule, users_on_call
from oncall.queries.absences import (
    absences_ahead,
    absences_of,
    clashes_in,
    clashes_of,
    month_of,
)
from oncall.services.absence_feeds import (
    add_feed,
    preview_feed,
    read_absence_feeds,
    read_now,
    remove_feed,
)
from oncall.services.absences import (
    AbsenceForm,
    add_absence,
    cancel_absence,
    cover_absence,
    preview_absence,
)
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    AbsenceFactory,
    AbsenceFeedFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.oncall.calendars import CalendarServer, calendar, days

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=4)


@pytest.fixture
def turn(schedule):
    """The primary's next whole week: (person, leg)."""
    for part in timeline(load_schedule(schedule.pk), NOW, NOW + 3 * WEEK):
        if part.role == "primary" and part.start > NOW:
            who = next(p for p in schedule.people if p.pk == part.user)
            return who, Leg("primary", part.start, part.end)
    raise AssertionError


def away(leg, **more):
    return AbsenceForm(leg.start + DAY, leg.start + 3 * DAY, **more)


def heed(schedule, policy):
    RotationVersion.objects.filter(rotation__schedule=schedule).update(
        absence_policy=policy
    )


def test_an_absence_is_noted_and_shown_as_a_clash(schedule, turn):
    person, leg = turn
    row = add_absence(person, away(leg, note="Lake"), by=person, now=NOW)
    assert AuditEntry.objects.get().action == "absence.add"
    assert "Lake" not in str(AuditEntry.objects.get().after)
    (clash,) = clashes_of(person.pk, [schedule.team_id], NOW)
    assert (clash.role, clash.starts_at, clash.ends_at) == (
        "primary",
        row.starts_at,
        row.ends_at,
    )
    assert clashes_in(schedule.team, NOW) == [clash]
    assert clashes_of(schedule.people[0].pk, [schedule.team_id], NOW - 9 * WEEK) == []
    assert [each.pk for each in absences_ahead([schedule.team_id], NOW)] == [row.pk]
    schedule.team.refresh_from_db()
    assert schedule.team.version == 1


def test_a_team_without_absences_has_no_clash(schedule):
    assert clashes_in(schedule.team, NOW) == []


def test_where_the_next_stands_in_they_are_told_and_the_preview_says_so(schedule, turn):
    person, leg = turn
    heed(schedule, "next")
    form = away(leg)
    preview = preview_absence(person, form, now=NOW)
    assert preview.clashes == []
    assert {(c.name, c.role) for c in preview.changes} >= {(person.name, "primary")}
    add_absence(person, form, by=person, now=NOW)
    assert users_on_call(schedule.pk, form.starts_at, "primary")[0].user_id != person.pk
    told = {row.recipient for row in Notification.objects.all()}
    assert told
    assert person not in told


def test_where_the_rotation_only_warns_the_preview_names_the_clash(schedule, turn):
    person, leg = turn
    preview = preview_absence(person, away(leg), now=NOW)
    assert preview.changes == []
    assert [clash.role for clash in preview.clashes] == ["primary"]
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (AbsenceForm(NOW + DAY, NOW + DAY), "ends_on"),
        (AbsenceForm(NOW - DAY, NOW), "ends_on"),
        (AbsenceForm(NOW, NOW + 400 * DAY), "ends_on"),
        (AbsenceForm(NOW + 1_100 * DAY, NOW + 1_110 * DAY), "ends_on"),
        (AbsenceForm(NOW, NOW + DAY, kind="moon"), "kind"),
    ],
)
def test_what_an_absence_cannot_be(schedule, form, field):
    with pytest.raises(PortalError) as caught:
        add_absence(schedule.people[0], form, by=schedule.people[0], now=NOW)
    assert caught.value.field == field


def test_the_same_absence_is_noted_once_and_cancelled_once(schedule, turn):
    person, leg = turn
    row = add_absence(person, away(leg), by=person, now=NOW)
    with pytest.raises(Refused, match="known already"):
        add_absence(person, away(leg), by=person, now=NOW)
    cancel_absence(row, by=person, now=NOW)
    assert absences_ahead([schedule.team_id], NOW) == []
    assert absences_of(person.pk, NOW)[0].cancelled_at == NOW
    with pytest.raises(Refused, match="over already"):
        cancel_absence(row, by=person, now=NOW)


def test_what_was_before_a_cancellation_stays(schedule, turn):
    person, leg = turn
    heed(schedule, "skip")
    row = add_absence(person, away(leg), by=person, now=NOW)
    middle = row.starts_at + DAY
    cancel_absence(row, by=person, now=middle)
    assert users_on_call(schedule.pk, middle - HOUR, "primary") == []
    assert users_on_call(schedule.pk, middle, "primary")[0].user_id == person.pk


def test_a_manager_lets_somebody_cover(schedule, turn):
    person, leg = turn
    boss = UserFactory(team=schedule.team, team__role="manager")
    spare = UserFactory(team=schedule.team)
    row = add_absence(person, away(leg), by=person, now=NOW)
    part = Leg("primary", row.starts_at, row.ends_at)
    made = cover_absence(row, schedule, part, cover_id=spare.pk, by=boss, now=NOW)
    assert made.source == Override.Source.ABSENCE
    assert users_on_call(schedule.pk, row.starts_at, "primary")[0].user_id == spare.pk
    assert clashes_of(person.pk, [schedule.team_id], NOW) == []
    assert {n.recipient for n in Notification.objects.all()} == {person, spare}


def test_a_cover_is_within_the_absence_and_somebody_else(schedule, turn):
    person, leg = turn
    row = add_absence(person, away(leg), by=person, now=NOW)
    part = Leg("primary", row.starts_at, row.ends_at)
    wrong = {"by": person, "now": NOW}
    spare = UserFactory(team=schedule.team)
    with pytest.raises(PortalError, match="part of the absence"):
        cover_absence(row, schedule, leg, cover_id=spare.pk, **wrong)
    with pytest.raises(PortalError, match="somebody else"):
        cover_absence(row, schedule, part, cover_id=person.pk, **wrong)
    cancel_absence(row, by=person, now=NOW)
    row.refresh_from_db()
    with pytest.raises(PortalError, match="part of the absence"):
        cover_absence(row, schedule, part, cover_id=spare.pk, **wrong)


def test_a_month_shows_days_away_and_on_call(schedule, turn):
    person, leg = turn
    AbsenceFactory(user=person, starts_at=leg.start + DAY, ends_at=leg.start + 2 * DAY)
    rows = month_of(schedule.team, date(2026, 1, 1))
    assert len(rows) == len(schedule.people)
    cells = {
        cell.on.day: cell
        for row in rows
        if row.user_id == person.pk
        for cell in row.days
    }
    assert len(cells) == 31
    assert (cells[21].words, cells[19].words, cells[3].is_weekend) == (
        "away, but on call",
        "on call",
        True,
    )
    others = [c for r in rows for c in r.days if r.user_id != person.pk]
    assert not any(cell.is_away for cell in others)
    assert {cell.words for cell in others} >= {"", "on call"}
    away_only = AbsenceFactory(user=UserFactory(team=schedule.team))
    row = next(
        r for r in month_of(schedule.team, date(2026, 1, 1))
        if r.user_id == away_only.user_id
    )  # fmt: skip
    assert "away" in {cell.words for cell in row.days}


@pytest.fixture
def server(settings):
    one = CalendarServer()
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{one.port}"
    yield one
    one.close()


LAKE, SEA = days("lake", "20260202", "20260205"), days("sea", "20260801", "20260815")


def live(person):
    rows = Absence.objects.filter(user=person, cancelled_at=None)
    return [row.uid.split("|")[0] for row in rows]


def test_a_calendar_is_read_kept_and_followed(server, schedule):
    person = schedule.people[0]
    server.serve(LAKE, SEA)
    assert [e.uid for e in preview_feed(person, server.url, now=NOW)] == ["lake", "sea"]
    assert not AbsenceFeed.objects.exists()
    feed = add_feed(person, name="Mine", url=server.url, now=NOW)
    assert live(person) == ["lake", "sea"]
    server.serve(
        days("lake", "20260202", "20260206"), days("new", "20260301", "20260302")
    )
    assert read_now(feed, now=NOW + HOUR) == 4
    assert live(person) == ["lake", "new"]
    assert read_now(feed, now=NOW + 2 * HOUR) == 0
    remove_feed(feed, by=person, now=NOW + 3 * HOUR)
    assert live(person) == []
    assert Absence.objects.filter(user=person).count() == 4  # what was known stays


def test_the_sweep_reads_once_an_hour_and_only_for_active_people(server, schedule):
    person = schedule.people[0]
    server.serve(LAKE)
    add_feed(person, name="Mine", url=server.url, now=NOW)
    gone = UserFactory(is_active=False)
    AbsenceFeedFactory(user=gone, url=server.url)
    server.serve(SEA)
    assert read_absence_feeds(now=NOW + HOUR - DAY) == 0
    assert read_absence_feeds(now=NOW + HOUR) == 2
    assert read_absence_feeds(now=NOW + HOUR) == 0
    assert live(person) == ["sea"]
    assert len(server.asked) == 2


def test_failures_are_kept_for_the_owner_and_tried_ever_later(server, schedule):
    person = schedule.people[0]
    server.serve(LAKE)
    feed = add_feed(person, name="Mine", url=server.url, now=NOW)
    server.pages.clear()
    at = NOW
    for hours in (2, 4, 8, 16, 24, 24):
        feed.refresh_from_db()
        at = feed.next_read_at
        assert read_absence_feeds(now=at) == 0
        feed.refresh_from_db()
        assert feed.next_read_at == at + hours * HOUR
        assert feed.last_error == "The server answered 404."
    assert live(person) == ["lake"]  # nothing is lost because a server is away
    with pytest.raises(PortalError, match="404"):
        read_now(feed, now=at)
    server.serve(SEA)
    read_now(feed, now=at + HOUR)
    feed.refresh_from_db()
    assert (feed.last_error, feed.failures) == ("", 0)


def test_a_claim_that_was_lost_reads_nothing(server, schedule, monkeypatch):
    from oncall.services import absence_feeds  # noqa: PLC0415 -- its private half

    server.serve(LAKE)
    feed = add_feed(schedule.people[0], name="Mine", url=server.url, now=NOW)
    real = AbsenceFeed.objects.select_related("user").get(pk=feed.pk)
    AbsenceFeed.objects.filter(pk=feed.pk).update(next_read_at=NOW + 5 * HOUR)

    class Stale:
        def get(self, **_):
            return real

    monkeypatch.setattr(AbsenceFeed.objects, "select_related", lambda *_: Stale())
    assert absence_feeds._read_due(feed.pk, NOW) == 0
    AbsenceFeed.objects.filter(pk=feed.pk).update(next_read_at=real.next_read_at)
    feed_pk = feed.pk
    AbsenceFeed.objects.filter(pk=feed_pk).delete()
    assert absence_feeds._settle(feed, [], NOW) == 0


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("ftp://example.org/a.ics", "https"),
        ("just words", "https"),
        ("https://[::1", "https"),
        ("http://169.254.169.254/latest/away.ics", "link-local"),
    ],
)
def test_addresses_that_lead_nowhere_or_inside_are_refused_at_the_field(
    schedule, url, match
):
    with pytest.raises(PortalError, match=match) as caught:
        add_feed(schedule.people[0], name="x", url=url, now=NOW)
    assert caught.value.field == "url"
    assert not AbsenceFeed.objects.exists()


def test_webcal_is_another_word_for_https(schedule):
    with pytest.raises(PortalError) as caught:
        preview_feed(schedule.people[0], "webcal://169.254.169.254/a.ics", now=NOW)
    assert caught.value.code != "invalid"


def test_ten_megabytes_and_what_is_no_calendar_are_refused(server, schedule):
    person = schedule.people[0]
    server.pages["/away.ics"] = (200, {}, b"x" * 10_000_000)
    with pytest.raises(PortalError, match="larger than 1 MB") as caught:
        add_feed(person, name="x", url=server.url, now=NOW)
    assert caught.value.field == "url"
    server.pages["/away.ics"] = (200, {}, b"<html>Sign in</html>")
    with pytest.raises(PortalError, match="not an iCal file"):
        add_feed(person, name="x", url=server.url, now=NOW)
    rule = "RRULE:FREQ=DAILY"
    meetings = [days(uid, "20260101", "20260102", rule) for uid in "abc"]
    server.serve(*meetings)
    with pytest.raises(PortalError, match="1,000"):
        add_feed(person, name="x", url=server.url, now=NOW)
    AbsenceFeedFactory.create_batch(10, user=person)
    with pytest.raises(PortalError, match="enough"):
        add_feed(person, name="x", url=server.url, now=NOW)
    assert not Absence.objects.exists()


def test_redirects_are_followed_a_little_and_never_inside(server, schedule):
    person = schedule.people[0]
    server.serve(LAKE, path="/real.ics")
    server.pages["/away.ics"] = (302, {"location": "/real.ics"}, b"")
    assert len(preview_feed(person, server.url, now=NOW)) == 1
    server.pages["/away.ics"] = (302, {"location": "/away.ics"}, b"")
    with pytest.raises(PortalError, match="too often"):
        preview_feed(person, server.url, now=NOW)
    inside = {"location": "http://169.254.169.254/x"}
    server.pages["/away.ics"] = (302, inside, b"")
    with pytest.raises(PortalError):
        preview_feed(person, server.url, now=NOW)


def test_long_names_of_events_are_kept_as_a_hash(server, schedule):
    server.serve(days("u" * 300, "20260202", "20260203"))
    add_feed(schedule.people[0], name="Mine", url=server.url, now=NOW)
    assert len(Absence.objects.get().uid) == 64
    assert calendar() != b""
