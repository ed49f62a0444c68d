"""A stretch is drawn on a lane of a schedule and becomes an override."""

from datetime import datetime, timedelta

from playwright.sync_api import Page, Response, expect

from oncall.models import Override

DAY = timedelta(days=1)


def test_a_stretch_that_was_dragged_out_becomes_an_override(scene, open_page):
    page = open_page(scene.manager)
    page.goto(f"/oncall/{scene.schedule.slug}/?from={scene.now + 14 * DAY:%Y-%m-%d}")
    figure = page.locator("figure.lanes")
    from_, to = (datetime.fromisoformat(figure.get_attribute(f"data-{end}"))
                 for end in ("from", "to"))  # fmt: skip
    drag_along_lane(page, "primary", 0.25, 0.5)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add override")
    expect(page.get_by_label("Role")).to_have_value("primary")
    page.get_by_label("Reason").fill("Dentist")
    # Before that it shows what the one who draws it would take over, from whomever.
    with page.expect_response(lambda answer: asks_about(scene.people[2], answer)):
        page.get_by_label("Who comes in").select_option(label="Engineer C")
    expect(page.locator("#preview")).not_to_contain_text("Manager")
    expect(page.locator("#preview")).to_contain_text("Engineer C")
    assert not Override.objects.exists()
    page.get_by_role("button", name="Add override").click()
    expect(page.get_by_role("row").filter(has_text="Dentist")).to_be_visible()

    row = Override.objects.get()
    assert (row.add_user, row.role) == (scene.people[2], "primary")
    for moment, share in ((row.starts_at, 0.25), (row.ends_at, 0.5)):
        assert abs(moment - (from_ + share * (to - from_))) < DAY / 4


def test_escape_lets_go_of_a_stretch(scene, open_page):
    page = open_page(scene.manager)
    address = f"/oncall/{scene.schedule.slug}/"
    page.goto(address)
    drag_along_lane(page, "primary", 0.5, 0.75, key="Escape")
    expect(page.locator(".lane-pick")).to_have_count(0)
    assert page.url.endswith(address)


def asks_about(person, answer: Response) -> bool:
    """Say whether a preview is of an override in which that person comes in."""
    return f"&add_user={person.pk}&" in (answer.request.post_data or "")


def drag_along_lane(
    page: Page, role: str, start: float, end: float, *, key: str = ""
) -> None:
    """Press at one share of a lane's width, and let go at another."""
    box = page.locator(f'.lane-grip[data-role="{role}"]').bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], height)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], height, steps=4)
    expect(page.locator(".lane-pick")).to_have_count(1)
    if key:
        page.keyboard.press(key)
    page.mouse.up()
