"""Handoff pages, as a browser uses them with and without JavaScript."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oncall.models import Handoff
from oncall.queries.handoffs import handoff_card
from oncall.services.handing_over import accept_handoff, write_notes
from oncall.services.handoffs import advance_handoffs
from tests.factories.oncall import make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AT = datetime(2026, 1, 19, 8, tzinfo=UTC)
NOW = AT - HOUR
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def handoff(schedule):
    advance_handoffs(now=NOW)
    return Handoff.objects.get()


@pytest.fixture
def incoming(sign_in, handoff):
    client = sign_in("responder")
    Handoff.objects.filter(pk=handoff.pk).update(incoming=client.user)
    return client


def text(answer):
    return answer.content.decode()


def url(handoff, act="detail"):
    return reverse(f"handoff_{act}", args=[handoff.pk])


def save(client, handoff, notes, revision=0, **more):
    headers = more.pop("headers", None)
    form = {"notes": notes, "revision": revision, **more}
    return client.post(url(handoff, "notes"), form, headers=headers)


def test_the_page_has_the_brief_the_people_and_the_notes(sign_in, handoff):
    client = sign_in("responder")
    write_notes(
        handoff.pk, "**Ping** <script>x</script>", revision=0, by=client.user, now=NOW
    )
    page = text(client.get(url(handoff)))
    assert "Monday 19 January 09:00" in page
    assert f"waiting for {handoff.incoming} to accept" in page
    assert "Open incidents" in page
    assert "None expires within 30 days" in page
    viewer = text(sign_in("viewer").get(url(handoff)))
    assert "<strong>Ping</strong>" in viewer
    assert "<script>x" not in viewer
    assert "notes-revision" not in viewer


def test_handoffs_of_another_team_do_not_exist(sign_in, handoff):
    stranger = sign_in()
    assert stranger.get(url(handoff)).status_code == 404
    assert save(stranger, handoff, "Mine").status_code == 404
    assert stranger.post(url(handoff, "accept")).status_code == 404
    assert str(handoff.incoming) not in text(stranger.get(reverse("handoff_list")))


def test_a_viewer_neither_writes_nor_accepts(sign_in, handoff):
    viewer = sign_in("viewer")
    assert save(viewer, handoff, "Mine").status_code == 403
    assert viewer.post(url(handoff, "accept")).status_code == 403


def test_notes_are_saved_by_a_plain_form(sign_in, handoff):
    client = sign_in("responder")
    answer = save(client, handoff, "Renewal is under way.\r\n")
    assert answer.status_code == 302
    handoff.refresh_from_db()
    assert (handoff.notes, handoff.revision) == ("Renewal is under way.", 1)


def test_typed_notes_save_themselves_and_renew_the_revision(sign_in, handoff):
    client = sign_in("responder")
    answer = save(client, handoff, "Half a sen", headers=HTMX)
    assert answer.status_code == 200
    page = text(answer)
    assert "Saved" in page
    assert 'value="1" hx-swap-oob="true"' in page
    assert "<textarea" not in page


def test_a_conflict_shows_both_and_saving_again_writes_over_it(sign_in, handoff):
    first, second = sign_in("responder"), sign_in("responder")
    save(first, handoff, "One")
    for headers in (None, HTMX):
        answer = save(second, handoff, "Two", headers=headers)
        page = text(answer)
        assert answer.status_code == 409
        assert f"{first.user} changed the notes first" in page
        assert "One" in page
        assert "Two" in page
        assert 'name="revision" value="1"' in page
    assert answer["HX-Retarget"] == "#notes"
    again = save(second, handoff, "Two", revision=1, whole="yes", headers=HTMX)
    assert again["HX-Redirect"] == url(handoff)
    handoff.refresh_from_db()
    assert handoff.notes == "Two"


def test_notes_that_cannot_be_saved_stay_in_the_field(sign_in, handoff):
    client = sign_in("responder")
    broken = save(client, handoff, "Mine", revision="x")
    assert broken.status_code == 422
    long = save(client, handoff, "y" * 20_001)
    assert long.status_code == 422
    assert "yyy" in text(long)
    Handoff.objects.update(cancelled_at=NOW)
    assert save(client, handoff, "Mine").status_code == 409


def test_the_incoming_person_accepts(incoming, handoff):
    assert "Accept the handoff" in text(incoming.get(url(handoff)))
    assert incoming.post(url(handoff, "accept")).status_code == 302
    handoff.refresh_from_db()
    assert handoff.accepted_by == incoming.user
    page = text(incoming.get(url(handoff)))
    assert "As it was when it was accepted" in page
    assert "Accept the handoff" not in page
    save(incoming, handoff, "One more thing")
    Handoff.objects.update(notes_at=NOW + HOUR)
    assert "Changed after the handoff was accepted" in text(incoming.get(url(handoff)))


def test_a_manager_accepts_in_their_place_and_a_colleague_does_not(sign_in, handoff):
    colleague, manager = sign_in("responder"), sign_in("manager")
    assert "Accept" not in text(colleague.get(url(handoff)))
    assert colleague.post(url(handoff, "accept")).status_code == 403
    assert "Accept in their place" in text(manager.get(url(handoff)))
    manager.post(url(handoff, "accept"))
    assert "in place of" in text(manager.get(url(handoff)))


def test_where_nobody_comes_in_anybody_who_answers_pages_may_take_it(sign_in, handoff):
    Handoff.objects.update(incoming=None)
    assert sign_in("responder").post(url(handoff, "accept")).status_code == 302


def test_too_early_is_said_and_not_offered(incoming, handoff):
    with time_machine.travel(NOW - DAY, tick=False):
        assert "Accept the handoff" not in text(incoming.get(url(handoff)))
        incoming.post(url(handoff, "accept"))
        assert "too early" in text(incoming.get(url(handoff)))


def test_a_cancelled_one_keeps_its_notes(sign_in, handoff):
    client = sign_in("responder")
    save(client, handoff, "Kept")
    Handoff.objects.update(cancelled_at=NOW, asked_at=NOW, reminded_at=NOW)
    page = text(client.get(url(handoff)))
    assert "does not happen" in page
    assert "Kept" in page


def test_past_handoffs_are_found_by_their_notes(sign_in, handoff, team):
    client = sign_in("viewer")
    other = make_weekly_schedule(team, slug="other")
    advance_handoffs(now=NOW)
    write_notes(handoff.pk, "Renewal", revision=0, by=client.user, now=NOW)
    page = reverse("handoff_list")
    for query, found in (
        ({}, 2),
        ({"q": "renew"}, 1),
        ({"q": "nothing"}, 0),
        ({"schedule": "other"}, 1),
        ({"schedule": "not one of them"}, 2),
    ):
        answer = client.get(page, query)
        assert len(answer.context["rows"]) == found
    assert "No handoff here" in text(client.get(page, {"q": "nothing"}))
    assert other.name in text(client.get(page))


def test_the_list_asks_the_same_number_of_questions(sign_in, team):
    client, counts = sign_in("viewer"), []
    make_weekly_schedule(team)
    for more in (0, 2):
        for _ in range(more):
            make_weekly_schedule(team)
        advance_handoffs(now=NOW)
        client.get(reverse("handoff_list"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("handoff_list"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_card_of_a_schedule(handoff, schedule):
    card = handoff_card(schedule.pk, NOW)
    page = render_to_string("oncall/_handoff_card.html", {"card": card, "now": NOW})
    assert card.title in page
    assert "Edit notes" in page
    assert ("clock, Europe/Berlin" in page) is bool(card.filled)
    accept_handoff(handoff.pk, by=handoff.incoming, now=NOW)
    write_notes(handoff.pk, "Done", revision=0, by=handoff.incoming, now=NOW)
    card = handoff_card(schedule.pk, NOW + 2 * HOUR)
    page = render_to_string("oncall/_handoff_card.html", {"card": card, "now": NOW})
    assert "Done" in page
    assert "Edit notes" not in page


def test_today_shows_both_people_their_handoff(sign_in, handoff):
    giver, taker = sign_in("responder"), sign_in("responder")
    Handoff.objects.update(outgoing=giver.user, incoming=taker.user)
    assert "Write your notes" in text(giver.get("/"))
    assert "Read the brief" in text(taker.get("/"))
    with time_machine.travel(AT + HOUR, tick=False):
        assert "has not accepted" in text(giver.get("/"))
        assert "Accept the handoff" in text(taker.get("/"))
    assert "Read the brief" not in text(sign_in("responder").get("/"))
