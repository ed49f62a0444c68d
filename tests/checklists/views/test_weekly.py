"""Weekly reviews: pages, PDF, sending now and every week."""

from datetime import UTC, datetime, timedelta

import pytest

from checklists.models import WeeklyReview
from checklists.services import weekly_reviews
from checklists.services.weekly_reviews import send_weekly_reviews
from oncall.models import AuditEntry, Notification
from tests.factories.checklists import (
    CheckDayFactory,
    CheckFactory,
    CheckFlipFactory,
    WeeklyReviewFactory,
    pack_hour,
)
from tests.factories.incidents import (
    ActionItemFactory,
    AlertFactory,
    IncidentFactory,
)
from tests.factories.oncall import ChannelFactory, ScheduleFactory, UserFactory
from tests.factories.runs import DAY, HOUR, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# Wednesday of the week from 12 January.
NOW = datetime(2026, 1, 14, 5, 1, tzinfo=UTC)
MONDAY = "2026-01-12"


@pytest.fixture
def url(team):
    return f"/reviews/{team.slug}/{MONDAY}/"


@pytest.fixture
def week(service, team):
    """A run, an incident with alert and action item, checks that see a limit."""
    run = open_run(service=service)
    incident = IncidentFactory(
        service=service, title="Lag grew", declared_at=NOW - DAY, started_at=NOW - DAY
    )
    AlertFactory(
        service=service, summary="Lag high", starts_at=NOW - DAY, incident=incident
    )
    ActionItemFactory(incident=incident, title="Alert sooner", due_on="2026-01-13")
    ActionItemFactory(incident=incident, title="Nobody yet", owner=None)
    disk = CheckFactory(
        service=service,
        name="Disk",
        condition="value < 100",
        last_value=90.0,
        measures_uptime=True,
    )
    for age in range(1, 25):
        on = (NOW - age * DAY).date()
        CheckDayFactory(check_ref=disk, on=on, hours=pack_hour(on, 90.0 - age))
    CheckFlipFactory(check_ref=disk, at=NOW - 40 * DAY, new_status="pass")
    CheckFlipFactory(check_ref=disk, at=NOW - 2 * HOUR, new_status="fail")
    CheckFactory(service=service, kind="tls", name="Certificate", last_value=12.0)
    ScheduleFactory(team=team)
    return run


def test_a_week_as_page_and_pdf(week, url, sign_in):
    html = sign_in("viewer").get(url).content.decode()
    for words in (
        "12 January to 18 January 2026",
        "The week goes on",
        week.checklist.name,
        "Lag grew",
        "Lag high",
        "13 Jan 2026, overdue",
        "no one",
        "Days to its limit",
        "Certificate",
        "<td>2.0 h</td>",
        "Nobody gets it by itself yet.",
    ):
        assert words in html
    assert "The week after" not in html
    assert "Send it now" not in html
    client = sign_in("viewer")
    assert client.get(url.replace(MONDAY, "2025-12-29")).status_code == 200
    assert client.get(url.rstrip("/") + ".pdf").content.startswith(b"%PDF-")
    assert url in client.get("/reviews/").content.decode()


@pytest.mark.parametrize("monday", ["2026-01-13", "2026-01-19", "x"])
def test_a_week_that_is_none_or_to_come_is_not_there(monday, url, sign_in):
    client = sign_in("viewer")
    assert client.get(url.replace(MONDAY, monday)).status_code == 404


def test_reviews_of_others_are_not_there(url, sign_in):
    client = sign_in()
    assert client.get(url).status_code == 404
    assert client.post(f"{url}send/").status_code == 404
    assert "You are in no team" in client.get("/reviews/").content.decode()


def test_responders_send_it_to_the_managers_and_viewers_do_not(week, url, sign_in):
    manager = UserFactory(team=week.team, team__role="manager")
    assert sign_in("viewer").post(f"{url}send/").status_code == 403
    assert sign_in("responder").post(f"{url}send/").status_code == 302
    told = Notification.objects.filter(topic__startswith="review:").get()
    assert told.recipient == manager
    assert "1 incident, 1 alert, 0 pages. 2 action items open, 1 overdue." in told.text
    assert told.url.endswith(url)
    assert AuditEntry.objects.get(action="review.send").after["told"] == 1


def test_managers_say_when_it_is_sent_and_it_is_sent_once_a_week(team, url, sign_in):
    client = sign_in("manager")
    channel = ChannelFactory(team=team, name="Operations")
    answers = {"weekday": "3", "send_time": "09:30", "channel": channel.pk}
    assert client.post(f"{url}plan/", {**answers, "is_on": "on"}).status_code == 302
    review = WeeklyReview.objects.get()
    # Thursday at half past nine in Berlin.
    assert review.next_send_at == datetime(2026, 1, 15, 8, 30, tzinfo=UTC)
    assert "also to Operations" in client.get(url).content.decode()
    due = review.next_send_at
    assert send_weekly_reviews(now=due - timedelta(seconds=1)) == 0
    assert [send_weekly_reviews(now=due) for _ in range(2)] == [1, 0]
    told = Notification.objects.get(topic=f"review:{team.pk}:2026-01-05")
    assert (told.channel, told.recipient) == (channel, None)
    review.refresh_from_db()
    assert review.next_send_at == due + 7 * DAY
    assert (
        client.post(f"{url}plan/", {**answers, "to_managers": "on"}).status_code == 302
    )
    review.refresh_from_db()
    assert (review.next_send_at, review.to_managers) == (None, True)
    assert send_weekly_reviews(now=due + 30 * DAY) == 0


def test_a_review_for_nobody_is_refused(url, sign_in):
    answers = {"is_on": "on", "weekday": "0", "send_time": "08:00"}
    answer = sign_in("manager").post(f"{url}plan/", answers)
    assert answer.status_code == 422
    assert "Choose the managers or a channel." in answer.content.decode()
    assert sign_in("manager").post(f"{url}plan/", {"weekday": "9"}).status_code == 422
    assert sign_in("responder").post(f"{url}plan/", answers).status_code == 403


def test_who_loses_the_race_sends_nothing(monkeypatch, team):
    review = WeeklyReviewFactory(team=team, next_send_at=NOW)

    def slower(*args, **more):
        WeeklyReview.objects.update(next_send_at=NOW + 7 * DAY)
        return NOW + 7 * DAY

    monkeypatch.setattr(weekly_reviews, "next_send", slower)
    assert send_weekly_reviews(now=NOW) == 0
    assert str(review) == f"weekly review of {team}"
    assert not Notification.objects.exists()
