"""The pages of absences, as a browser without JavaScript uses them."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from oncall.models import Absence, AbsenceFeed, Membership, Override
from oncall.queries.swaps import shifts_ahead
from tests.conftest import NOW
from tests.factories.oncall import (
    AbsenceFactory,
    AbsenceFeedFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.oncall.calendars import CalendarServer, days

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIST = "/absences/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule(team):
    return make_weekly_schedule(team, slug="data-primary", people=4)


@pytest.fixture
def shift(schedule):
    """The primary's next whole week."""
    return next(
        s
        for s in shifts_ahead(schedule, NOW)
        if s.role == "primary" and s.starts_at > NOW
    )


@pytest.fixture
def mine(client, schedule, shift):
    """The browser of the person of that week."""
    person = next(p for p in schedule.people if p.pk == shift.user_id)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.user = person
    return client


def text(answer):
    return answer.content.decode()


ENTRY = {"starts_on": "2026-01-20", "ends_on": "2026-01-21", "kind": "vacation"}


def test_an_absence_is_previewed_saved_shown_and_cancelled(mine, schedule):
    page = mine.post(LIST, ENTRY | {"act": "preview"})
    assert "Still on call" in text(page)
    assert not Absence.objects.exists()
    assert mine.post(LIST, ENTRY | {"act": "save"}).url == LIST
    row = Absence.objects.get()
    assert row.starts_at == NOW.replace(day=19, hour=23, minute=0)
    page = text(mine.get(LIST))
    assert "Away and on call" in page
    link = page.split('href="/oncall/data-primary/swap?')[1].split('"')[0]
    swap = text(mine.get("/oncall/data-primary/swap?" + link.replace("&amp;", "&")))
    assert 'value="2026-01-20T00:00"' in swap
    again = mine.post(LIST, ENTRY | {"act": "save"})
    assert (again.status_code, "known already" in text(again)) == (409, True)
    mine.post(reverse("absence_cancel", args=[row.pk]))
    row.refresh_from_db()
    assert row.cancelled_at == NOW
    assert "cancelled" in text(mine.get(LIST))


def test_what_cannot_be_is_said_where_it_was_typed(mine):
    page = mine.post(LIST, {"starts_on": "20260120", "ends_on": ""})
    assert (page.status_code, "required" in text(page)) == (422, True)
    early = mine.post(LIST, ENTRY | {"starts_on": "1900-01-01"})
    assert "this century" in text(early)
    back = mine.post(LIST, ENTRY | {"ends_on": "2026-01-01"})
    assert "not after the start" in text(back)


def test_the_team_s_month_shows_who_is_away_but_not_why(sign_in, schedule, shift):
    AbsenceFactory(
        user_id=shift.user_id, starts_at=shift.starts_at,
        ends_at=shift.starts_at + DAY, kind="sick", note="Flu",
    )  # fmt: skip
    url = reverse("absence_team", args=[schedule.team.slug])
    page = text(sign_in("viewer").get(url))
    assert "January 2026" in page
    assert "away, but on call" in page
    for secret in ("Flu", "Sick", "Let cover"):
        assert secret not in page
    assert "February 2026" in text(sign_in("viewer").get(url + "?month=2026-02"))
    assert "January 2026" in text(sign_in("viewer").get(url + "?month=x"))
    assert "January 2026" in text(sign_in("viewer").get(url + "?month=2099-01"))
    assert sign_in().get(url).status_code == 404


def test_a_manager_adds_for_a_member_and_lets_somebody_cover(sign_in, schedule, shift):
    boss, spare = sign_in("manager"), UserFactory(team=schedule.team)
    slug = schedule.team.slug
    url = reverse("absence_add", args=[slug, shift.user_id])
    assert boss.get(url).status_code == 200
    assert boss.post(url, ENTRY | {"starts_on": ""}).status_code == 422
    month = reverse("absence_team", args=[slug])
    assert boss.post(url, ENTRY | {"act": "save"}).url == month
    page = text(boss.get(month))
    assert "Let cover" in page
    row = Absence.objects.get()
    hidden = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("schedule", "role", "starts_at", "ends_at", "next")
    }
    cover = reverse("absence_cover", args=[row.pk])
    assert boss.post(cover, hidden | {"cover": "0"}).status_code == 302
    assert not Override.objects.exists()
    assert boss.post(cover, hidden | {"cover": str(spare.pk)}).url == month
    assert Override.objects.get().add_user == spare
    assert "No coming shift falls into an absence" in text(boss.get(month))
    assert boss.get(reverse("absence_add", args=[slug, 999_999])).status_code == 404
    stranger = AbsenceFactory()
    wrong = reverse("absence_cover", args=[stranger.pk])
    assert boss.post(wrong, hidden | {"cover": str(spare.pk)}).status_code == 404
    assert sign_in("responder").post(cover, hidden).status_code == 403
    assert sign_in("responder").get(url).status_code == 403


def test_only_oneself_and_managers_cancel(sign_in, schedule, shift):
    row = AbsenceFactory(user_id=shift.user_id)
    cancel = reverse("absence_cancel", args=[row.pk])
    assert sign_in("responder").post(cancel).status_code == 403
    assert sign_in().post(cancel).status_code == 404
    assert sign_in().post(reverse("absence_cancel", args=[9**9])).status_code == 404
    other = TeamFactory()
    boss = sign_in("manager")
    Membership.objects.create(team=other, user=boss.user, role="viewer")
    Membership.objects.create(team=other, user_id=shift.user_id, role="viewer")
    assert boss.post(cancel).status_code == 302
    row.refresh_from_db()
    assert row.cancelled_at == NOW
    assert "over already" in text(boss.post(cancel, follow=True))


def test_a_calendar_is_previewed_kept_read_and_removed(mine, settings):
    server = CalendarServer()
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{server.port}"
    server.serve(
        *(days(f"{n}", f"202602{n:02}", f"202602{n + 1:02}") for n in range(1, 15))
    )
    url, entry = reverse("absence_feed_add"), {"name": "Mine", "url": server.url}
    try:
        assert mine.get(url).status_code == 200
        assert "14 absences in" in text(mine.post(url, entry | {"act": "preview"}))
        assert not AbsenceFeed.objects.exists()
        assert mine.post(url, entry | {"act": "save"}).url == LIST
        page = text(mine.get(LIST))
        assert "127.0.0.1" in page
        assert "away.ics" not in page
        feed = AbsenceFeed.objects.get()
        read = reverse("absence_feed_read", args=[feed.pk])
        assert "Absences that changed: 0" in text(mine.post(read, follow=True))
        server.pages.clear()
        assert "answered 404" in text(mine.post(read, follow=True))
        remove = reverse("absence_feed_remove", args=[feed.pk])
        assert "is removed" in text(mine.post(remove, follow=True))
        assert not AbsenceFeed.objects.exists()
    finally:
        server.close()


def test_a_bad_address_is_said_at_its_field_and_others_calendars_are_not_there(mine):
    url = reverse("absence_feed_add")
    inside = {"name": "x", "url": "http://169.254.169.254/a.ics", "act": "save"}
    page = mine.post(url, inside)
    assert (page.status_code, "link-local" in text(page)) == (422, True)
    assert mine.post(url, {"name": ""}).status_code == 422
    other = AbsenceFeedFactory()
    read = reverse("absence_feed_read", args=[other.pk])
    assert mine.post(read).status_code == 404
