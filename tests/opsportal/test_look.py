"""The look: enough contrast in both themes, and nothing the page's policy forbids."""

import re
from itertools import product
from pathlib import Path

import pytest
from django import forms
from django.template import Context
from django.template.loader import get_template

import opsportal

ROOT = Path(opsportal.__file__).parent
CSS = ROOT / "static/opsportal/css"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LAYERS = ("tokens", "base", "layout", "parts", "utilities")
TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
COLOURS = {
    name: (light, dark)
    for name, light, dark in TOKEN.findall((CSS / "tokens.css").read_text())
}
GROUNDS = ("card", "paper", "sunk")
TONES = ("accent", "ok", "warn", "crit")
TEXT_PAIRS = [
    *product(("ink", "ink-2", "ink-3", *TONES), GROUNDS),
    *product(("ink", "ink-2", "ink-3"), [f"{tone}-soft" for tone in TONES]),
    *((tone, f"{tone}-soft") for tone in TONES),
    *(("on-solid", tone) for tone in TONES),
]
EDGE_PAIRS = [*product(("edge", *TONES), ("card", "paper"))]


def luminance(colour):
    def linear(part):
        share = int(part, 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(colour[at : at + 2]) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_stands_out(ink, ground, theme):
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_edges_of_controls_and_marks_stand_out(edge, ground, theme):
    assert contrast(COLOURS[edge][theme], COLOURS[ground][theme]) >= 3


def test_black_on_white_is_the_most_there_is():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("layer", LAYERS)
def test_each_file_is_one_layer_and_uses_known_tokens(layer):
    text = (CSS / f"{layer}.css").read_text()
    assert set(re.findall(r"@layer (\w+) \{", text)) == {layer}
    own = set(re.findall(r"--([\w-]+):", text))
    known = own | set(re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text()))
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) <= known


@pytest.mark.parametrize("layer", LAYERS[1:])
def test_colours_have_names(layer):
    text = (CSS / f"{layer}.css").read_text()
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) <= {"#ffffff"}


def test_the_page_loads_the_layers_in_order():
    head = (ROOT / "templates/parts/head.html").read_text()
    assert tuple(re.findall(r"css/(\w+)\.css", head)) == LAYERS


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_hold_no_inline_style_and_no_inline_script(path):
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", re.sub(r"\bwith\b[^%]*%}|{#.*?#}", "", text))
    assert not re.search(r"\son\w+\s*=|hx-on|javascript:|<style", text)
    for script in re.findall(r"<script([^>]*)>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_buttons_say_their_type_and_posts_carry_a_token(path):
    text = path.read_text()
    for button in re.findall(r"<button[^>]*", text):
        assert "type=" in button
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert "csrf_token" in form


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_template_is_read_without_an_error(path):
    get_template(str(path.relative_to(ROOT / "templates")))


def test_the_page_for_our_own_faults_needs_nothing():
    page = get_template("500.html").render()
    assert "Something broke on our side" in page
    assert "<form" not in page


def test_a_field_names_its_help_and_its_error():
    class Form(forms.Form):
        name = forms.CharField(help_text="As in the runbook.")

    template = get_template("parts/form_fields.html").template
    page = template.render(Context({"form": Form({})}))
    described = re.search(r'aria-describedby="([^"]+)"', page)
    assert described is not None
    for name in described[1].split():
        assert f'id="{name}"' in page
    assert 'href="#id_name"' in page
    assert 'aria-invalid="true"' in page


def test_the_bar_of_a_phone_keeps_four_places_and_hides_none():
    nav = [
        {"label": label, "url": f"/{label}/", "icon": "bell", "count": count}
        for label, count in zip("ABCDEF", (0, 2, 0, 0, 0, 1), strict=True)
    ]
    nav[0]["is_current"] = True
    template = get_template("parts/nav.html").template
    page = template.render(Context({"nav": nav, "me": None}))
    assert page.count('class="over"') == 2
    more = page[page.index('id="more"') :]
    assert 'href="/E/"' in more
    assert 'href="/D/"' not in more
    assert page.count('aria-current="page"') == 1
