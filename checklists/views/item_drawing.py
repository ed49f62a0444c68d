"""The items of a run as HTML, built by hand: a run has a hundred of them.

A template takes ten times as long for the same rows (docs/decisions/0024). What
comes from people or checks goes through ``escape``; forms are in `item_asking`.
"""

from collections.abc import Iterable
from functools import cache
from html import escape

from django.template.defaultfilters import filesizeformat, linebreaksbr
from django.utils.safestring import SafeString

from checklists.domain.period_words import say_key
from checklists.queries.run_items import ItemLine, Witness
from checklists.queries.run_story import AttachmentRow, Origin
from checklists.views.item_asking import (
    Pen,
    draw_acts,
    draw_answer,
    draw_version,
    open_form,
    url_of,
)
from checklists.views.run_page import Row, Section
from opsportal.kit.boxes import draw_box
from opsportal.kit.icons import draw_icon
from opsportal.kit.markdown import render as render_markdown

_SWAP = ' hx-swap-oob="true"'
_STATUSES = {
    "pass": '<span class="pill ok">passing</span>',
    "fail": '<span class="pill crit">failing</span>',
    "unknown": '<span class="pill warn">unknown</span>',
}
_NOT_CHECKED = '<span class="pill">not checked yet</span>'


def draw_sections(
    sections: Iterable[Section], pen: Pen
) -> list[tuple[str, SafeString]]:
    """Return the items under each heading."""
    return [
        (each.title, SafeString("".join(draw_item(row, pen) for row in each.rows)))
        for each in sections
    ]


def draw_news(changed: Iterable[Row], others: Iterable[Row], pen: Pen) -> SafeString:
    """Return what takes the place of what a page shows.

    Items that changed come whole; of others that wait for checks what those see.
    """
    items = [draw_item(row, pen, oob=True) for row in changed]
    watched = [
        draw_evidence(row, pen, oob=True)
        for row in others
        if row.line.witnesses and row.line.is_open and not row.line.is_hidden
    ]
    return SafeString("".join([*items, *watched]))


def draw_item(row: Row, pen: Pen, *, oob: bool = False) -> SafeString:
    """Return one item; with ``oob`` it takes the place of the one on the page."""
    line, swap = row.line, _SWAP if oob else ""
    if line.is_hidden:
        return SafeString(f'<li id="item-{line.pk}" hidden{swap}></li>')
    return SafeString(
        f'<li class="item {_tone(line)}" id="item-{line.pk}" data-item{swap}>'
        f'{_draw_box(line, pen)}<span class="label">{_draw_label(row, pen)}</span>'
        f'{draw_evidence(row, pen)}<div class="more">{_draw_said(row)}'
        f"{draw_answer(line, pen) if pen.can_edit and line.is_open else ''}"
        f'<div class="folds">{_draw_folds(row, pen)}</div></div></li>'
    )


def _tone(line: ItemLine) -> str:
    if line.mark == "failing":
        return "crit"
    return "warn" if line.attention == "stale" else ""


def draw_evidence(row: Row, pen: Pen, *, oob: bool = False) -> SafeString:
    """Return what speaks for an item: sparkline, value, where from, when."""
    line, swap = row.line, _SWAP if oob else ""
    value = f"<b>{escape(line.shown)}</b>" if line.shown else ""
    return SafeString(
        f'<span class="value num" id="evidence-{line.pk}"{swap}>'
        f"{row.spark}{value}<span>{_tell(line, pen)}</span></span>"
    )


def _tell(line: ItemLine, pen: Pen) -> str:
    is_said_below = line.shown or line.state == "na"
    parts = [escape(each) for each in ("" if is_said_below else line.told, line.by)]
    if line.at is not None:
        parts.append(pen.say_time(line.at))
    elif not line.told:
        parts.append("" if line.by else "manual")
    return " · ".join(filter(None, parts))


def _draw_box(line: ItemLine, pen: Pen) -> str:
    """Return the square: a button where one click does it."""
    if not pen.can_edit or (line.is_open and not line.ticks_in_place):
        return draw_box(line.mark, is_auto=line.is_auto)
    if line.is_open:
        act, box, drawn = "item_tick", "box auto" if line.is_auto else "box", ""
    else:
        act, (box, drawn) = "item_untick", _boxes_of_buttons()[_answered(line)]
    return (
        f"{open_form(act, line, pen)}{draw_version(line)}"
        f'<button class="{box}" type="submit" data-key="x"'
        f' aria-pressed="{"false" if line.is_open else "true"}"'
        f' aria-label="{escape(line.text)}">{drawn}</button></form>'
    )


def _answered(line: ItemLine) -> str:
    return line.mark if line.mark in {"failing", "na"} else "done"


@cache
def _boxes_of_buttons() -> dict[str, tuple[str, str]]:
    return {
        "done": ("box ok", draw_icon("check")),
        "na": ("box na", draw_icon("minus")),
        "failing": ("box crit", "!"),
    }


def _draw_label(row: Row, pen: Pen) -> str:
    line = row.line
    pills = [
        escape(line.text),
        "" if line.is_required else '<span class="pill">optional</span>',
        '<span class="pill">critical</span>' if line.is_critical else "",
        _draw_origin(row.origin, pen) if row.origin else "",
    ]
    if line.is_held and line.witnesses:
        words = "held: its check leaves it alone"
        pills.append(f'<span class="pill warn">{words}</span>')
    if line.attention == "contradicted":
        pills.append('<span class="pill crit">its check fails now</span>')
    elif line.attention == "stale" and line.is_open:
        pills.append('<span class="pill warn">nothing fresh</span>')
    return " ".join(filter(None, pills))


def _draw_origin(origin: Origin, pen: Pen) -> str:
    if origin.run:
        url, key = url_of("run_detail", origin.run), escape(say_key(origin.period_key))
        return f'<a class="pill warn" href="{url}">carried over from {key}</a>'
    if not origin.is_gone:
        return ""
    return f'<span class="pill">removed in version {pen.version}</span>'


def _draw_said(row: Row) -> str:
    """Return what a check, people and files say of an item."""
    line = row.line
    said = []
    if line.mark == "failing" and line.told:
        said.append(f'<p class="said ink-crit small">{escape(line.told)}</p>')
    if line.note:
        note = f"{draw_icon('message-square', 'Note')} {linebreaksbr(line.note)}"
        said.append(f'<p class="said small">{note}</p>')
    if line.reason:
        said.append(f'<p class="said small dim">{_say_reason(line)}</p>')
    said += [f'<p class="said small">{_draw_file(each)}</p>' for each in row.files]
    if line.kind == "link" and line.value:
        url = escape(line.value)
        link = f'<a class="link" href="{url}" rel="noreferrer">{url}</a>'
        said.append(f'<p class="said small">{link}</p>')
    return "".join(said)


def _say_reason(line: ItemLine) -> str:
    lead = "Reason"
    if line.state == "na":
        lead = "Left out"
    elif line.overridden_by:
        lead = f"{line.overridden_by} went on although it fails"
    return escape(f"{lead}: {line.reason}")


def _draw_file(file: AttachmentRow) -> str:
    url, name = url_of("attachment_detail", file.pk), escape(file.name)
    if file.content_type.startswith("image/"):
        photo = f'<img class="photo" src="{url}" alt="{name}" loading="lazy">'
        return f'<a href="{url}">{photo}</a>'
    size = f'<span class="faint">{filesizeformat(file.size)}</span>'
    return f'{draw_icon("paperclip")} <a class="link" href="{url}">{name}</a> {size}'


def _draw_folds(row: Row, pen: Pen) -> str:
    """Return what is closed until asked for: procedure, instructions, checks, acts."""
    line = row.line
    book = draw_icon("book-open", "What to do:")
    drawn = [
        f'<a class="fold lead" href="{escape(link.url)}">{book} {escape(link.label)}</a>'
        for link in row.links
    ]
    if line.instructions:
        text = f'<div class="prose small">{render_markdown(line.instructions)}</div>'
        drawn.append(f"<details><summary>Instructions</summary>{text}</details>")
    if line.witnesses and not pen.is_closed:
        count = f"{len(line.witnesses)} check{'s' * (len(line.witnesses) > 1)}"
        checks = "".join(_draw_witness(each, pen) for each in line.witnesses)
        drawn.append(f"<details><summary>{count}</summary>{checks}</details>")
    return "".join([*drawn, draw_acts(line, pen)])


def _draw_witness(witness: Witness, pen: Pen) -> str:
    url = url_of("check_detail", witness.pk)
    seen = escape(witness.summary or "nothing seen yet")
    if witness.observed_at:
        seen = f"{seen} · {pen.say_time(witness.observed_at, is_far=True)}"
    rule = ""
    if witness.condition:
        code = f"<code>{escape(witness.condition)}</code>"
        rule = f'<div class="small dim">must hold: {code}</div>'
    return (
        f'<div class="witness"><div class="row"><span><a class="link" href="{url}">'
        f"{escape(witness.name)}</a> "
        f'<span class="faint">{escape(witness.kind)}</span></span>'
        f"{_STATUSES.get(witness.status, _NOT_CHECKED)}</div>{rule}"
        f'<div class="small dim">{seen}</div></div>'
    )
