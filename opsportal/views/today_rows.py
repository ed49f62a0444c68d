"""The rows of Today as HTML, built by hand: the page that is asked for most.

See docs/decisions/0024. What comes from people or checks goes through ``escape``.
"""

from html import escape

from django.utils.safestring import SafeString

from checklists.queries.run_items import ItemLine
from checklists.views.item_asking import url_of
from opsportal.kit.boxes import draw_box
from opsportal.kit.charts import draw_ring
from opsportal.kit.clock_face import SayTime
from opsportal.views.today_words import RunRow


def draw_run(run: RunRow, token: str, say_time: SayTime) -> str:
    """Return the card of one run; ``token`` stands for the viewer's own."""
    pill = (
        f'<span class="pill {run.pill_tone}">{escape(run.pill)}</span>'
        if run.pill
        else ""
    )
    items = "".join(_draw_item(line, run, token, say_time) for line in run.lines)
    if items:
        items = f'<ul class="items">{items}</ul>'
    return (
        f'<section class="card run" id="run-{run.pk}"><div class="run-head">'
        f"{draw_ring(run.done, run.total, tone=run.tone)}<div>"
        f'<h2><a href="{run.url}">{escape(run.name)}</a></h2>'
        f'<p class="sub">{escape(run.sub)}</p></div><div class="right">{pill}</div>'
        f"</div>{items}</section>"
    )


def _draw_item(line: ItemLine, run: RunRow, token: str, say_time: SayTime) -> str:
    tone = " crit" if line.mark == "failing" else ""
    return (
        f'<li class="item{tone}" id="item-{line.pk}" data-item>'
        f"{_draw_box(line, run, token)}"
        f'<span class="label"><a href="{run.url}#item-{line.pk}">'
        f'{escape(line.text)}</a></span><span class="value num">'
        f"{f'<b>{escape(line.shown)}</b>' if line.shown else ''}"
        f"<span>{_tell(line, say_time)}</span></span></li>"
    )


def _draw_box(line: ItemLine, run: RunRow, token: str) -> str:
    if not (run.may_work and line.ticks_in_place):
        return draw_box(line.mark, is_auto=line.is_auto)
    url = url_of("item_tick", line.pk)
    auto = " auto" if line.is_auto else ""
    return (
        f'<form method="post" action="{url}" hx-post="{url}" hx-swap="none">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        f'<input type="hidden" name="version" value="{line.version}">'
        '<input type="hidden" name="next" value="/">'
        f'<button class="box{auto}" type="submit" data-key="x" aria-pressed="false"'
        f' aria-label="Tick “{escape(line.text)}”"></button></form>'
    )


def _tell(line: ItemLine, say_time: SayTime) -> str:
    told = "" if line.shown else line.told
    parts = [escape(part) for part in (told, line.by) if part]
    if line.at is not None:
        parts.append(say_time(line.at))
    return " · ".join(parts) or "manual"


def draw_runs(runs: list[RunRow], token: str, say_time: SayTime) -> SafeString:
    """Return the cards of all runs."""
    return SafeString("".join(draw_run(run, token, say_time) for run in runs))
