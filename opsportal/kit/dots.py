"""All points of a distribution on one line, made on the server as SVG."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from opsportal.kit.charts import NOTHING_YET
from opsportal.kit.quantities import say_number

_HEIGHT, _MIDDLE = 46, 16


def draw_dots(
    values: Sequence[float], *, median: float, p90: float, words: str, unit: str
) -> SafeString:
    """Draw a dot a value, and lines for the median and the p90, from nought on."""
    if not values:
        return format_html('<p class="none">{}</p>', NOTHING_YET)
    most = max(values) or 1.0
    spoken = (
        f"{words}: {len(values)} values, median {say_number(median)} {unit},"
        f" 90 % within {say_number(p90)} {unit}, at most {say_number(max(values))}"
        f" {unit}"
    )
    return format_html(
        '<figure class="chart bars"><svg width="100%" height="{}" role="img"'
        ' fill="currentColor" font-size="12" aria-label="{}">{}{}'
        '<text x="0" y="44">0</text>'
        '<text x="100%" y="44" text-anchor="end">{} {}</text></svg></figure>',
        _HEIGHT,
        spoken,
        format_html_join(
            "",
            '<rect class="fill-{}" x="{}%" y="4" width="2" height="24">'
            "<title>{}: {} {}</title></rect>",
            (
                (tone, _place(value, most), name, say_number(value), unit)
                for tone, name, value in (
                    ("ok", "median", median),
                    ("warn", "p90", p90),
                )
            ),
        ),
        format_html_join(
            "",
            '<circle class="fill-acc" cx="{}%" cy="{}" r="4" opacity="0.6">'
            "<title>{} {}</title></circle>",
            (
                (_place(value, most), _MIDDLE, say_number(value), unit)
                for value in values
            ),
        ),
        say_number(max(values)),
        unit,
    )


def _place(value: float, most: float) -> float:
    return round(1 + 98 * value / most, 2)
