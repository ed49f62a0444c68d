"""Writing the notes of a handoff while typing, and accepting it."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from oncall.models import Handoff
from tests.browser.stage import MINUTE

NOTES = "Renewal ticket is with the network team."


@pytest.fixture
def handoff(scene):
    giver, taker, _ = scene.people
    return Handoff.objects.create(
        schedule=scene.schedule,
        rotation=scene.schedule.rotations.get(),
        at=timezone.now() + 20 * MINUTE,
        outgoing=giver,
        incoming=taker,
        created_at=timezone.now() - 60 * MINUTE,
    )


def test_one_writes_the_notes_and_the_other_accepts(scene, handoff, open_page):
    giver, taker = (open_page(user) for user in scene.people[:2])
    giver.goto("/")
    giver.get_by_role("link", name="Write your notes").click()
    giver.get_by_label("What only you know").fill(NOTES)
    expect(giver.locator("#notes-state")).to_contain_text("Saved")
    giver.get_by_label("What only you know").press_sequentially(" Ask again.")
    expect(giver.locator("#notes-revision")).to_have_value("2")
    expect(giver.get_by_label("What only you know")).to_be_focused()
    handoff.refresh_from_db()
    assert handoff.notes == f"{NOTES} Ask again."

    taker.goto("/")
    taker.get_by_role("link", name="Read the brief").click()
    expect(taker.get_by_label("What only you know")).to_have_value(handoff.notes)
    expect(taker.get_by_text("Drafted by the portal")).to_be_visible()
    taker.get_by_role("button", name="Accept the handoff").click()
    expect(taker.get_by_text("accepted by Engineer B").first).to_be_visible()
    expect(taker.get_by_text("As it was when it was accepted")).to_be_visible()
    handoff.refresh_from_db()
    assert handoff.accepted_by == scene.people[1]


def test_what_two_people_type_at_once_is_shown_to_the_second(
    scene, handoff, open_page, watch
):
    watch.expects("status of 409")
    pages = [open_page(user) for user in scene.people[:2]]
    for page in pages:
        page.goto(f"/handoffs/{handoff.pk}/")
    pages[0].get_by_label("What only you know").fill("One")
    expect(pages[0].locator("#notes-state")).to_contain_text("Saved")
    pages[1].get_by_label("What only you know").fill("Two")
    conflict = pages[1].get_by_role("alert")
    expect(conflict).to_contain_text("Engineer A changed the notes first")
    expect(conflict).to_contain_text("One")
    pages[1].get_by_role("button", name="Save mine instead").click()
    expect(pages[1].get_by_role("alert")).to_be_hidden()
    expect(pages[1].get_by_label("What only you know")).to_have_value("Two")
    handoff.refresh_from_db()
    assert handoff.notes == "Two"
