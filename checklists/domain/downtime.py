"""Failing time between confirmed changes of status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

FAILING = "fail"


class Span(NamedTuple):
    """A half-open stretch of time (aware)."""

    start: datetime
    end: datetime


def down_spans(
    status: str,
    flips: Sequence[tuple[datetime, str]],
    start: datetime,
    end: datetime,
) -> list[Span]:
    """Return the failing spans within [start, end).

    ``status`` is what stood at ``start``; ``flips`` are (moment, new status) in
    order. Unknown is not failing: what nobody saw is not counted against it.
    """
    spans = []
    since = start if status == FAILING else None
    for at, new in flips:
        if new == FAILING and since is None:
            since = max(at, start)
        elif new != FAILING and since is not None:
            spans.append(Span(since, min(at, end)))
            since = None
    if since is not None and since < end:
        spans.append(Span(since, end))
    return [span for span in spans if span.start < span.end]


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the same time without overlaps, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def overlap(span: Span, start: datetime, end: datetime) -> timedelta:
    """Return how much of ``span`` lies within [start, end)."""
    return max(min(span.end, end) - max(span.start, start), timedelta())
