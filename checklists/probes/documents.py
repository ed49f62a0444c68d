"""JSON that others wrote: read with limits, and reached into by a path."""

import json
import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>-?\d{1,9})\]"""
    r"""|\[(?P<quote>["'])(?P<key>[^"']*)(?P=quote)\]"""
)


class NotJSON(ValueError):  # noqa: N818 -- reads as what happened
    """The text is not a JSON document that we read."""


def read_json(text: str) -> Any:
    """Parse; raises NotJSON, also for NaN, endless digits and bottomless nests."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJSON("The answer is not JSON.") from None


def check_path(path: Any) -> str | None:
    """What is wrong with a path such as ``$.items[0]["a b"]``; None when nothing."""
    if not isinstance(path, str) or len(path) > 500:
        return "This must be a path such as $.status."
    try:
        list(_steps(path))
    except ValueError as error:
        return str(error)
    return None


def pick(document: Any, path: str) -> Any:
    """The value at a path; raises LookupError when there is none."""
    for step in _steps(path):
        document = _reach(document, step)
    return document


def _reach(document: Any, step: str | int) -> Any:
    match document, step:
        case list(), int():
            return document[step]
        case dict(), str():
            return document[step]
    raise LookupError(step)


def _steps(path: str) -> Iterator[str | int]:
    if not path.startswith("$"):
        raise ValueError("A path starts with $, such as $.status.")
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            raise ValueError(
                f"The path cannot be read from here on: {path[at : at + 20]}"
            )
        at = found.end()
        if found["index"] is not None:
            yield int(found["index"])
        else:
            yield found["name"] if found["name"] is not None else found["key"]


def _refuse(word: str) -> Any:
    raise ValueError(word)
