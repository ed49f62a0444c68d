"""An alert becomes an incident, is told, resolved, written up, reviewed and closed."""

import pytest
from playwright.sync_api import Page, expect

from incidents.models import Incident, TimelineEntry
from incidents.services.alerts import AlertSignal, checks_integration, ingest_alert
from tests.factories.incidents import SeverityLevelFactory


@pytest.fixture
def alert(scene):
    SeverityLevelFactory(service=scene.service, label="Critical", level=1)
    signal = AlertSignal(
        dedup_key="errors",
        summary="Error rate above 1 %",
        level=1,
        severity_label="Critical",
    )
    sender = checks_integration(scene.service)
    return ingest_alert(sender, signal, now=scene.now)


def press(page: Page, name: str) -> None:
    """Send a form, and go on when its answer stands there whole.

    While a page is still being laid out a button may move under the pointer.
    """
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def top_of(page: Page, heading: str) -> float:
    box = page.get_by_role("heading", name=heading, exact=True).bounding_box()
    assert box is not None
    return box["y"]


def tell(page: Page, at: str, status: str, words: str) -> None:
    page.goto(f"{at}updates/")
    page.locator("[name=status]").select_option(label=status)
    page.locator("#id_text").fill(words)
    press(page, "Tell them")
    expect(page.get_by_text(words).first).to_be_visible()


def write_details(page: Page, at: str) -> None:
    page.goto(f"{at}edit/")
    page.locator("[name=root_cause]").fill("A release without its column.")
    page.locator("[name=resolution]").fill("Rolled back.")
    press(page, "Save")
    expect(page.locator("#composer")).to_be_visible()


def declare_from(page: Page, alert) -> str:
    page.goto(f"/alerts/{alert.pk}/")
    with page.expect_navigation():
        page.get_by_role("link", name="Declare incident", exact=True).click()
    page.locator("[name=summary]").fill("One request in three fails.")
    page.locator("[name=impact]").fill("Nobody can save.")
    press(page, "Declare incident")
    expect(page.get_by_role("heading", name="Error rate above 1 %")).to_be_visible()
    return f"/incidents/{Incident.objects.get().ref}/"


def test_from_an_alert_to_a_reviewed_postmortem(scene, open_page, alert):
    owner, reviewer, _ = scene.people
    page = open_page(owner)
    at = declare_from(page, alert)
    tell(page, at, "Investigating", "We look into it.")
    tell(page, at, "Identified", "A release broke it. We roll back.")
    write_details(page, at)
    page.locator("#id_text").fill("It answers again.")
    press(page, "Mark resolved")
    expect(page.get_by_text("is now resolved")).to_be_visible()

    page.goto(f"{at}postmortem/sections/lessons/")
    page.locator("#id_text").fill("Migrate before releasing.")
    press(page, "Save")
    press(page, "Ask for review")
    expect(page.get_by_text("In review").first).to_be_visible()
    reading = open_page(reviewer)
    reading.goto(f"{at}postmortem/")
    press(reading, "Reviewed")
    expect(reading.get_by_text("Reviewed by")).to_be_visible()

    phone = open_page(reviewer, width=390)
    phone.goto(at)
    assert top_of(phone, "Response") < top_of(phone, "Timeline")

    page.goto(at)
    press(page, "Close")
    expect(page.get_by_text("is now closed")).to_be_visible()
    incident = Incident.objects.get()
    assert (incident.status, incident.postmortem.state) == ("closed", "reviewed")
    kinds = TimelineEntry.objects.filter(incident=incident).values_list("kind")
    assert {kind for (kind,) in kinds} >= {"declared", "alert", "update", "status"}
