"""Markdown: rich enough for a runbook, and nothing runs."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsportal.kit.markdown import ATTRIBUTES, LINK_REL, TAGS, render

SCRIPTS = r"""
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<script/src=data:,alert(1)>
<img src=x onerror=alert(1)>
<img src="x" onerror="alert(1)" />
<img src=javascript:alert(1)>
<img/src=`x`onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<math href="javascript:alert(1)">x</math>
<iframe src="javascript:alert(1)"></iframe>
<iframe srcdoc="<script>alert(1)</script>"></iframe>
<object data="javascript:alert(1)"></object>
<embed src="javascript:alert(1)">
<form action="javascript:alert(1)"><button>x</button></form>
<button formaction="javascript:alert(1)">x</button>
<input onfocus=alert(1) autofocus>
<input type="image" src="x" onerror="alert(1)">
<select onfocus=alert(1) autofocus>
<textarea onfocus=alert(1) autofocus>
<details open ontoggle=alert(1)>
<video><source onerror="alert(1)"></video>
<audio src=x onerror=alert(1)>
<body onload=alert(1)>
<base href="javascript:alert(1)//">
<meta http-equiv="refresh" content="0;url=javascript:alert(1)">
<link rel="stylesheet" href="javascript:alert(1)">
<style>@import "javascript:alert(1)";</style>
<div style="background:url(javascript:alert(1))">x</div>
<p style="width:expression(alert(1))">x</p>
<marquee onstart=alert(1)>x</marquee>
<a href="javascript:alert(1)">x</a>
<a href="JaVaScRiPt:alert(1)">x</a>
<a href="&#106;avascript:alert(1)">x</a>
<a href="java&#9;script:alert(1)">x</a>
<a href=" javascript:alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href="vbscript:msgbox(1)">x</a>
<a onmouseover="alert(1)">x</a>
<a href="x" target="_blank" onclick="alert(1)">x</a>
[x](javascript:alert(1))
[x](JAVASCRIPT:alert(1))
[x](javascript&colon;alert(1))
[x](&#106;avascript:alert(1))
[x](java%0ascript:alert(1))
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](vbscript:msgbox(1))
[x](file:///etc/passwd)
[x]( javascript:alert(1) )
[x](<javascript:alert(1)>)
[x]: javascript:alert(1)
[x](https://example.com" onmouseover="alert(1))
[x](https://example.com 'a" onmouseover="alert(1)')
[a](javascript:alert(1)//https://example.com)
![x](javascript:alert(1))
![x](https://evil.example/pixel.gif)
![x](//evil.example/pixel.gif)
![x](/\\evil.example/pixel.gif)
![x](data:image/svg+xml,<svg/onload=alert(1)>)
![x" onerror="alert(1)](/a.png)
![x](/a.png '" onerror="alert(1)')
<javascript:alert(1)>
<data:text/html,x>
`<script>alert(1)</script>`
- [ ] <script>alert(1)</script>
- [x] <img src=x onerror=alert(1)>
| <script>alert(1)</script> | <img src=x onerror=alert(1)> |
<!--><script>alert(1)</script>-->
<![CDATA[<script>alert(1)</script>]]>
<?xml version="1.0"?><script>alert(1)</script>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<template><script>alert(1)</script></template>
<xss id=x tabindex=1 onfocus=alert(1)></xss>
<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>
""".strip().splitlines()
BLOCKS = [
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "> <script>\n> alert(1)\n> </script>",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "<div\nonclick=alert(1)\n>x</div>",
    "\x00<script>alert(1)</script>",
    "\u2028<img src=x onerror=alert(1)>",
]


class Reader(HTMLParser):
    """Collects what a browser would make of the HTML."""

    def __init__(self, html):
        super().__init__()
        self.seen = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def assert_harmless(html):
    for tag, attributes in Reader(html).seen:
        assert tag in TAGS
        allowed = ATTRIBUTES.get(tag, set()) | {"class", "rel", "type", "disabled"}
        assert set(attributes) <= allowed
        target = attributes.get("href", attributes.get("src", "/")) or ""
        assert re.match(r"(?i)(https?|mailto|tel):|[^:]*$|[^:]*[/?#]", target), target
        if tag == "img":
            assert re.match(r"/(?![/\\])", attributes.get("src", "/a"))


@pytest.mark.parametrize("attack", SCRIPTS + BLOCKS)
def test_nothing_runs(attack):
    html = render(attack)
    assert_harmless(html)
    assert "<script" not in html.lower()


def test_the_corpus_is_not_small():
    assert len(set(SCRIPTS + BLOCKS)) >= 60


@given(st.text(alphabet="<>/=\"'()[]!`#-*_ \n\t:;&xjavscriptonerdfhmg\\|", max_size=80))
def test_no_text_makes_another_tag(text):
    assert_harmless(render(text))


def test_a_runbook_keeps_its_shape():
    html = render(
        "Look at **lag**, *then* ~~this~~:\n\n1. `redis-cli INFO`\n2. [board](https://a.example)\n\n"
        "| Level | Limit |\n|---|---|\n| Critical | 100 ms |\n\n> ask\n\n```\nls\n```"
    )
    for piece in ("<strong>lag</strong>", "<em>then</em>", "<s>this</s>", "<ol>"):
        assert piece in html
    for piece in ("<th>Level</th>", "<blockquote>", "<pre><code>ls", "<code>redis"):
        assert piece in html
    assert f'rel="{LINK_REL}"' in html


def test_task_lists_show_their_state_and_cannot_be_ticked_here():
    boxes = [a for tag, a in Reader(render("- [x] a\n- [ ] b")).seen if tag == "input"]
    assert ["checked" in box for box in boxes] == [True, False]
    assert all(box["type"] == "checkbox" and "disabled" in box for box in boxes)
    assert render("- [x] a").count("<label>") == 1


def test_headings_stay_below_the_page():
    assert "<h3>A</h3>" in render("# A")
    assert "<h6>A</h6>" in render("###### A")


def test_one_line_break_is_a_line_break():
    assert render("a\nb") == "<p>a<br>\nb</p>\n"


def test_pictures_of_this_site_stay():
    assert 'src="/files/1.png"' in render("![queue](/files/1.png)")


def test_lines_end_where_people_end_them_and_flow_together_in_a_file():
    assert "<br>" in render("one\ntwo")
    assert render("one\ntwo", is_file=True) == "<p>one\ntwo</p>\n"
