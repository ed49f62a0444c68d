"""Pages that everybody can use: axe finds nothing, on any page, in either theme."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import stage

LIGHT = {"resultTypes": ["violations"], "iframes": False}
# The structure is the same; only the colours are others.
DARK = LIGHT | {"runOnly": ["color-contrast"]}
# What axe is to judge is where colours arrive: everything is styled anew, as on a new
# page, and what moves is awaited.
SETTLE = """async () => {
  const root = document.documentElement;
  root.style.display = "none";
  root.getBoundingClientRect();
  root.style.display = "";
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.allSettled(document.getAnimations().map(each => each.finished));
}"""
WITHOUT_FOCUS = """() => {
  const bare = [];
  const all = "main a[href], main button, main input, main select, main textarea," +
    "main summary, nav a[href]";
  for (const node of document.querySelectorAll(all)) {
    if (!node.checkVisibility({visibilityProperty: true}) || node.disabled) continue;
    if (node.tabIndex < 0) continue;  // no key leads there
    node.focus({focusVisible: true});
    if (document.activeElement !== node) continue;
    const style = getComputedStyle(node);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    if (!ring) bare.push(node.outerHTML.slice(0, 120));
  }
  return bare;
}"""
TOO_WIDE = """() => {
  const root = document.documentElement;
  return root.scrollWidth > root.clientWidth
    ? [`${root.scrollWidth} px on ${root.clientWidth} px`] : [];
}"""


@pytest.fixture
def pages(scene) -> dict[str, str]:
    return stage.fill_scene(scene).pages


@pytest.fixture
def inside(scene, open_page, watch) -> Page:
    watch.expects("status of 404")
    return open_page(scene.manager)


def violations(page: Page) -> list[str]:
    page.evaluate(Axe().axe_script)
    found = []
    for theme, options in (("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=theme)
        page.evaluate(SETTLE)
        said = page.evaluate("options => axe.run(options)", options)
        for each in said["violations"]:
            nodes = [(node["target"], node["any"][:1]) for node in each["nodes"]][:3]
            found.append(f"{theme}: {each['id']} at {nodes}")
    return found


def look_at(page: Page, pages: dict[str, str], look) -> dict[str, list[str]]:
    """Return what a look finds, page by page; pages without a finding are left out."""
    found = {}
    for name, path in pages.items():
        page.goto(path)
        if seen := look(page):
            found[name] = seen
    return found


# Two halves, so that both cores have one.
@pytest.mark.parametrize("half", [0, 1])
def test_axe_finds_nothing_on_any_page(pages, inside, half):
    share = dict(list(pages.items())[half::2])
    assert look_at(inside, share, violations) == {}


def test_axe_finds_nothing_where_one_signs_in(open_page):
    doors = {"sign-in": "/accounts/login/", "reset": "/accounts/password/reset/"}
    assert look_at(open_page(), doors, violations) == {}


def test_nothing_sticks_out_on_a_phone_and_the_focus_is_always_seen(pages, inside):
    inside.set_viewport_size({"width": 390, "height": 844})
    wide = look_at(inside, pages, lambda page: page.evaluate(TOO_WIDE))
    assert wide == {}
    inside.set_viewport_size({"width": 1320, "height": 900})
    shown = {name: pages[name] for name in ("Today", "run", "rotation editor", "alert")}
    bare = look_at(inside, shown, lambda page: page.evaluate(WITHOUT_FOCUS))
    assert bare == {}


def test_a_question_mark_opens_the_help_and_escape_closes_it(pages, inside):
    inside.goto(pages["run"])
    inside.keyboard.press("?")
    dialog = inside.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button")).to_be_focused()
    inside.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_an_address_with_an_item_chooses_its_row_and_leaves_other_focus(pages, inside):
    inside.goto(f"{pages['run']}#item-0")
    rows = inside.locator("[data-item]")
    inside.goto(f"{pages['run']}#{rows.nth(2).get_attribute('id')}")
    inside.reload()
    expect(rows.nth(2)).to_be_focused()
    skip = inside.get_by_role("link", name="Skip", exact=True)
    skip.focus()
    with inside.expect_response(lambda each: "/live/" in each.url):
        pass
    expect(skip).to_be_focused()
    inside.keyboard.press("j")
    expect(rows.nth(3)).to_be_focused()
