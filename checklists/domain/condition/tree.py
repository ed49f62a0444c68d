"""What a condition says, as a tree of plain values.

Positions count characters from 0 and take no part in equality.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """Anything that stands at a position of the text."""

    at: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """``100``, ``100ms``: ``unit`` as written, empty when there is none."""

    number: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Text(Node):
    """``"ok"``."""

    text: str


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """``true`` or ``false``."""

    is_true: bool


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A field, with its labels in order of their names."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``age(json("$.timestamp"))``."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Minus(Node):
    """``-value``."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """``left + right`` and its three sisters; ``sign`` is one of ``+ - * /``."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """``left < right``; ``sign`` is one of ``< <= > >= == !=``."""

    sign: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``inner between low and high``, both ends included."""

    inner: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """``inner in (a, b)``."""

    inner: Expression
    choices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Matches(Node):
    """``inner matches "backup_*.gz"``."""

    inner: Expression
    pattern: str


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``not inner``."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class Every(Node):
    """``a and b and c``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either(Node):
    """``a or b or c``."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Given(Node):
    """``inner given guard``: unknown unless the guard holds."""

    inner: Expression
    guard: Expression


Expression: TypeAlias = (
    Number | Text | Truth | Name | Call | Minus | Sum | Compare | Between
    | OneOf | Matches | Not | Every | Either | Given
)  # fmt: skip
