"""The error of a form-like value: which field, and what to do about it."""

from __future__ import annotations


class FieldError(ValueError):
    """A value that cannot be used; ``field`` names it, ``message`` the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
