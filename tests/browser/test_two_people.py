"""Two people work on one item at once: nobody's words are lost."""

import pytest
from playwright.sync_api import expect

from checklists.models import RunItem
from checklists.services.checklists import ItemPlan
from tests.browser import stage

THEIRS, MINE = "The standby trails since nine.", "All quiet."


@pytest.fixture
def item(scene) -> RunItem:
    run = stage.open_run(scene, [ItemPlan(text="Review slow queries")])
    return run.items.get()


def write_note(row, text: str) -> None:
    row.get_by_text("Note", exact=True).first.click()
    row.get_by_role("textbox", name="Note").fill(text)


def test_the_second_sees_the_first_ones_words_and_decides(
    scene, item, open_page, watch
):
    # Chromium itself writes an answer of 409 to its console.
    watch.expects("status of 409")
    pages = [open_page(user) for user in scene.people[:2]]
    rows = [page.locator(f"#item-{item.pk}") for page in pages]
    for page, row, text in zip(pages, rows, (THEIRS, MINE), strict=True):
        page.goto(f"/runs/{item.run_id}/")
        write_note(row, text)
    for row in rows:
        row.get_by_role("button", name="Save the note").click()
        expect(row.get_by_role("button", name="Save the note")).to_be_hidden()

    conflict = rows[1].get_by_role("alert")
    expect(conflict).to_contain_text("changed “Review slow queries” first")
    expect(conflict).to_contain_text(THEIRS)
    expect(conflict).to_contain_text(MINE)
    expect(conflict).to_be_focused()
    item.refresh_from_db()
    assert item.note == THEIRS

    conflict.get_by_role("link", name="Keep theirs").click()
    expect(rows[1].locator(".said")).to_contain_text(THEIRS)
    item.refresh_from_db()
    assert item.note == THEIRS


def test_what_the_first_ticks_shows_on_the_page_of_the_second(scene, item, open_page):
    first, second = (open_page(user) for user in scene.people[:2])
    for page in (first, second):
        page.goto(f"/runs/{item.run_id}/")
    first.locator(f"#item-{item.pk} button.box").click()
    expect(second.locator(f"#item-{item.pk} .box.ok")).to_be_visible()
    expect(second.get_by_text("1 of 1 done")).to_be_visible()


def test_news_of_a_row_does_not_take_the_place_of_its_answer(
    scene, item, open_page, watch
):
    watch.expects("status of 409")
    first, second = (open_page(user) for user in scene.people[:2])
    for page in (first, second):
        page.goto(f"/runs/{item.run_id}/")
    on_the_way = []

    def hold_back(route) -> None:
        on_the_way.append(route)

    second.route(f"**/items/{item.pk}/tick/", hold_back)
    second.locator(f"#item-{item.pk} button.box").click()
    first.locator(f"#item-{item.pk} button.box").click()
    with second.expect_response(lambda each: "/live/" in each.url and each.ok):
        expect(first.locator(f"#item-{item.pk} .box.ok")).to_be_visible()
    # The page looked again after the news: it has taken them in.
    with second.expect_response(lambda each: "/live/" in each.url):
        on_the_way[0].continue_()
    conflict = second.locator(f"#item-{item.pk}").get_by_role("alert")
    expect(conflict).to_contain_text("changed “Review slow queries” first")
