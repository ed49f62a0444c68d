"""What an item of a run asks of people, as HTML: its forms; see `item_drawing`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from django.urls import reverse

from checklists.queries.run_items import ItemLine
from checklists.views.item_inputs import FILES, draw_input
from opsportal.kit.clock_face import SayTime

_STAYS = "At least 10 characters; it stays with the run."
_FILES_TOO = "multipart/form-data"
_ANSWERS = frozenset({"item_number", "item_value", "item_upload"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused: the act, the field it asks for, why, and what was typed."""

    act: str = ""
    asks: str = ""
    error: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """Return what was typed into a field, as HTML."""
        return escape(self.typed.get(name, ""))


NOTHING_REFUSED = Refusal()


@dataclass(frozen=True, slots=True)
class Pen:
    """With what all items of a page are drawn.

    ``token`` is the viewer's own, ``version`` the number of that of the checklist.
    """

    token: str
    say_time: SayTime
    version: int
    can_edit: bool
    can_accept: bool
    is_closed: bool
    refusal: Refusal = NOTHING_REFUSED


def url_of(name: str, pk: int) -> str:
    """Return the address ``name`` of what has the number ``pk``."""
    return _pattern_of(name).replace("/0/", f"/{pk}/")


@lru_cache(maxsize=32)
def _pattern_of(name: str) -> str:
    # reverse() costs more than the rest of a row.
    return reverse(name, args=[0])


def open_form(
    act: str, line: ItemLine, pen: Pen, css: str = "", coding: str = ""
) -> str:
    """Return the beginning of a form whose answer takes the place of the item."""
    url = url_of(act, line.pk)
    return (
        f'<form{_say("class", css)} method="post"{_say("enctype", coding)}'
        f' action="{url}" hx-post="{url}"{_say("hx-encoding", coding)}'
        f' hx-target="#item-{line.pk}" hx-swap="outerHTML">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{pen.token}">'
    )


def _say(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""


def draw_version(line: ItemLine) -> str:
    """Return the field that says which state of the item is changed."""
    return f'<input type="hidden" name="version" value="{line.version}">'


def draw_answer(line: ItemLine, pen: Pen) -> str:
    """Return the form of an answer that one click does not give."""
    if line.kind == "check":
        return "" if line.ticks_in_place else _draw_tick(line, pen)
    act = "item_upload" if line.kind in FILES else "item_value"
    act = "item_number" if line.kind == "number" else act
    refused = pen.refusal.act
    wants_note = line.needs_note or pen.refusal.asks == "note"
    return (
        f"{open_form(act, line, pen, 'form answer', _FILES_TOO)}{draw_version(line)}"
        f"{_draw_error(refused, pen) if refused in _ANSWERS else ''}"
        f"{draw_input(line, pen.refusal.typed)}"
        f"{_ask_why(line, pen, 'answer it although its check fails')}"
        f"{_ask_note(line, pen, 'Note') if wants_note else ''}</form>"
    )


def _draw_tick(line: ItemLine, pen: Pen) -> str:
    words = "Tick anyway" if line.mark == "failing" else "Tick with a note"
    return (
        f'<details class="answer" data-key="x"{_opened("item_tick", pen)}>'
        f'<summary class="btn small">{words}</summary>'
        f"{open_form('item_tick', line, pen, 'form')}{draw_version(line)}"
        f"{_draw_error('item_tick', pen)}"
        f"{_ask_why(line, pen, 'tick it although it fails')}"
        f"{_ask_note(line, pen, 'What did you find?') if line.needs_note else ''}"
        f"{_draw_button('Tick', ' pri')}</form></details>"
    )


def _ask_why(line: ItemLine, pen: Pen, words: str) -> str:
    if line.mark != "failing":
        return ""
    return _draw_reason(f"reason-{line.pk}-a", pen, f"Why {words}?", _STAYS)


def _ask_note(line: ItemLine, pen: Pen, label: str) -> str:
    if line.note:
        return ""
    name = f"found-{line.pk}"
    return (
        f'<div class="field"><label for="{name}">{label}</label>'
        f'<textarea id="{name}" name="note" rows="2" required{_wanted("note", pen)}>'
        f"{pen.refusal.word('note')}</textarea></div>"
    )


def _draw_reason(name: str, pen: Pen, label: str, hint: str = "") -> str:
    hint = f'<p class="help">{hint}</p>' if hint else ""
    return (
        f'<div class="field"><label for="{name}">{label}</label>'
        f'<input type="text" id="{name}" name="reason" maxlength="500" required'
        f' value="{pen.refusal.word("reason")}"{_wanted("reason", pen)}>{hint}</div>'
    )


def _wanted(name: str, pen: Pen) -> str:
    is_asked = pen.refusal.asks == name
    return ' data-focus aria-invalid="true"' if is_asked else ""


def _opened(act: str, pen: Pen) -> str:
    return " open" if pen.refusal.act == act else ""


def _draw_error(act: str, pen: Pen) -> str:
    """Return what was refused, in front of the field that it asks for."""
    refusal = pen.refusal
    if not refusal.error or refusal.act != act:
        return ""
    error = escape(refusal.error)
    return f'<p class="errors" role="alert" tabindex="-1">{error}</p>'


def _draw_button(label: str, css: str = "") -> str:
    button = f'<button type="submit" class="btn{css} small">{label}</button>'
    return f'<div class="actions">{button}</div>'


def draw_acts(line: ItemLine, pen: Pen) -> str:
    """Return what else may be done to an item, closed until asked for."""
    drawn = ""
    if pen.can_edit:
        drawn = f"{_draw_note(line, pen)}{_draw_na(line, pen)}{_draw_turns(line, pen)}"
    if pen.can_accept and line.attention == "contradicted":
        drawn += _draw_keep(line, pen)
    return drawn


def _draw_note(line: ItemLine, pen: Pen) -> str:
    act, name = "item_note", f"note-{line.pk}"
    is_refused = pen.refusal.act == act
    note = pen.refusal.word("note") if is_refused else escape(line.note)
    return (
        f'<details data-key="c"{_opened(act, pen)}>'
        f"<summary>{'Change the note' if line.note else 'Note'}</summary>"
        f"{open_form(act, line, pen, 'form')}{draw_version(line)}"
        f'<div class="field"><label class="sr" for="{name}">Note</label>'
        f'<textarea id="{name}" name="note" rows="2">{note}</textarea></div>'
        f"{_draw_button('Save the note')}</form></details>"
    )


def _draw_na(line: ItemLine, pen: Pen) -> str:
    if not (line.is_open and line.allows_na):
        return ""
    act = "item_na"
    why = "Why is it left out today?"
    return (
        f'<details data-key="n"{_opened(act, pen)}><summary>Not applicable</summary>'
        f"{open_form(act, line, pen, 'form')}{draw_version(line)}"
        f"{_draw_error(act, pen)}{_draw_reason(f'reason-{line.pk}-{act}', pen, why)}"
        f"{_draw_button('Leave it out')}</form></details>"
    )


def _draw_turns(line: ItemLine, pen: Pen) -> str:
    """Return the buttons of an item that has checks."""
    if not line.witnesses:
        return ""
    release = (
        f"{open_form('item_release', line, pen)}{draw_version(line)}"
        '<button type="submit" class="fold">Give it back to its check</button></form>'
    )
    return (
        f"{release if line.is_held else ''}{open_form('item_verify', line, pen)}"
        '<button type="submit" class="fold" data-key="v">Verify now</button></form>'
    )


def _draw_keep(line: ItemLine, pen: Pen) -> str:
    act = "item_accept"
    why = "Why does it stay done?"
    return (
        f"<details{_opened(act, pen)}>"
        '<summary class="ink-crit">Keep it done</summary>'
        f"{open_form(act, line, pen, 'form')}{draw_version(line)}{_draw_error(act, pen)}"
        f"{_draw_reason(f'reason-{line.pk}-{act}', pen, why, _STAYS)}"
        f"{_draw_button('Keep it done')}</form></details>"
    )
