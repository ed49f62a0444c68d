"""What somebody presses stays where it is until it is released."""

from playwright.sync_api import expect

from checklists.models import RunItem
from checklists.services.checklists import ItemPlan
from tests.browser import stage


def test_news_waits_while_a_box_is_pressed(scene, open_page):
    run = stage.open_run(scene, [ItemPlan(text="Look"), ItemPlan(text="Listen")])
    look, listen = run.items.order_by("pk")
    first, second = (open_page(user) for user in scene.people[:2])
    for page in (first, second):
        page.goto(f"/runs/{run.pk}/")
    second.locator(f"#item-{look.pk} button.box").hover()
    second.mouse.down()
    first.locator(f"#item-{listen.pk} button.box").click()
    expect(first.locator(f"#item-{listen.pk} .box.ok")).to_be_visible()
    with second.expect_response(lambda each: "/live/" in each.url and each.ok):
        pass
    expect(second.locator(f"#item-{listen.pk} .box.ok")).to_have_count(0)
    second.mouse.up()
    expect(second.locator(f"#item-{look.pk} .box.ok")).to_be_visible()
    expect(second.locator(f"#item-{listen.pk} .box.ok")).to_be_visible()
    assert RunItem.objects.get(pk=look.pk).version > 0


def test_a_fold_at_the_edge_opens_with_one_press_and_takes_the_words(scene, open_page):
    items = [ItemPlan(text=f"Look {place}", needs_note=True) for place in range(30)]
    run = stage.open_run(scene, items)
    page = open_page(scene.people[0])
    page.goto(f"/runs/{run.pk}/")
    row = page.locator(f"#item-{run.items.order_by('pk')[20].pk}")
    fold = row.get_by_text("Tick with a note", exact=True)
    # Its row ends below what is seen, so that to show all of it would move it.
    fold.evaluate("""(node) => {
      const bottom = node.getBoundingClientRect().bottom;
      scrollTo({top: scrollY + bottom - innerHeight + 2, behavior: "instant"});
    }""")
    box = fold.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 6)
    page.mouse.down()
    page.mouse.up()
    # Letters of a note are keys elsewhere: n leaves the item out.
    page.keyboard.type("nothing new")
    expect(row.get_by_label("What did you find?")).to_have_value("nothing new")
    expect(row.get_by_text("Leave it out")).to_be_hidden()
