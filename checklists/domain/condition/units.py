"""Units of the condition language and how quantities are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, with what it measures.

    ``scale`` turns a number in this unit into base units (seconds, bytes,
    fractions of one); ``time`` and ``size`` are exponents, so ``/s`` is time -1.
    """

    text: str
    scale: float
    time: int = 0
    size: int = 0
    is_share: bool = False

    def per(self, other: Unit, text: str) -> Unit:
        """This unit divided by another one, for example ``GiB/d``."""
        return Unit(
            text,
            self.scale / other.scale,
            self.time - other.time,
            self.size - other.size,
            self.is_share,
        )


_TIMES = {
    "us": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0,
    "h": 3600.0, "d": 86400.0, "w": 604800.0,
}  # fmt: skip
_SIZES = {
    "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
    "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
}  # fmt: skip
PLAIN = Unit("", 1.0)
PERCENT = Unit("%", 0.01, is_share=True)
TIMES = MappingProxyType({name: Unit(name, n, time=1) for name, n in _TIMES.items()})
_UNITS = {
    **TIMES,
    **{name: Unit(name, n, size=1) for name, n in _SIZES.items()},
    "%": PERCENT,
    "ratio": Unit("ratio", 1.0, is_share=True),
}
UNITS = MappingProxyType(_UNITS)

SAMPLES = "us ms s m h d w, % , B kB MB GB KiB MiB GiB, /s /min"

# A metric that follows the naming custom of Prometheus says its unit itself.
_SUFFIXES = {
    "_ms": "ms", "_milliseconds": "ms", "_seconds": "s", "_minutes": "m",
    "_hours": "h", "_days": "d", "_bytes": "B", "_percent": "%", "_ratio": "ratio",
}  # fmt: skip


def find_unit(text: str) -> Unit | None:
    """The unit written ``text``: ``ms``, ``%``, ``GiB``, ``/s``, ``GiB/d``."""
    if text in UNITS:
        return UNITS[text]
    above, slash, below = text.partition("/")
    if not slash or below not in TIMES or (above and above not in UNITS):
        return None
    return UNITS.get(above, PLAIN).per(TIMES[below], text)


def unit_of_name(name: str) -> Unit | None:
    """The unit that a field name itself states, as ``lag_seconds`` does."""
    for suffix, unit in _SUFFIXES.items():
        if name.endswith(suffix):
            return UNITS[unit]
    return None


def format_number(number: float) -> str:
    """A number for people: six significant digits, whole numbers in full."""
    if number == math.trunc(number) and abs(number) < 1e15:
        return str(int(number))
    if 1e6 <= abs(number) < 1e15:
        return f"{number:.1f}"
    return f"{number:.6g}"


def format_quantity(base: float, unit: Unit | None) -> str:
    """A number in base units, shown in ``unit``: ``42 ms``, ``0.05%``, ``12/min``."""
    if unit is None or unit.text in {"", "ratio"}:
        return format_number(base)
    gap = "" if unit.text[0] in "%/" else " "
    return f"{format_number(base / unit.scale)}{gap}{unit.text}"
