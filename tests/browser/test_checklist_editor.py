"""A manager orders the items of a checklist by keyboard and mouse, and tries a check."""

from playwright.sync_api import expect

from checklists.models import CheckResult
from checklists.services.checklists import ItemPlan
from checklists.services.drafts import read_draft
from tests.browser import stage
from tests.factories.checklists import CheckFactory


def test_items_are_moved_and_a_check_is_tried(scene, open_page):
    check = CheckFactory(service=scene.service, slug="lag", name="Lag")
    watched = ItemPlan(text="Lag", mode="auto", checks=(check,))
    plans = [ItemPlan(text=text) for text in ("One", "Two", "Three")]
    checklist = stage.open_run(scene, [*plans, watched]).checklist
    page = open_page(scene.manager)
    page.goto(f"/checklists/{checklist.slug}/draft/")
    names = page.locator("[data-row] .label a")
    rows = page.locator("[data-row]")

    names.filter(has_text="Three").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(names).to_have_text(["One", "Three", "Two", "Lag"])
    expect(names.filter(has_text="Three")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(names).to_have_text(["One", "Two", "Three", "Lag"])

    one, three = rows.filter(has_text="One"), rows.filter(has_text="Three")
    low = {"x": 60, "y": three.bounding_box()["height"] - 3}
    one.locator(".grip").drag_to(three, target_position=low)
    expect(names).to_have_text(["Two", "Three", "One", "Lag"])
    high = {"x": 60, "y": 3}
    rows.filter(has_text="Lag").locator(".grip").drag_to(
        rows.first, target_position=high
    )
    expect(names).to_have_text(["Lag", "Two", "Three", "One"])
    saved = [each.item.text for each in read_draft(checklist).draft.items]
    assert saved == ["Lag", "Two", "Three", "One"]

    page.get_by_role("button", name="Test now").click()
    expect(page.locator(".witness")).to_contain_text("This test kept nothing.")
    expect(names).to_have_text(["Lag", "Two", "Three", "One"])
    assert not CheckResult.objects.exists()

    page.get_by_role("button", name="Undo").click()
    expect(names).to_have_text(["Two", "Three", "One", "Lag"])
