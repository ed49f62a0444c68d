"""The main job, as a person does it: the morning's checklist with the keyboard."""

import re
import time
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from checklists.models import RunItem
from tests.browser import stage
from tests.factories.checklists import CheckFactory
from tests.factories.oncall import PASSWORD, ChannelFactory
from tests.targets import Reply

LAG = "Verify replication lag < 100ms"
REMINDERS = [{"when": "before 5h", "to": ["assignee"]}]


@pytest.fixture
def run(scene, site, slack):
    """The ARQ daily checklist; its first item watches a page that is broken."""
    site.routes["/health"] = Reply(503)
    check = CheckFactory(
        service=scene.service,
        name="Replication lag",
        spec={"url": f"{site.url}/health"},
        interval=timedelta(seconds=1),
        timeout=timedelta(seconds=30),
        fail_after=1,
        next_due_at=scene.now,
    )
    ChannelFactory(team=scene.team, kind="slack", name="#platform", address=slack.url)
    for user in scene.people:
        user.set_password(PASSWORD)
        user.save()
    items = stage.daily_items({LAG: (check,)})
    return stage.open_run(scene, items, sign_off="two", reminders=REMINDERS)


def test_a_team_completes_its_daily_checklist_and_a_check_ticks_its_part(
    scene, run, engine, site, slack, mail, open_page, portal
):
    engine()
    failing = run.items.filter(attention=RunItem.Attention.FAILING)
    wait_until(failing.exists, "the check did not fail")
    engineer, colleague = scene.people[:2]
    page = open_page()
    sign_in(page, engineer)
    page.get_by_role("link", name=run.checklist.name).first.click()
    row = rows_by_text(page)
    expect(row[LAG].get_by_text("Tick anyway")).to_be_visible()
    work_by_keyboard(page, row)
    expect(page.get_by_text("9 of 10 done")).to_be_visible()
    expect(page.get_by_role("button", name="Hand in for sign-off")).to_be_disabled()

    site.routes["/health"] = Reply(200)
    row[LAG].locator(".box.ok").wait_for()
    seen_at = timezone.now()
    item = run.items.get(item__text=LAG)
    assert item.source == RunItem.Source.AUTO
    assert seen_at - item.done_at < timedelta(seconds=5)

    page.get_by_role("button", name="Hand in for sign-off").press("Enter")
    expect(page.get_by_text("awaiting sign-off")).to_be_visible()
    link = f"{portal}/runs/{run.pk}/"
    wait_until(lambda: link in letters_to(mail, engineer), "no reminder came by mail")
    wait_until(lambda: link in str(slack.posts), "no reminder came to Slack")

    sign_off(open_page(colleague), link, colleague, run)


def sign_in(page: Page, user) -> None:
    page.goto("/")
    page.locator("[name=login]").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).press("Enter")
    expect(page).to_have_title(re.compile(r"^Today\b"))


def rows_by_text(page: Page) -> dict:
    """The rows of the run's page by the text of their item."""
    return {
        row.text: page.locator("[data-item]").filter(has_text=row.text)
        for row in stage.DAILY.items
    }


def work_by_keyboard(page: Page, row: dict) -> None:
    """Answer the nine manual items without a mouse."""
    texts = [text for text in row if text != LAG]
    noted, left_out = texts[0], texts[4]
    press = page.keyboard.press
    press("j")
    expect(row[LAG]).to_have_class(re.compile(r"\bselected\b"))
    for text in texts:
        press("j")
        expect(row[text]).to_have_class(re.compile(r"\bselected\b"))
        if text == left_out:
            press("n")
            page.keyboard.type("No certificate changed hands.")
            press("Enter")
            expect(row[text].locator(".box.na")).to_be_visible()
            continue
        if text == noted:
            press("c")
            write_and_leave(page, "Steady at 91 %.")
            expect(row[text].locator(".said")).to_contain_text("Steady at 91 %.")
            press("Escape")
        press("x")
        if text == "Review slow queries":
            write_and_leave(page, "Two, both known.")
        expect(row[text].locator(".box.ok")).to_be_visible()
    press("k")
    press("x")
    expect(row[texts[-2]].locator(".box.ok")).to_have_count(0)
    press("x")
    expect(row[texts[-2]].locator(".box.ok")).to_be_visible()


def write_and_leave(page: Page, words: str) -> None:
    """Write into the field that has the focus, and press the button after it."""
    page.keyboard.type(words)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")


def letters_to(mail, user) -> str:
    """What the SMTP server got for somebody, as they read it."""
    found = [each for each in mail.mails if user.email in each.rcpt_tos]
    letters = [message_from_bytes(each.content, policy=default) for each in found]
    return "".join(each.get_body(("plain",)).get_content() for each in letters)


def wait_until(find, otherwise: str, patience: float = 60.0):
    """Return what `find` finds, as soon as it does."""
    deadline = time.monotonic() + patience
    while not (found := find()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
    return found


def sign_off(page: Page, link: str, colleague, run) -> None:
    """Sign as a second person; then nothing in the run can be changed any more."""
    page.goto(link)
    page.get_by_role("button", name="Sign off").press("Enter")
    expect(page.get_by_text("This run is closed and stays as it is.")).to_be_visible()
    expect(page.get_by_text(f"signed by {colleague.name}").first).to_be_visible()
    expect(page.locator("main form")).to_have_count(0)
    assert refuses_to_change(page, run) == 409


def refuses_to_change(page: Page, run) -> int:
    """Try to open an item of a closed run again; return the answer's status."""
    item = run.items.first()
    before = RunItem.objects.values().get(pk=item.pk)
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = page.request.post(
        f"/items/{item.pk}/untick/",
        form={"version": str(before["version"])},
        headers={"X-CSRFToken": token, "HX-Request": "true"},
    )
    assert RunItem.objects.values().get(pk=item.pk) == before
    return answer.status
