"""Units of the condition language and how quantities are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as written, with what it measures.

    A number in this unit times ``up`` over ``down`` is in base units (seconds,
    bytes, fractions of one); both are whole, so that 70% is 0.7 and not a bit
    more. ``time`` and ``size`` are exponents: ``/s`` is time -1.
    """

    text: str
    up: int = 1
    down: int = 1
    time: int = 0
    size: int = 0
    is_share: bool = False

    def to_base(self, number: float) -> float:
        """A number in this unit, in base units."""
        return number * self.up / self.down

    def from_base(self, base: float) -> float:
        """A number in base units, in this unit."""
        return base * self.down / self.up

    def per(self, other: Unit, text: str) -> Unit:
        """This unit divided by another one, for example ``GiB/d``."""
        return Unit(
            text,
            self.up * other.down,
            self.down * other.up,
            self.time - other.time,
            self.size - other.size,
            self.is_share,
        )


_TIMES = {
    "us": (1, 1_000_000), "ms": (1, 1000), "s": (1, 1), "sec": (1, 1), "m": (60, 1),
    "min": (60, 1), "h": (3600, 1), "d": (86400, 1), "w": (604800, 1),
}  # fmt: skip
_SIZES = {
    "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
}  # fmt: skip
PLAIN = Unit("")
TIMES = MappingProxyType({name: Unit(name, *n, time=1) for name, n in _TIMES.items()})
_UNITS = {
    **TIMES,
    **{name: Unit(name, n, size=1) for name, n in _SIZES.items()},
    "%": Unit("%", 1, 100, is_share=True),
    "ratio": Unit("ratio", is_share=True),
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
    """A number for people: four significant digits, whole numbers in full."""
    if number == math.trunc(number) and abs(number) < 1e15:
        return str(int(number))
    if 1e4 <= abs(number) < 1e15:
        return f"{number:.0f}"
    return f"{number:.4g}"


def format_quantity(base: float, unit: Unit | None) -> str:
    """A number in base units, shown in ``unit``: ``42 ms``, ``0.05%``, ``12/min``.

    What would be a fraction of a long unit, or millions of a small one, is shown
    in the unit that fits: ``2.3 min`` and not ``0.03814 h``.
    """
    if unit is None or unit.text in {"", "ratio"}:
        return format_number(base)
    unit = _find_fitting(base, unit)
    gap = "" if unit.text[0] in "%/" else " "
    return f"{format_number(unit.from_base(base))}{gap}{unit.text}"


_LADDERS = tuple(
    tuple(UNITS[name] for name in names)
    for names in (
        ("us", "ms", "s", "min", "h", "d"),
        ("B", "kB", "MB", "GB", "TB"),
        ("B", "KiB", "MiB", "GiB", "TiB"),
    )
)
_MANY = 10_000


def _find_fitting(base: float, unit: Unit) -> Unit:
    number = abs(unit.from_base(base))
    ladder = next((each for each in _LADDERS if unit in each), None)
    is_small = 0 < number < 1
    if ladder is None or not (is_small or (number >= _MANY and unit.size)):
        return unit
    fitting = [each for each in ladder if abs(each.from_base(base)) >= 1]
    return fitting[-1] if fitting else ladder[0]
