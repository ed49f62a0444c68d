"""Pages of API lists."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Field, Schema

T = TypeVar("T")


class Window(Schema):
    """Which part of a list is wanted."""

    limit: int = Field(50, ge=1, le=200, description="At most this many")
    offset: int = Field(0, ge=0, le=1_000_000, description="After this many")


class PageOf(Schema, Generic[T]):
    """A part of a list, and how long the whole is."""

    items: list[T]
    count: int


def cut(rows: QuerySet[Any] | Sequence[Any], window: Window) -> dict[str, Any]:
    """Return the wanted part as PageOf takes it."""
    count = rows.count() if isinstance(rows, QuerySet) else len(rows)
    part = rows[window.offset : window.offset + window.limit]
    return {"items": list(part), "count": count}
