"""Calendars to subscribe to: whose, what, and for how long."""

import time
from datetime import timedelta

import icalendar
import pytest
import recurring_ical_events
import time_machine
from allauth.account.internal.flows import login
from django.urls import reverse

from oncall.domain.rotation import timeline
from oncall.domain.swap import held_shifts
from oncall.models import CalendarFeed, Membership, User
from oncall.queries import load_schedule
from oncall.services.feeds import create_feed, find_feed, revoke_feed
from oncall.services.overrides import OverrideForm, add_override
from oncall.views import misses
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    CalendarFeedFactory,
    ContactMethodFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


def make(user, schedule=None):
    """A feed's row and its address."""
    feed, token = create_feed(user, name="Phone", schedule=schedule, now=NOW)
    name = "ical_schedule" if schedule else "ical_own"
    return feed, reverse(name, args=[token])


def events(answer):
    calendar = icalendar.Calendar.from_ical(answer.content)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_a_schedule_s_feed_is_its_timeline(client, schedule):
    _, url = make(schedule.people[0], schedule)
    answer = client.get(url)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    start, end = NOW - 10 * DAY, NOW + 300 * DAY
    found = recurring_ical_events.of(calendar).between(start, end)
    names = {user.pk: user.name for user in schedule.people}
    assert sorted(
        (e["DTSTART"].dt, str(e["SUMMARY"])) for e in found if e["DTSTART"].dt >= start
    ) == sorted(
        (h.start, f"{names[h.user]}, {h.role}: {schedule.name}")
        for h in held_shifts(timeline(load_schedule(schedule.pk), start, end))
        if h.start > start
    )


def test_one_s_own_feed_holds_one_s_own_shifts_everywhere_and_no_contact(
    client, schedule
):
    person = schedule.people[0]
    ContactMethodFactory(user=person, address="secret-reach@example.org")
    second = make_weekly_schedule(schedule.team, people=1, required_roles=["primary"])
    _, url = make(person)
    answer = client.get(url)
    assert {str(e["SUMMARY"]) for e in events(answer).values()} == {
        f"On call (primary): {schedule.name}",
        f"On call (secondary): {schedule.name}",
    }
    body = answer.content.decode()
    assert "@example.org" not in body.replace("localhost", "")
    assert second.name not in body


def test_an_edit_changes_only_what_it_touches(client, schedule):
    _, url = make(schedule.people[0], schedule)
    before = events(client.get(url))
    moment = NOW + timedelta(minutes=5)
    turn = min(e["DTSTART"].dt for e in before.values() if e["DTSTART"].dt > NOW)
    form = OverrideForm(
        turn, turn + DAY, "primary", add_user_id=UserFactory(team=schedule.team).pk,
        takes_role=True,
    )  # fmt: skip
    with time_machine.travel(moment, tick=False):
        add_override(schedule, form, by=schedule.people[0], now=moment)
        after = events(client.get(url))
    changed = {
        uid for uid in before.keys() | after.keys()
        if before.get(uid) != after.get(uid)
    }  # fmt: skip
    assert {after[uid]["DTSTART"].dt for uid in changed} == {turn, turn + DAY}
    (gone,) = [e for e in after.values() if e["STATUS"] == "CANCELLED"]
    assert (gone["SEQUENCE"], gone["DTSTART"].dt) == (1, turn)
    assert gone["LAST-MODIFIED"].dt == moment


def test_an_unchanged_feed_is_a_304_of_few_questions(
    client, schedule, django_assert_max_num_queries
):
    _, url = make(schedule.people[0])
    first = client.get(url)
    with django_assert_max_num_queries(3):
        again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    twin = client.get(url, headers={"Accept": "application/json"})
    assert twin["ETag"] != first["ETag"]
    assert twin.json()["shifts"][0]["status"] == "confirmed"
    assert client.get(url).content == first.content
    assert client.head(url).status_code == 200


def test_role_days_and_alarm_narrow_it(client, schedule):
    _, url = make(schedule.people[0], schedule)
    wanted = client.get(url, {"role": "secondary", "days": "30", "alarm": "15"})
    found = events(wanted).values()
    assert {str(e["SUMMARY"]).split(",")[1].split(":")[0] for e in found} == {
        " secondary"
    }
    assert max(e["DTSTART"].dt for e in found) < NOW + 30 * DAY
    assert all(e.walk("VALARM") for e in found)
    for wrong in ({"days": "0"}, {"days": "366"}, {"alarm": "x"}, {"days": "9" * 5000}):
        answer = client.get(url, wrong)
        assert answer.status_code == 400
        assert b"is a number from 1" in answer.content


def test_who_guesses_addresses_waits_and_subscribers_beside_them_do_not(
    client, schedule, monkeypatch
):
    monkeypatch.setattr(misses, "MOST", 2)
    _, url = make(schedule.people[0])
    wrong = url.replace(".ics", "x.ics")
    guessed = [client.get(wrong, headers={"If-None-Match": "x"}) for _ in range(3)]
    assert [answer.status_code for answer in guessed] == [404, 404, 429]
    assert guessed[-1]["Retry-After"] == "60"
    assert client.get(wrong, REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get(url).status_code == 200


def test_it_dies_with_its_token_its_person_and_their_membership(client, schedule):
    person = schedule.people[0]
    feed, own = make(person)
    _, whole = make(person, schedule)
    assert client.get(own).status_code == client.get(whole).status_code == 200
    feed.refresh_from_db()
    assert feed.last_read_at == NOW
    assert client.get(own.replace("/ical/", "/ical/s/")).status_code == 404
    assert client.get("/ical/nothing.ics").status_code == 404
    Membership.objects.filter(user=person).delete()
    assert client.get(whole).status_code == 404
    assert events(client.get(own)) == {}
    assert revoke_feed(feed, by=person, now=NOW)
    assert not revoke_feed(feed, by=person, now=NOW)
    assert client.get(own).status_code == 404
    assert client.post(own).status_code == 405


def test_a_deactivated_person_s_feed_is_not_there(client, schedule):
    _, url = make(schedule.people[0])
    User.objects.filter(pk=schedule.people[0].pk).update(is_active=False)
    assert client.get(url).status_code == 404


def test_only_the_hash_is_kept(schedule):
    feed, token = create_feed(schedule.people[0], name="x", schedule=None, now=NOW)
    assert len(token) > 40
    assert token.startswith(feed.prefix)
    assert token not in str(CalendarFeed.objects.values().get())
    assert find_feed(token, is_schedule=False, now=NOW) == feed


def test_schedules_of_others_and_too_many_are_refused(schedule):
    with pytest.raises(PortalError, match="of your teams"):
        create_feed(UserFactory(), name="x", schedule=schedule, now=NOW)
    admin = AdminFactory()
    assert create_feed(admin, name="x", schedule=schedule, now=NOW)
    CalendarFeedFactory.create_batch(20, user=admin)
    with pytest.raises(PortalError, match="enough"):
        create_feed(admin, name="x", schedule=schedule, now=NOW)


def test_an_admin_s_feeds(client, schedule):
    admin = AdminFactory()
    _, whole = make(admin, schedule)
    _, own = make(admin)
    assert events(client.get(whole))
    assert events(client.get(own)) == {}


def test_the_page_makes_shows_once_and_revokes(client, schedule, settings):
    settings.SITE_URL = "https://desk.example"
    person = schedule.people[0]
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("feed_list")
    stale = client.post(url, {"name": "Phone"})
    assert "reauthenticate" in stale.url  # a new address opens a door
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time()}
    ]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(person.pk)
    session.save()
    assert "None yet" in client.get(url).content.decode()
    page = client.post(url, {"name": "Phone", "schedule": str(schedule.pk)})
    text = page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert "https://desk.example/ical/s/opp_cal_" in text
    assert "webcal://desk.example/ical/s/opp_cal_" in text
    assert client.post(url, {"name": ""}).status_code == 422
    feed = CalendarFeed.objects.get()
    again = client.get(url).content.decode()
    assert feed.prefix in again
    assert "/ical/s/opp_cal_" not in again
    client.post(reverse("feed_revoke", args=[feed.pk]))
    assert "revoked" in client.get(url).content.decode()
    other = CalendarFeedFactory()
    assert client.post(reverse("feed_revoke", args=[other.pk])).status_code == 404
    CalendarFeedFactory.create_batch(20, user=person)
    full = client.post(url, {"name": "One more"})
    assert (full.status_code, b"are enough" in full.content) == (422, True)
