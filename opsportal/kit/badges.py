"""A badge: two words in a small picture, for a page that is not ours.

It stands alone, so its colours are its own: each is readable below white letters.
"""

from typing import Literal

from django.utils.html import format_html
from django.utils.safestring import SafeString

BadgeTone = Literal["ok", "warn", "crit", ""]

_FILLS = {"ok": "#0f7542", "warn": "#8a5800", "crit": "#b82235", "": "#55606e"}
_LONGEST = 60
# Wide enough for any letter of the fonts that are asked for.
_LETTER, _EDGE = 7, 8


def draw_badge(label: str, message: str, tone: BadgeTone) -> SafeString:
    """Return the picture as SVG; what is too long ends with dots."""
    label, message = _shorten(label), _shorten(message)
    left, right = (2 * _EDGE + _LETTER * len(words) for words in (label, message))
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="20" role="img"'
        ' aria-label="{1}: {2}"><title>{1}: {2}</title>'
        '<rect width="{0}" height="20" rx="3" fill="#2b323b"/>'
        '<path fill="{3}" d="M{4} 0h{5}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{5}z"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        '<text x="{6}" y="14">{1}</text><text x="{7}" y="14">{2}</text></g></svg>',
        left + right,
        label,
        message,
        _FILLS[tone],
        left,
        right - 3,
        _EDGE,
        left + _EDGE,
    )


def _shorten(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
