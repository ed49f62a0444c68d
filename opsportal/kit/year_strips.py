"""A calendar so small that a hundred stand below each other.

Two hundred years of days are 73,000 cells: equal days of a week are one line, dashed
into days, so that a page of them stays light.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_STEP: Final = 6
_HALF: Final = 2.5


def draw_year_strip(tones: Sequence[str], first: date, *, words: str) -> SafeString:
    """A column a week, Monday on top; ``tones`` a day, empty where nothing was due.

    The tones are class names of ours. ``words`` say it to those who cannot see it.
    """
    cells = ("",) * first.weekday() + tuple(tones)
    weeks = (len(cells) + 6) // 7
    drawn: dict[str, list[str]] = {}
    for week in range(weeks):
        for tone, line in _lines_of_week(cells[7 * week : 7 * week + 7]):
            move = f"M{week * _STEP + _HALF} {line}"
            drawn.setdefault(tone, []).append(move)
    paths = "".join(
        f'<path class="stroke-{tone}" d="{"".join(lines)}"/>'
        for tone, lines in sorted(drawn.items())
    )
    width = weeks * _STEP - 1
    return format_html(
        '<svg class="year" width="{}" height="41" viewBox="0 0 {} 41" role="img"'
        ' aria-label="{}"><path class="stroke-empty" d="{}"/>{}</svg>',
        width,
        width,
        words,
        "".join(f"M0 {_HALF + row * _STEP}h{width}" for row in range(7)),
        mark_safe(paths),  # noqa: S308 -- numbers and names of ours
    )


@lru_cache(maxsize=4_096)
def _lines_of_week(cells: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    # Few weeks differ, and a page draws ten thousand.
    lines, row = [], 0
    for tone, days in groupby(cells):
        length = sum(1 for _ in days)
        if tone:
            lines.append((tone, f"{row * _STEP}v{length * _STEP - 1}"))
        row += length
    return tuple(lines)
