"""Tags and filters of every page. Loaded as built-ins: no `{% load %}` needed.

Moments and distances read `now` from the context and never ask the clock.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide import IconDoesNotExist

from opsportal.kit import charts
from opsportal.kit.markdown import render as render_markdown
from opsportal.kit.moments import MomentForm, say_distance, say_length, say_moment
from opsportal.kit.theme import THEMES, read_theme
from opsportal.kit.toasts import read_undo

register = template.Library()

DASH = "\N{EN DASH}"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "siren" %}`: a lucide icon; with a label it speaks, else it is hidden."""
    drawing = _draw_icon(name)
    if not label:
        return format_html(drawing, mark_safe('aria-hidden="true"'))
    return format_html(drawing, format_html('role="img" aria-label="{}"', label))


@cache
def _icons() -> ZipFile:
    # lucide opens its archive, and reads the names of 1,700 icons, for each of them:
    # that was most of the first page. In memory, because forks share a file's place.
    return ZipFile(BytesIO((files("lucide") / "lucide.zip").read_bytes()))


@lru_cache(maxsize=256)
def _draw_icon(name: str) -> str:
    try:
        drawing = _icons().read(f"{name}.svg").decode()
    except KeyError:
        raise IconDoesNotExist(f"There is no icon {name!r}.") from None
    start = drawing.index(">", drawing.index("<svg")) + 1
    body = drawing[start:].rstrip().replace("{", "{{").replace("}", "}}")
    return (
        f'<svg class="icon icon-{name}" viewBox="0 0 24 24" width="16" height="16"'
        ' fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"'
        f' stroke-linejoin="round" focusable="false" {{}}>{body}'
    )


@register.simple_tag(takes_context=True)
def when(
    context: Context, moment: datetime | None, form: MomentForm = "short"
) -> SafeString | str:
    """`{% when run.due_at %}`: viewer's clock, with the team's clock as the title.

    `form` is "short", "time", "date" or "full"; None shows as a dash.
    """
    if moment is None:
        return DASH
    return _show_time(
        context,
        moment,
        say_moment(
            moment, timezone.get_current_timezone(), now=context.get("now"), form=form
        ),
    )


@register.simple_tag(takes_context=True)
def relative(context: Context, moment: datetime | None) -> SafeString | str:
    """`{% relative run.due_at %}`: "in 54 min", "16 h ago"; app.js keeps it fresh."""
    now = context.get("now")
    if moment is None or now is None:
        return when(context, moment)
    return _show_time(
        context, moment, say_distance(moment, now), mark_safe(" data-relative")
    )


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


def _show_time(
    context: Context, moment: datetime, words: str, extra: str = ""
) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.astimezone(ZoneInfo("UTC")).isoformat(timespec="seconds"),
        say_moment(moment, _team_zone(context), now=None, form="full"),
        extra,
        words,
    )


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
