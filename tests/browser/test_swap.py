"""Somebody gives a shift away and a colleague takes it."""

from playwright.sync_api import expect

from oncall.models import SwapRequest


def test_a_shift_is_asked_away_taken_and_drawn(scene, open_page):
    giver, _, taker = scene.people
    asking = open_page(giver)
    asking.goto(f"/oncall/{scene.schedule.slug}/swap")
    shifts = asking.get_by_role("group", name="Shifts to give away")
    shifts.get_by_label("Primary").first.check()
    asking.get_by_label("Whom to ask").select_option(label=taker.name)
    asking.get_by_label("Reason").fill("Dentist")
    asking.get_by_role("button", name="Preview").click()
    expect(asking.locator(".preview")).to_contain_text(taker.name)
    assert not SwapRequest.objects.exists()
    asking.get_by_role("button", name="Send request").click()
    expect(asking.get_by_text("Asked. You hear")).to_be_visible()

    answering = open_page(taker)
    answering.goto("/swaps/")
    answering.get_by_role("button", name="Take it").click()
    expect(answering.get_by_text("The shifts are yours.")).to_be_visible()
    swap = SwapRequest.objects.get()
    assert (swap.state, swap.taker) == ("taken", taker)
    asking.goto(f"/oncall/{scene.schedule.slug}/?range=month")
    expect(asking.locator("svg").get_by_text("Dentist").or_(
        asking.get_by_role("row").filter(has_text="Dentist")
    ).first).to_be_visible()  # fmt: skip
