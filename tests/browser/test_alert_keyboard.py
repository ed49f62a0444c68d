"""Alerts are worked through by keyboard: found, taken, chosen, ended, in groups too."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Alert
from incidents.services.alerts import AlertSignal, checks_integration, ingest_alert
from tests.factories.incidents import SeverityLevelFactory

NODES = ("db1", "db2", "db3", "db4", "db5", "db6")


@pytest.fixture
def alerts(scene) -> dict[str, Alert]:
    """Six full disks and one full queue, by where they are."""
    SeverityLevelFactory(service=scene.service, label="High", level=2)
    wanted = {node: ("DiskFull", f"Disk of {node} is full") for node in NODES}
    wanted["queue"] = ("QueueLong", "Queue is long")
    sender = checks_integration(scene.service)
    return {
        name: ingest_alert(
            sender,
            AlertSignal(
                dedup_key=name,
                summary=summary,
                level=2,
                severity_label="High",
                labels={"alertname": kind},
            ),
            now=scene.now,
        )
        for name, (kind, summary) in wanted.items()
    }


@pytest.fixture
def page(scene, open_page, alerts) -> Page:
    return open_page(scene.people[0])


def row(page: Page, alert: Alert):
    return page.locator(f"#alert-{alert.pk}")


def walk_to(page: Page, alert: Alert, key: str = "j") -> None:
    """Go from row to row until this one is chosen."""
    for _ in range(len(NODES) + 1):
        page.keyboard.press(key)
        if "selected" in (row(page, alert).get_attribute("class") or ""):
            break
    expect(row(page, alert)).to_be_focused()


def statuses() -> set[tuple[str, str]]:
    rows = Alert.objects.values_list("series__dedup_key", "status")
    return {(key, status) for key, status in rows if status != "firing"}


def test_alerts_are_taken_and_ended_without_a_mouse(page, alerts):
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page).to_have_title(re.compile(r"^Alerts\b"))
    first = page.locator("[data-item]").first
    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()

    walk_to(page, alerts["db3"])
    page.keyboard.press("x")
    taken = row(page, alerts["db3"])
    expect(taken).to_contain_text("has it")
    # What came anew is the row that was chosen before.
    expect(taken).to_have_class(re.compile(r"\bselected\b"))
    expect(taken).to_be_focused()
    assert statuses() == {("db3", "acknowledged")}

    below = page.locator(f"#alert-{alerts['db3'].pk} + [data-item]")
    neighbour = below.get_attribute("id")
    page.keyboard.press("n")
    expect(taken).to_have_count(0)
    assert statuses() == {("db3", "resolved")}
    # Its place is the next one's: nobody has to begin at the top again.
    page.keyboard.press("j")
    expect(page.locator(f"#{neighbour}")).to_be_focused()

    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(r"/alerts/\d+/$"))


def test_chosen_alerts_stay_chosen_and_are_taken_and_ended_together(page, alerts):
    page.goto("/alerts/")
    for name in ("db1", "db4"):
        page.locator("body").press("Home")
        walk_to(page, alerts[name], "j" if name == "db1" else "k")
        page.keyboard.press("s")
        expect(row(page, alerts[name]).get_by_role("checkbox")).to_be_checked()
    walk_to(page, alerts["db2"])
    page.keyboard.press("s")
    page.keyboard.press("s")
    expect(row(page, alerts["db2"]).get_by_role("checkbox")).not_to_be_checked()
    page.keyboard.press("x")
    expect(row(page, alerts["db2"])).to_contain_text("has it")
    for name in ("db1", "db4"):
        expect(row(page, alerts[name]).get_by_role("checkbox")).to_be_checked()

    page.keyboard.press("Shift+X")
    expect(page.get_by_text("2 alerts acknowledged.")).to_be_visible()
    both = {("db1", "acknowledged"), ("db4", "acknowledged")}
    assert statuses() == both | {("db2", "acknowledged")}
    walk_to(page, alerts["db6"])
    page.keyboard.press("s")
    page.keyboard.press("Shift+N")
    expect(page.get_by_text("1 alert resolved.")).to_be_visible()
    assert ("db6", "resolved") in statuses()
    page.keyboard.press("Shift+N")
    expect(page.get_by_text("Choose alerts first.")).to_be_visible()


def test_the_list_is_narrowed_by_keyboard_and_says_its_keys(page, alerts):
    page.goto("/alerts/")
    page.keyboard.press("/")
    expect(page.get_by_label("Text")).to_be_focused()
    # Letters that are keys elsewhere are letters here.
    page.keyboard.type("jxnsqueue")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No alert fits")).to_be_visible()
    assert statuses() == set()
    page.keyboard.press("/")
    page.keyboard.press("Control+a")
    page.keyboard.type("queue")
    page.keyboard.press("Enter")
    expect(page.locator("[data-item]")).to_have_count(1)
    assert parse_qs(urlsplit(page.url).query)["q"] == ["queue"]
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(row(page, alerts["queue"])).to_contain_text("has it")
    # The filter holds for what came anew.
    expect(page.locator("[data-item]")).to_have_count(1)

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard")
    for words in ("acknowledge or review an alert", "resolve an alert", "Choose the"):
        expect(keys.get_by_text(words)).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_groups_are_worked_through_too(page, alerts):
    page.goto("/alerts/?by=alertname")
    disks = page.locator("details", has=page.get_by_role("heading", name="DiskFull"))
    queues = page.locator("details", has=page.get_by_role("heading", name="QueueLong"))
    expect(queues).to_have_attribute("open", "")
    # Six are more than a glance takes in: they are folded, and keys pass them by.
    expect(disks).not_to_have_attribute("open", "")
    page.keyboard.press("j")
    expect(row(page, alerts["queue"])).to_be_focused()
    page.keyboard.press("j")
    expect(row(page, alerts["queue"])).to_be_focused()

    disks.locator("summary").press("Enter")
    walk_to(page, alerts["db5"])
    page.keyboard.press("x")
    expect(row(page, alerts["db5"])).to_contain_text("has it")
    # The list came anew, and what was unfolded is.
    expect(row(page, alerts["db5"])).to_be_focused()
    page.keyboard.press("n")
    expect(row(page, alerts["db5"])).to_have_count(0)
    expect(disks).to_have_attribute("open", "")

    disks.get_by_role("button", name="Acknowledge all").press("Enter")
    expect(page.get_by_text("5 alerts acknowledged.")).to_be_visible()
    assert ("queue", "acknowledged") not in statuses()


def test_reviewing_goes_by_keyboard(page, alerts):
    page.goto("/alerts/?tab=review")
    page.keyboard.press("j")
    first = page.locator("[data-item]").first.get_attribute("id")
    page.keyboard.press("x")
    expect(page.locator(f"#{first}")).to_have_count(0)
    walk_to(page, alerts["db2"])
    page.keyboard.press("s")
    page.keyboard.press("Shift+X")
    expect(row(page, alerts["db2"])).to_have_count(0)
    expect(page.locator("[data-item]")).to_have_count(5)
    assert Alert.objects.exclude(reviewed_at=None).count() == 2
