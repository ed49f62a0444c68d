"""A word back to the person who acted, with a way to take it back."""

from typing import Final

from django.contrib import messages
from django.http import HttpRequest

_UNDO: Final = "undo="


def say(
    request: HttpRequest,
    text: str,
    *,
    undo_url: str = "",
    level: int = messages.SUCCESS,
) -> None:
    """Queue one toast; `undo_url` is posted to by its Undo button."""
    messages.add_message(
        request, level, text, extra_tags=f"{_UNDO}{undo_url}" if undo_url else ""
    )


def read_undo(extra_tags: str | None) -> str:
    """The `undo_url` that `say` put in a message, or an empty string."""
    tags = (extra_tags or "").split()
    return next((t.removeprefix(_UNDO) for t in tags if t.startswith(_UNDO)), "")
