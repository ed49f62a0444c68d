"""The rows of Today as HTML, built by hand: the page that is asked for most.

A template takes ten times as long for the same rows. Everything that comes from
people or checks goes through ``escape``.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from checklists.queries.run_items import ItemLine
from opsportal.kit.charts import draw_ring
from opsportal.kit.moments import say_moment
from opsportal.templatetags.portal import icon
from opsportal.views.today_words import RunRow

SayTime = Callable[[datetime], str]


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
        return _boxes()[line.mark, line.is_auto]
    url = _tick_url(line.pk)
    auto = " auto" if line.is_auto else ""
    return (
        f'<form method="post" action="{url}" hx-post="{url}" hx-swap="none">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
        f'<input type="hidden" name="version" value="{line.version}">'
        '<input type="hidden" name="next" value="/">'
        f'<button class="box{auto}" type="submit" data-key="x" aria-pressed="false"'
        f' aria-label="Tick “{escape(line.text)}”"></button></form>'
    )


def _tick_url(pk: int) -> str:
    # reverse() costs more than the rest of the row.
    return _tick_pattern().replace("/0/", f"/{pk}/")


@lru_cache(maxsize=1)
def _tick_pattern() -> str:
    return reverse("item_tick", args=[0])


@lru_cache(maxsize=1)
def _boxes() -> dict[tuple[str, bool], str]:
    check, minus = icon("check", "Done"), icon("minus", "Not applicable")
    drawn = {}
    for is_auto in (False, True):
        words = "Waiting for its check" if is_auto else "Open"
        auto = " auto" if is_auto else ""
        drawn["done", is_auto] = f'<span class="box ok">{check}</span>'
        drawn["na", is_auto] = f'<span class="box na">{minus}</span>'
        drawn["failing", is_auto] = (
            '<span class="box crit" role="img" aria-label="Failing">!</span>'
        )
        drawn["open", is_auto] = (
            f'<span class="box{auto}" role="img" aria-label="{words}"></span>'
        )
    return drawn


def _tell(line: ItemLine, say_time: SayTime) -> str:
    told = "" if line.shown else line.told
    parts: list[str] = [escape(part) for part in (told, line.by) if part]
    if line.at is not None:
        parts.append(say_time(line.at))
    return " · ".join(parts) or "manual"


def make_clock(viewer: ZoneInfo, team: ZoneInfo | None, now: datetime) -> SayTime:
    """Return what writes a moment as the tag ``when`` does, once a moment."""

    @cache
    def say_time(moment: datetime) -> str:
        stamp = moment.astimezone(UTC).isoformat(timespec="seconds")
        title = say_moment(moment, team or viewer, now=None, form="full")
        words = say_moment(moment, viewer, now=now)
        return f'<time datetime="{stamp}" title="{title}">{words}</time>'

    return say_time


def draw_runs(runs: list[RunRow], token: str, say_time: SayTime) -> SafeString:
    """Return the cards of all runs."""
    return SafeString("".join(draw_run(run, token, say_time) for run in runs))
