"""Silences as Alertmanager's API v2 writes them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from incidents.domain.matchers import Compile, Matcher, MatcherError, make_matcher
from incidents.domain.payloads import reading
from incidents.domain.payloads.signal import ParseError


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedSilence:
    """A silence to make, or with an id one to change."""

    public_id: UUID | None
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    author: str
    comment: str


def read_silence(body: bytes, compile_: Compile) -> PostedSilence:
    """Return what was posted. Raises ParseError, naming the field."""
    said = reading.load_object(body)
    starts_at = reading.read_moment(said.get("startsAt"))
    ends_at = reading.read_moment(said.get("endsAt"))
    if starts_at is None or ends_at is None:
        raise ParseError("endsAt", "A silence needs a start and an end.")
    return PostedSilence(
        public_id=read_id(said.get("id")),
        matchers=tuple(_read_matcher(each, compile_) for each in _list(said)),
        starts_at=starts_at,
        ends_at=ends_at,
        author=reading.read_text(said.get("createdBy"), 120),
        comment=reading.read_text(said.get("comment"), 500),
    )


def read_id(value: Any) -> UUID | None:
    """Return an id, None where there is none. Raises ParseError."""
    if not value:
        return None
    try:
        return UUID(str(value))
    except ValueError:
        raise ParseError("id", "That is no id of a silence.") from None


def _list(said: dict[str, Any]) -> list[dict[str, Any]]:
    return [reading.as_object(each) for each in reading.as_list(said.get("matchers"))]


def _read_matcher(said: dict[str, Any], compile_: Compile) -> Matcher:
    try:
        return make_matcher(
            reading.read_text(said.get("name")),
            reading.read_text(said.get("value")),
            is_regex=said.get("isRegex") is True,
            is_equal=said.get("isEqual") is not False,
            compile_=compile_,
        )
    except MatcherError as error:
        raise ParseError("matchers", str(error)) from None
