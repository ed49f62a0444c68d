"""The items of a run as HTML: all that is written by people is escaped."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from checklists.item_links import ItemLink
from checklists.queries.run_items import ItemLine, Witness
from checklists.queries.run_story import AttachmentRow, Origin
from checklists.views.item_asking import Pen, Refusal
from checklists.views.item_drawing import draw_evidence, draw_item, draw_news
from checklists.views.item_inputs import draw_choice
from checklists.views.run_page import Row
from opsportal.kit.clock_face import make_clock
from tests.factories.runs import MINUTE, NOW

EVIL = "<script>\"'&"
UTC = ZoneInfo("UTC")
_WORDS = (
    *("text", "section", "instructions", "value", "note", "reason", "shown", "told"),
    *("by", "overridden_by"),
)
_FLAGS = ("is_critical", "needs_note", "is_held", "is_hidden", "is_auto")
KINDS = ("check", "number", "text", "choice", "file", "photo", "link")


def make_line(**changes):
    check = Witness(
        7, EVIL, EVIL, "fail", EVIL, EVIL, 1.0, EVIL, observed_at=NOW - MINUTE
    )
    values = {
        "pk": 5,
        "run_id": 3,
        "version": 2,
        "kind": "check",
        "mode": "manual",
        "is_required": True,
        "allows_na": True,
        "bounds": {},
        "options": [],
        "state": "open",
        "mark": "open",
        "attention": "none",
        "at": None,
        "witnesses": (check,),
    }
    values |= dict.fromkeys(_WORDS, "") | dict.fromkeys(_FLAGS, False)
    return ItemLine(**values | changes)


def make_row(**changes):
    return Row(make_line(**changes), "", [], None)


def make_pen(**changes):
    values = {
        "token": "the-token",
        "say_time": make_clock(UTC, None, NOW),
        "version": 4,
        "can_edit": True,
        "can_accept": True,
        "is_closed": False,
    }
    return Pen(**values | changes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mark", ["open", "failing", "done", "na"])
def test_nothing_that_somebody_wrote_is_html(kind, mark):
    words = ("text", "value", "note", "reason", "shown", "told", "by", "overridden_by")
    line = make_line(
        kind=kind,
        mark=mark,
        state=mark if mark in {"done", "na"} else "open",
        attention="contradicted",
        needs_note=True,
        instructions=EVIL,
        options=[EVIL],
        bounds={"unit": EVIL, "hard_min": EVIL, "warn_max": EVIL},
        at=NOW,
        **dict.fromkeys(words, EVIL),
    )
    row = Row(
        line,
        "",
        [
            AttachmentRow(1, 5, EVIL, "text/plain", 9),
            AttachmentRow(2, 5, EVIL, "image/png", 9),
        ],
        Origin(2, EVIL, is_gone=False),
        (ItemLink(EVIL, EVIL),),
    )
    typed = dict.fromkeys(("number", "value", "note", "reason"), EVIL)
    for act in ("item_tick", "item_number", "item_value", "item_note", "item_na"):
        html = draw_item(row, make_pen(refusal=Refusal(act, "reason", EVIL, typed)))
        assert "<script" not in html
        assert EVIL not in html


def test_a_list_of_options_is_escaped_too():
    html = draw_choice(5, [EVIL] * 8, EVIL)
    assert "<select" in html
    assert "<script" not in html


def test_what_is_not_asked_for_leaves_its_place_alone():
    drawn = draw_item(make_row(is_hidden=True), make_pen(), oob=True)
    assert drawn == '<li id="item-5" hidden hx-swap-oob="true"></li>'


def test_who_may_not_edit_finds_no_form():
    pen = make_pen(can_edit=False, can_accept=False)
    html = draw_item(make_row(attention="contradicted", mark="failing"), pen)
    assert "<form" not in html
    assert 'aria-label="Failing"' in html


@pytest.mark.parametrize(
    ("state", "attention", "drawn"),
    [
        ("open", "none", True),
        ("done", "none", False),
        ("done", "contradicted", True),
    ],
)
def test_acts_fit_the_state(state, attention, drawn):
    html = draw_item(make_row(state=state, attention=attention), make_pen())
    assert ("Not applicable" in html or "Keep it done" in html) is drawn


def test_of_others_that_wait_for_checks_only_what_those_see_is_news():
    waiting, done = make_row(told="42 ms", pk=8), make_row(state="done", pk=9)
    manual = make_row(witnesses=(), pk=10)
    pen = make_pen()
    html = draw_news([make_row()], [waiting, done, manual], pen)
    assert html == draw_item(make_row(), pen, oob=True) + draw_evidence(
        waiting, pen, oob=True
    )


def test_moments_are_said_on_the_viewers_clock_and_titled_with_the_teams():
    say_time = make_clock(ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin"), NOW)
    assert say_time(NOW) == (
        f'<time datetime="{NOW.isoformat()}"'
        ' title="Wed 14 Jan 2026 06:00 Europe/Berlin">14:00</time>'
    )
    past = say_time(NOW - timedelta(hours=2), is_far=True)
    assert past.endswith(" data-relative>2 h ago</time>")
