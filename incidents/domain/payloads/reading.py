"""Reading JSON of strangers: lenient about form, strict about what is stored."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from incidents.domain.payloads.signal import LONGEST_KEY, ParseError

MOST_LABELS: Final = 100
LONGEST_LABEL: Final = 1024
LONGEST_TEXT: Final = 10_000
_YEAR_ONE: Final = 1
_MOMENT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?"
    r"\s*(?:([Zz])|([+-])(\d\d):?(\d\d))?"
)
# Neither database keeps NUL in a text, and UTF-8 has no lone surrogates.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def load_json(body: bytes) -> Any:
    """Return what the body says; of doubled keys the last one counts.

    Raises ParseError with field "body" for what is no JSON, too deep or too big.
    """
    try:
        return json.loads(body.decode("utf-8", "replace"), parse_constant=str)
    except (ValueError, RecursionError):
        raise ParseError("body", "JSON parse error") from None


def load_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body. Raises ParseError with field "body"."""
    found = load_json(body)
    if not isinstance(found, dict):
        raise ParseError("body", "The body has to be a JSON object.")
    return found


def as_object(value: Any) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def read_text(value: Any, longest: int = LONGEST_TEXT) -> str:
    """Return a value as text that can be stored, at most ``longest`` characters.

    Nothing and objects without text become "" and their JSON.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, (dict, list)):
        value = _dump(value)
    elif not isinstance(value, str):
        value = _say_number(value)
    return _UNSTORABLE.sub("�", value)[:longest]


def read_labels(value: Any) -> dict[str, str]:
    """Return an object as labels: texts, at most 100."""
    found = {
        read_text(name, LONGEST_KEY): read_text(each, LONGEST_LABEL)
        for name, each in list(as_object(value).items())[:MOST_LABELS]
    }
    return {name: text for name, text in found.items() if name and text}


def read_key(value: Any) -> str:
    """Return a dedup key of at most 255 characters; a longer one by its hash."""
    text = read_text(value).strip()
    if len(text) <= LONGEST_KEY:
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def hash_labels(labels: Mapping[str, str]) -> str:
    """Return one key for a set of labels, whatever their order."""
    text = json.dumps(sorted(labels.items()), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_moment(value: Any) -> datetime | None:
    """Return an aware UTC moment, or None for none.

    Takes RFC 3339 with any number of decimals, "+0000", a space for the T, and
    seconds or milliseconds since 1970. The year 1 means none, as Go writes it,
    and so does what is no moment at all.
    """
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _from_number(value)
        if isinstance(value, str):
            return _from_text(value.strip())
    except (ValueError, OverflowError):
        return None
    return None


def _from_number(value: float) -> datetime:
    seconds = value / 1000 if abs(value) > 1e11 else value
    return datetime.fromtimestamp(seconds, UTC)


def _from_text(text: str) -> datetime | None:
    found = _MOMENT.fullmatch(text)
    if found is None or int(found[1]) <= _YEAR_ONE:
        return None
    numbers = [int(part) for part in found.groups()[:6]]
    micros = int((found[7] or "0")[:6].ljust(6, "0"))
    zone = UTC
    if found[9]:
        offset = timedelta(hours=int(found[10]), minutes=int(found[11]))
        zone = timezone(-offset if found[9] == "-" else offset)
    return datetime(*numbers, micros, tzinfo=zone).astimezone(UTC)  # type: ignore[misc,arg-type]


def _say_number(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python likes to write
        return "a very large number"


def _dump(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "unreadable"
