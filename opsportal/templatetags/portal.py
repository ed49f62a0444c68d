"""Tags and filters of every page. Loaded as built-ins: no `{% load %}` needed.

Moments and distances read `now` from the context and never ask the clock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from opsportal.kit import charts
from opsportal.kit.boxes import draw_box
from opsportal.kit.clock_face import show_time
from opsportal.kit.icons import draw_icon
from opsportal.kit.markdown import render as render_markdown
from opsportal.kit.moments import MomentForm, say_distance, say_length, say_moment
from opsportal.kit.theme import THEMES, read_theme
from opsportal.kit.toasts import read_undo

register = template.Library()

DASH = "\N{EN DASH}"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "siren" %}`: a lucide icon; with a label it speaks, else it is hidden."""
    return draw_icon(name, label)


@register.simple_tag
def box(mark: str | None, is_auto: object = "") -> SafeString:
    """`{% box item.mark item.is_auto %}`: the square in front of an item."""
    return draw_box(mark, is_auto=bool(is_auto))


@register.simple_tag(takes_context=True)
def when(
    context: Context, moment: datetime | None, form: MomentForm = "short"
) -> SafeString | str:
    """`{% when run.due_at %}`: viewer's clock, with the team's clock as the title.

    `form` is "short", "time", "date" or "full"; None shows as a dash.
    """
    if moment is None:
        return DASH
    words = say_moment(
        moment, timezone.get_current_timezone(), now=context.get("now"), form=form
    )
    return show_time(moment, words, _team_zone(context))


@register.simple_tag(takes_context=True)
def relative(context: Context, moment: datetime | None) -> SafeString | str:
    """`{% relative run.due_at %}`: "in 54 min", "16 h ago"; app.js keeps it fresh."""
    now = context.get("now")
    if moment is None or now is None:
        return when(context, moment)
    words = say_distance(moment, now)
    return show_time(moment, words, _team_zone(context), is_far=True)


@register.simple_tag(takes_context=True)
def distance(context: Context, moment: datetime) -> str:
    """`{% distance run.due_at as words %}`: the words of `relative`, bare."""
    now = context.get("now")
    return say_distance(moment, now) if now else ""


@register.simple_tag
def duration(length: timedelta | None) -> str:
    """`{% duration td %}`: "2 h 5 min"; None shows as a dash."""
    return DASH if length is None else say_length(length)


@register.simple_tag
def ring(done: int, total: int, tone: str = "acc", words: str = "") -> SafeString:
    """`{% ring 5 7 "ok" %}`: progress as a ring."""
    return charts.draw_ring(done, total, tone=tone, words=words)


@register.simple_tag
def sparkline(
    values: Sequence[float | None],
    threshold: float | None = None,
    unit: str = "",
    words: str = "",
) -> SafeString:
    """`{% sparkline values threshold=100 unit="ms" %}`: oldest value first."""
    return charts.draw_sparkline(values, threshold=threshold, unit=unit, words=words)


@register.simple_tag
def line_chart(
    points: Sequence[charts.Point],
    words: str,
    unit: str = "",
    threshold: float | None = None,
    threshold_words: str = "",
) -> SafeString:
    """`{% line_chart points "Replication lag" unit="ms" threshold=100 %}`."""
    return charts.draw_line_chart(
        points,
        zone=timezone.get_current_timezone(),
        words=words,
        unit=unit,
        threshold=threshold,
        threshold_words=threshold_words,
    )


@register.simple_tag
def status_strip(days: Sequence[charts.Day], words: str = "") -> SafeString:
    """`{% status_strip days %}`: one bar a day."""
    return charts.draw_status_strip(days, words=words)


@register.simple_tag
def heatmap(days: Sequence[charts.Day], words: str) -> SafeString:
    """`{% heatmap days "Completion" %}`: a calendar of days."""
    return charts.draw_heatmap(days, words=words)


@register.filter
def markdown(text: str | None, origin: str = "") -> SafeString:
    """`{{ item.instructions|markdown }}`: safe HTML; wrap it in `.prose`.

    `{{ runbook|markdown:"file" }}`: lines wrapped by hand flow together.
    """
    return render_markdown(text or "", is_file=origin == "file")


@register.filter
def initials(name: str) -> str:
    """`{{ user|initials }}`: "Engineer A" is "EA"; one word gives its first two."""
    words = str(name).split()
    if len(words) < 2:
        return str(name).strip()[:2].upper()
    return (words[0][0] + words[-1][0]).upper()


@register.filter
def undo_url(message: object) -> str:
    """`{{ message|undo_url }}`: where a toast's Undo posts to, or nothing."""
    return read_undo(getattr(message, "extra_tags", None))


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """`{% theme %}`: "auto", "light" or "dark", as the viewer chose."""
    request = context.get("request")
    return read_theme(request) if request is not None else THEMES[0]


@register.simple_block_tag
def card(
    content: str, title: str = "", note: str = "", extra: str = "", level: int = 2
) -> SafeString:
    """`{% card "On call now" note="2 people" %}…{% endcard %}`: a titled section."""
    if not title:
        return format_html('<section class="card {}">{}</section>', extra, content)
    head = format_html("<h{}>{}</h{}>", level, title, level)
    if note:
        head = format_html(
            '<div class="card-head">{}<span class="small dim">{}</span></div>',
            head,
            note,
        )
    return format_html('<section class="card {}">{}{}</section>', extra, head, content)


def _team_zone(context: Context) -> tzinfo:
    team = context.get("team")
    name = (
        team.get("time_zone")
        if isinstance(team, Mapping)
        else getattr(team, "time_zone", None)
    )
    if isinstance(name, tzinfo):
        return name
    return ZoneInfo(name) if name else timezone.get_current_timezone()
