"""What a check saw over a day, a month or two years, as drawings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from checklists.domain.rollup import Bucket, Spread, start_of_step
from checklists.models import Check
from checklists.queries.check_past import read_buckets, troubles_of
from checklists.services.check_rows import limits_of
from opsportal.kit.past_chart import Frame, Shade, Step, draw_past_chart


@dataclass(frozen=True, slots=True)
class Span:
    """How far back one looks, and how long a step of the drawing is."""

    key: str
    words: str
    length: timedelta
    step: timedelta


SPANS = (
    Span("day", "24 hours", timedelta(days=1), timedelta(minutes=10)),
    Span("month", "30 days", timedelta(days=30), timedelta(hours=4)),
    Span("years", "2 years", timedelta(days=730), timedelta(days=4)),
)


def past_of(check: Check, key: str, now: datetime) -> dict[str, Any]:
    """Return the drawings of one span for the page; five queries."""
    span = next((each for each in SPANS if each.key == key), SPANS[0])
    start = start_of_step(now - span.length, span.step)
    buckets = read_buckets(check.pk, start, now, span.step)
    shades = tuple(
        Shade(each.starts_at, each.ends_at, each.kind, each.words)
        for each in troubles_of(check.service_id, start, now)
    )
    frames = {
        name: Frame(
            start=start,
            end=now,
            step=span.step,
            gap=max(1.5 * span.step, 2 * check.interval),
            zone=timezone.get_current_timezone(),
            words=words,
            unit=unit,
            limits=limits_of(check, name, unit),
            shades=shades,
        )
        for name, words, unit in (
            ("value", "Value", check.unit),
            ("latency", "Latency", "ms"),
        )
    }
    return {
        "spans": [
            {
                "label": each.words,
                "url": f"?span={each.key}",
                "is_current": each is span,
            }
            for each in SPANS
        ],
        "span_words": span.words,
        "value_chart": _draw(buckets, "value", frames["value"]),
        "latency_chart": _draw(buckets, "latency", frames["latency"]),
    }


def _draw(buckets: list[Bucket], name: str, frame: Frame) -> SafeString | None:
    spreads: list[tuple[Bucket, Spread | None]] = [
        (bucket, getattr(bucket, name)) for bucket in buckets
    ]
    steps = [
        Step(bucket.starts_at, spread.least, spread.mean, spread.greatest)
        for bucket, spread in spreads
        if spread is not None
    ]
    return draw_past_chart(steps, frame) if steps else None
