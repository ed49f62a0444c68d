"""Everything works with plain forms: a browser whose scripts are switched off."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import stage
from tests.factories.oncall import PASSWORD

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.fixture
def filled(scene):
    return stage.fill_scene(scene)


@pytest.fixture
def page(open_page) -> Page:
    return open_page(java_script_enabled=False)


def sign_in(page: Page, user) -> None:
    user.set_password(PASSWORD)
    user.save()
    page.goto("/")
    page.locator("[name=login]").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_title(re.compile(r"^Today\b"))


def row_of(page: Page, text: str) -> Locator:
    return page.locator("[data-item]").filter(has_text=text)


def test_a_run_is_worked_and_handed_in(filled, page, watch):
    # Chromium itself writes an answer of 422 to its console.
    watch.expects("status of 422")
    sign_in(page, filled.people[0])
    page.goto(filled.pages["run"])
    tick_untick_and_leave_out(row_of(page, "Review overnight alerts"))
    tick_with_a_note(row_of(page, "Review slow queries"))
    tick_although_it_fails(row_of(page, "Check cache hit ratio"))
    enter_a_number(page)
    send_files(page)
    link = row_of(page, "Notes of the meeting")
    link.get_by_label("Link").fill("https://wiki.example.org/notes")
    link.get_by_role("button", name="Save").click()
    text = row_of(page, "What was shared")
    text.get_by_label("Answer").fill("The new dashboard.")
    text.get_by_role("button", name="Save").click()
    expect(text.locator(".box.ok")).to_be_visible()
    page.get_by_role("button", name="Complete the run").click()
    expect(page.get_by_text("This run is closed and stays as it is.")).to_be_visible()


def tick_untick_and_leave_out(row: Locator) -> None:
    box = row.locator("button.box")
    box.click()
    expect(box).to_have_attribute("aria-pressed", "true")
    box.click()
    expect(box).to_have_attribute("aria-pressed", "false")
    row.get_by_text("Not applicable").click()
    row.get_by_label("Why is it left out today?").fill("Nobody was on duty.")
    row.get_by_role("button", name="Leave it out").click()
    expect(row.locator(".box.na")).to_be_visible()


def tick_with_a_note(row: Locator) -> None:
    row.get_by_text("Tick with a note").click()
    row.get_by_label("What did you find?").fill("Two, both known.")
    row.get_by_role("button", name="Tick", exact=True).click()
    expect(row.locator(".box.ok")).to_be_visible()
    row.get_by_text("Change the note").click()
    row.get_by_role("textbox", name="Note").fill("Three, all known.")
    row.get_by_role("button", name="Save the note").click()
    expect(row.locator(".said")).to_contain_text("Three, all known.")


def tick_although_it_fails(row: Locator) -> None:
    row.get_by_text("Tick anyway").click()
    row.get_by_label("Why tick it although it fails?").fill("A node is rebuilt.")
    row.get_by_role("button", name="Tick", exact=True).click()
    expect(row.get_by_text("went on although it fails")).to_be_visible()


def enter_a_number(page: Page) -> None:
    """Outside of what is allowed it is refused, outside of the usual noted."""
    row = row_of(page, "Capacity left")
    row.get_by_label("Number in d").fill("400")
    row.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("365")
    page.get_by_label("Number in d").fill("20")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Note").fill("New disks come on Monday.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row.locator(".box.ok")).to_be_visible()
    expect(row.locator(".said")).to_contain_text("New disks come on Monday.")


def send_files(page: Page) -> None:
    """A report and a picture; what is no picture is refused."""
    row = row_of(page, "Report of the restore")
    row.get_by_label("File").set_input_files(
        {"name": "restore.txt", "mimeType": "text/plain", "buffer": b"All came back."}
    )
    row.get_by_role("button", name="Upload").click()
    expect(row.get_by_role("link", name="restore.txt")).to_be_visible()
    row = row_of(page, "Picture of the dashboard")
    row.get_by_label("Photo").set_input_files(
        {"name": "board.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    row.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "board.png", "mimeType": "image/png", "buffer": PNG}
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row.get_by_role("img", name="board.png")).to_be_attached()


def test_an_alert_is_acknowledged_and_an_incident_declared_from_it(filled, page, watch):
    watch.expects("status of 422")
    sign_in(page, filled.people[0])
    page.get_by_role("link", name="Alerts").first.click()
    row = page.locator("[data-item]")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("Engineer A has it")
    page.get_by_role("link", name="Cache hit ratio below 85 %").click()
    page.get_by_role("link", name="Declare incident").click()
    page.get_by_label("What is broken?").fill("")
    page.get_by_role("button", name="Declare incident").click()
    expect(page.get_by_label("What is broken?")).to_have_attribute(
        "aria-invalid", "true"
    )
    page.get_by_label("What is broken?").fill("The cache lost a node")
    page.get_by_role("button", name="Declare incident").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("The cache lost a node")
    expect(page.get_by_text("INC-").first).to_be_visible()


def test_a_rotation_is_previewed_before_it_is_saved(filled, page):
    sign_in(page, filled.manager)
    page.goto(filled.pages["rotation editor"])
    first = page.get_by_role("group", name="Order of people").get_by_role("combobox")
    first.nth(0).select_option(label="Engineer B")
    first.nth(1).select_option(label="Engineer A")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What this changes")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The rotation is saved.")).to_be_visible()
