"""What an HTTP answer means for a message."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from oncall.transports.protocol import TransportError
from opsportal.kit.outbound import Answer, EgressPolicy, Guard, OutboundError, post

Clock = Callable[[], datetime]
Policy = Callable[[], EgressPolicy]

WORTH_REPEATING = frozenset({408, 425, 429})


def utc_now() -> datetime:
    """The clock of transports: signatures and waits are about this moment."""
    return datetime.now(UTC)


def deliver(
    address: str,
    *,
    policy: EgressPolicy,
    now: datetime,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> Answer:
    """Send and return a 2xx answer; raises TransportError for all the rest."""
    try:
        answer = post(
            address,
            json=json,
            body=body,
            headers=headers,
            guard=Guard.of(policy),
            method=method,
        )
    except OutboundError as error:
        raise TransportError(
            error.code, error.message, permanent=error.permanent
        ) from None
    if answer.is_success:
        return answer
    is_temporary = answer.status >= 500 or answer.status in WORTH_REPEATING
    raise TransportError(
        "rate_limited" if answer.status == 429 else "http_status",
        f"The server answered {answer.status}.",
        permanent=not is_temporary,
        retry_after=answer.retry_after(now) if is_temporary else None,
    )
