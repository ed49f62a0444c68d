"""A manager edits next month's roster, reads what changes, saves it and undoes it."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser import stage

NEXT_MONTH = timedelta(weeks=5)


def test_next_months_roster_is_edited_previewed_saved_and_undone(scene, open_page):
    filled = stage.fill_scene(scene)
    page = open_page(filled.manager)
    page.goto(filled.pages["rotation editor"])
    reorder_by_keyboard(page)
    page.get_by_label("Effective from").fill(f"{scene.now + NEXT_MONTH:%Y-%m-%dT09:00}")
    page.get_by_role("button", name="Preview", exact=True).press("Enter")
    preview = page.get_by_role("region", name="What this changes")
    expect(preview).to_contain_text("The order is")
    for letter in "AB":
        expect(preview.get_by_role("table")).to_contain_text(f"Engineer {letter}")
    rotation = scene.schedule.rotations.get()
    assert rotation.versions.count() == 1

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The rotation is saved.")).to_be_visible()
    assert rotation.versions.count() == 2
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undo an edit")
    expect(preview).to_contain_text("Engineer A")
    page.get_by_role("button", name="Undo the edit").click()
    expect(page.get_by_text("The edit is undone.")).to_be_visible()
    undone = rotation.versions.get(undoes__isnull=False)
    assert undone.effective_from == undone.undoes.effective_from

    page.goto(f"/oncall/{scene.schedule.slug}/versions/")
    row = page.get_by_role("row").filter(has_text="undone by Manager")
    expect(row).to_contain_text("The order is")


def reorder_by_keyboard(page: Page) -> None:
    """Bring the first to the second place; the button goes on having the focus."""
    places = page.get_by_role("group", name="Order of people").get_by_role("combobox")
    first = places.nth(0).input_value()
    page.get_by_role("button", name="Move place 1 down").press("Enter")
    expect(places.nth(1)).to_have_value(first)
    expect(page.get_by_role("button", name="Move place 2 down")).to_be_focused()
