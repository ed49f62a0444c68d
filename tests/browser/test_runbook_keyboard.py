"""A runbook reviewed by keyboard alone, and its commands copied."""

import re

import pytest
from playwright.sync_api import expect

from checklists.models import ChecklistItem
from runbooks.domain.plan import read_plan
from runbooks.models import AppliedKey
from runbooks.queries.review import ready_keys, review_plan
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices

TEXT = """# Osprey Operations Runbook

## Daily Checklist
- [ ] Look at the queue
- [ ] Read the mail
- [ ] Water the plants

## Troubleshooting

### Queue grows
**Symptoms:**
- The queue is long

**Diagnosis:**
```bash
osprey queue --long
osprey workers | grep -c "busy"
```
"""
COMMANDS = 'osprey queue --long\nosprey workers | grep -c "busy"'
LIT, SELECTED = re.compile("lit"), re.compile("selected")


@pytest.fixture
def review(scene, open_page):
    """The review of a text that was pasted, opened without a mouse."""
    page = open_page(scene.manager)
    page.goto("/runbooks/new/")
    page.get_by_label("Runbook in Markdown").fill(TEXT)
    page.get_by_role("button", name="Read it").press("Enter")
    expect(page.locator("[data-apply]")).to_have_text("Apply 5 of 5")
    return page


def test_each_finding_lights_up_its_lines_by_key(review):
    rows = review.locator("[data-finding][data-item]")
    expect(rows).to_have_count(5)
    review.keyboard.press("j")
    expect(rows.nth(0)).to_have_class(SELECTED)
    expect(review.locator("#line-3")).to_have_class(LIT)
    review.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    expect(review.locator("#line-4")).to_have_class(LIT)
    expect(review.locator("#line-3")).not_to_have_class(LIT)
    review.keyboard.press("k")
    expect(rows.nth(0)).to_have_class(SELECTED)
    expect(review.locator("#line-3")).to_have_class(LIT)


def test_a_line_leads_to_what_it_became_by_key(review):
    number = review.locator("#line-6 a.num")
    number.focus()
    plants = review.locator("[data-finding]", has_text="Water the plants")
    expect(plants).to_have_class(LIT)
    number.press("Enter")
    expect(review).to_have_url(re.compile(f"#{plants.get_attribute('id')}$"))
    expect(plants).to_be_in_viewport()


def test_findings_are_accepted_rejected_and_corrected_by_key(review):
    rows, keys = review.locator("[data-finding][data-item]"), review.keyboard
    button = review.locator("[data-apply]")
    keys.press("j")
    keys.press("j")
    keys.press("x")
    expect(button).to_have_text("Apply 4 of 5")
    keys.press("j")
    keys.press("x")
    expect(button).to_have_text("Apply 3 of 5")
    keys.press("x")
    expect(button).to_have_text("Apply 4 of 5")
    keys.press("c")
    field = rows.nth(2).get_by_label("Text")
    expect(field).to_be_focused()
    field.fill("Read the letters")
    keys.press("Escape")
    expect(rows.nth(2)).to_be_focused()
    button.press("Enter")
    expect(review.get_by_text("The runbook is applied.")).to_be_visible()
    texts = set(ChecklistItem.objects.values_list("text", flat=True))
    assert texts == {"Read the letters", "Water the plants"}
    (rejected,) = AppliedKey.objects.filter(state="rejected")
    assert rejected.source["text"] == "Look at the queue"


@pytest.fixture
def runbook(scene):
    """A runbook that is applied."""
    plan = read_plan(TEXT.encode())
    keys = ready_keys(review_plan(scene.service, plan, None))
    choices = Choices(accepted=frozenset(keys))
    version = apply_plan(scene.service, plan, choices, by=scene.manager, now=scene.now)
    return version.runbook


# Without TLS a browser has no clipboard to offer, and the old way is taken.
BARE = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"


@pytest.mark.parametrize("is_bare", [False, True])
def test_a_block_of_commands_is_copied(scene, open_page, runbook, is_bare):
    allowed = ["clipboard-read", "clipboard-write"]
    page = open_page(scene.people[0], permissions=allowed)
    if is_bare:
        page.add_init_script(BARE)
    page.goto(f"/runbooks/{runbook.slug}/")
    page.get_by_text("Queue grows").first.click()
    copy = page.locator(".procedures pre button")
    expect(copy).to_have_text("Copy")
    copy.press("Enter")
    expect(copy).to_have_text("Copied")
    expect(copy).to_be_focused()
    beside = page.context.new_page()
    beside.goto("/runbooks/")
    assert beside.evaluate("navigator.clipboard.readText()") == COMMANDS
