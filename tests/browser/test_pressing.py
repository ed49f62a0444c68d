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
