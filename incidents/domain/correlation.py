"""The id by which a sender follows one request through its systems."""

from collections.abc import Mapping
from typing import Final

# As senders call it, in this order.
_NAMES: Final = ("correlation_id", "trace_id", "traceID", "request_id")


def say_correlation(labels: Mapping[str, object]) -> str:
    """Return a line with the id among the labels, "" where there is none."""
    found = next((labels[name] for name in _NAMES if labels.get(name)), None)
    return "" if found is None else f"Correlation ID: {found}"
