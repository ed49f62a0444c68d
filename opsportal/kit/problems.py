"""The one form of every error of the API."""

from typing import Generic, TypeVar

from ninja import Schema

T = TypeVar("T")


class Problem(Schema):
    """What went wrong, and what to do about it."""

    code: str
    message: str
    field: str


class ErrorOut(Schema):
    """The one form of every error."""

    error: Problem


class Overtaken(ErrorOut, Generic[T]):
    """Not allowed; ``current`` is what another left who was faster."""

    current: T | None = None
