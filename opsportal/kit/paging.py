"""Pages of API lists."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Field, Schema

T = TypeVar("T")
MOST_COUNTED = 10_000


class Window(Schema):
    """Which part of a list is wanted."""

    limit: int = Field(50, ge=1, le=200, description="At most this many")
    offset: int = Field(0, ge=0, le=1_000_000, description="After this many")


class PageOf(Schema, Generic[T]):
    """A part of a list, and how long the whole is."""

    items: list[T]
    count: int = Field(
        ge=0, le=MOST_COUNTED, description="How many there are, counted up to 10,000"
    )
    has_more: bool = Field(description="Whether others follow these")


def cut(rows: QuerySet[Any] | Sequence[Any], window: Window) -> dict[str, Any]:
    """Return the wanted part as PageOf takes it.

    Rows are counted no further than ``MOST_COUNTED``, so that a long history costs a
    page no more than a short one.
    """
    part = list(rows[window.offset : window.offset + window.limit + 1])
    return {
        "items": part[: window.limit],
        "count": _count(rows),
        "has_more": len(part) > window.limit,
    }


def _count(rows: QuerySet[Any] | Sequence[Any]) -> int:
    if not isinstance(rows, QuerySet):
        return min(len(rows), MOST_COUNTED)
    # What is sliced cannot be cut again in another order.
    plain = rows if rows.query.is_sliced else rows.order_by()
    return plain[:MOST_COUNTED].count()
