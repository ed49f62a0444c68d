"""What a probe saw, before anybody judged it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Outcome(StrEnum):
    """The three values of every judgement. Unknown never ticks an item."""

    PASS = "pass"  # noqa: S105 -- a word of the check language
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is nothing to judge.

    ``outcome`` is FAIL when the watched thing itself is broken (connection
    refused, certificate expired) and UNKNOWN when we could not look (our
    resolver, no data, access denied). ``code`` is a stable word such as
    ``connect_refused``, ``timeout``, ``no_data``, ``egress_denied``.
    """

    outcome: Outcome
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at one thing.

    ``fields`` holds what a condition may name (``value``, ``status``, ``age``,
    ``json`` and so on); numbers are in the unit that the probe documents.
    ``detail`` is at most 2,000 characters, already redacted, for people.
    """

    observed_at: datetime
    fields: Mapping[str, object] = field(default_factory=dict)
    latency: timedelta | None = None
    failure: Failure | None = None
    detail: str = ""
