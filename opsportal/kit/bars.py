"""Bars beside names, made on the server as SVG; see opsportal.kit.charts."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opsportal.kit.charts import NOTHING_YET, Tone
from opsportal.kit.quantities import say_number

_ROW, _BAR = 28, 16
_NAMES, _VALUES = 24, 22
# Names that are longer than this stand above their bars.
_LONGEST_BESIDE, _ABOVE = 14, 20


@dataclass(frozen=True, slots=True)
class NamedValue:
    """One bar: its name, its length, its tone."""

    name: str
    value: float
    tone: Tone = "acc"


def draw_bars(rows: Sequence[NamedValue], *, words: str, unit: str = "") -> SafeString:
    """Draw a bar a row, the longest across; every value is written at its end."""
    if not rows:
        return format_html('<p class="none">{}</p>', NOTHING_YET)
    is_above = any(len(row.name) > _LONGEST_BESIDE for row in rows)
    left, above = (0, _ABOVE) if is_above else (_NAMES, 0)
    room, height = 100 - left - _VALUES, _ROW + above
    most = max(row.value for row in rows) or 1.0
    spoken = "; ".join(f"{row.name} {_say(row.value, unit)}" for row in rows)
    return format_html(
        '<figure class="chart bars"><svg width="100%" height="{}" role="img"'
        ' fill="currentColor" font-size="13"'
        ' aria-label="{}: {}">{}</svg></figure>',
        height * len(rows),
        words,
        spoken,
        format_html_join(
            "",
            '<text x="0" y="{}">{}</text><rect class="fill-{}" x="{}%" y="{}"'
            ' width="{}%" height="{}" rx="3"><title>{}</title></rect>'
            '<text x="100%" y="{}" text-anchor="end">{}</text>',
            (
                (
                    height * place + 18,
                    row.name,
                    row.tone,
                    left,
                    height * place + above + (_ROW - _BAR) // 2,
                    round(room * row.value / most, 2),
                    _BAR,
                    f"{row.name}: {_say(row.value, unit)}",
                    height * place + above + 18,
                    _say(row.value, unit),
                )
                for place, row in enumerate(rows)
            ),
        ),
    )


def _say(value: float, unit: str) -> str:
    return f"{say_number(value)} {unit}".rstrip()
