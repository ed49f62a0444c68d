"""The on-call pages, as a browser without JavaScript uses them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oncall.models import Schedule
from oncall.views import schedules
from tests.conftest import NOW
from tests.factories.oncall import (
    EscalationPolicyFactory,
    EscalationPolicyVersionFactory,
    EscalationStepFactory,
    EscalationTargetFactory,
    OverrideFactory,
    RotationFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    TeamFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def text(answer):
    return answer.content.decode()


def test_the_board_asks_as_much_about_one_schedule_as_about_three(sign_in, team):
    client, counts = sign_in("viewer"), []
    client.get("/oncall/")
    for rows in (1, 2):
        for _ in range(rows):
            make_weekly_schedule(team)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get("/oncall/")
        counts.append(len(asked))
    assert text(answer).count("Next handoff") == 3
    assert counts[0] == counts[1]


def test_the_board_shows_only_one_s_own_teams(sign_in, schedule):
    make_weekly_schedule(TeamFactory(), name="Elsewhere")
    page = text(sign_in("viewer").get("/oncall/"))
    assert schedule.name in page
    assert "Elsewhere" not in page
    assert "New schedule" not in page


def test_an_empty_board_says_what_to_do(sign_in):
    assert "No schedule yet" in text(sign_in("manager").get("/oncall/"))
    assert "A manager of your team" in text(sign_in("viewer").get("/oncall/"))


def test_gaps_are_told_on_the_board_and_on_the_page(sign_in, schedule):
    OverrideFactory(
        schedule=schedule,
        role="primary",
        add_user=None,
        remove_user=schedule.people[1],
        starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=2),
    )
    client = sign_in("responder")
    assert "Missing in the next 7 days" in text(client.get("/oncall/"))
    page = text(client.get(f"/oncall/{schedule.slug}/"))
    assert "No primary from" in page
    assert "No one" in page


def test_the_page_shows_lanes_overrides_and_who_is_next(sign_in, schedule):
    OverrideFactory(schedule=schedule, add_user=schedule.people[0], takes_role=True)
    OverrideFactory(schedule=schedule, add_user=schedule.people[1], role="secondary")
    page = text(sign_in("manager").get(f"/oncall/{schedule.slug}/"))
    assert "takes primary" in page
    assert "as well" in page
    assert "lane-now" in page
    assert "Who is next" in page
    assert "Every week, hands over Monday 09:00 Europe/Berlin" in page
    assert "primary + secondary" in page
    assert "no escalation policy" in page
    assert "style=" not in page


def test_the_sentence_names_the_policies_that_page_from_the_schedule(sign_in, schedule):
    for number, told in ((1, schedule), (2, None)):
        policy = EscalationPolicyFactory(team=schedule.team, name=f"Ladder {number}")
        for version in (1, 2):
            step = EscalationStepFactory(
                version=EscalationPolicyVersionFactory(policy=policy, number=version)
            )
            whom = {"schedule": schedule} if version == 1 or told else {}
            EscalationTargetFactory(step=step, **whom)
    page = text(sign_in("viewer").get(f"/oncall/{schedule.slug}/"))
    assert "Ladder 1</a>" in page
    assert "Ladder 2" not in page


def test_hours_stand_on_the_clock_of_a_zone_with_a_fixed_offset(sign_in, schedule):
    client = sign_in("manager")
    client.user.time_zone = "Etc/GMT+2"
    client.user.save()
    assert client.get(f"/oncall/{schedule.slug}/").status_code == 200
    assert "Etc/GMT+2" in text(client.get(f"/oncall/{schedule.slug}/override"))


def test_the_board_shows_many_schedules_page_by_page(sign_in, team, monkeypatch):
    monkeypatch.setattr(schedules, "MOST_CARDS", 2)
    for _ in range(3):
        make_weekly_schedule(team)
    client = sign_in("viewer")
    assert text(client.get("/oncall/")).count("Next handoff") == 2
    assert text(client.get("/oncall/?page=2")).count("Next handoff") == 1


def test_other_weeks_are_a_link_away_and_nonsense_is_this_week(sign_in, schedule):
    client, url = sign_in("viewer"), f"/oncall/{schedule.slug}/"
    assert "lane-now" not in text(client.get(url, {"from": "2026-03-02"}))
    for nonsense in ("soon", "0001-01-01", "9999-12-31"):
        assert "lane-now" in text(client.get(url, {"from": nonsense}))


def test_a_schedule_without_rotations_or_roles_still_shows(sign_in, team):
    Schedule.objects.create(team=team, slug="bare", name="Bare", time_zone="UTC")
    page = text(sign_in("manager").get("/oncall/bare/"))
    assert "Nobody is on call" in page


@pytest.mark.parametrize("kind", ["weeks", "month", "quarter"])
def test_a_schedule_asks_as_much_about_many_rows_as_about_few(sign_in, schedule, kind):
    client, counts = sign_in("responder"), []
    url = f"/oncall/{schedule.slug}/?range={kind}"
    client.get(url)
    for rows in (1, 3):
        for person in schedule.people[:rows]:
            OverrideFactory(schedule=schedule, add_user=person)
            version = RotationVersionFactory(
                rotation=RotationFactory(schedule=schedule, roles=["helper"])
            )
            RotationMemberFactory(version=version, user=person)
        make_weekly_schedule(schedule.team)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_ranges_keep_the_day_and_bars_lead_to_the_form(sign_in, schedule):
    url = f"/oncall/{schedule.slug}/"
    page = text(sign_in("responder").get(url, {"range": "month", "from": "2026-03-09"}))
    assert "March 2026" in page
    assert "?range=quarter&amp;from=2026-03-01" in page
    assert "?range=month&amp;from=2026-02-01" in page
    assert "?range=month&amp;from=2026-04-01" in page
    form = reverse("override_create", args=[schedule.slug])
    bar = f'href="{form}?from=2026-03-09T08%3A00Z&amp;to=2026-03-16T08%3A00Z&amp;role='
    assert bar in page
    for_viewers = text(sign_in("viewer").get(url))
    assert form not in for_viewers
    assert "data-lanes" not in for_viewers


def test_an_override_s_bar_leads_to_its_row(sign_in, schedule):
    row = OverrideFactory(schedule=schedule, add_user=schedule.people[0])
    page = text(sign_in("viewer").get(f"/oncall/{schedule.slug}/"))
    assert f'href="#override-{row.pk}"' in page
    assert f'id="override-{row.pk}"' in page


def test_who_cannot_be_reached_is_told_on_the_board_the_page_and_the_team(
    sign_in, schedule, team
):
    person = schedule.people[2]
    person.is_active = False
    person.save()
    for other in schedule.people[:2]:
        other.contact_methods.create(
            kind="email", address="x@example.org", verified_at=NOW
        )
    client = sign_in("responder")
    for url in ("/oncall/", f"/oncall/{schedule.slug}/", f"/teams/{team.slug}/"):
        page = text(client.get(url))
        assert f"{person.display_name} cannot be reached" in page
        assert "account" in page
