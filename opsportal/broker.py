"""Kombu's way to Redis, for workers that outlive it.

A connection that was lost is closed twice, and the second time kombu 5.7 asks for the
address of what the first time took away. It expects errors of the connection there and
gets an AttributeError, of which the worker would die.
"""

from typing import Any

from kombu.transport import redis as kombu
from redis.exceptions import ConnectionError as LostError


class Channel(kombu.Channel):
    """A channel that says so when its connection is no more."""

    def _connparams(self, *args: Any, **options: Any) -> dict[str, Any]:
        if self.connection is None or self.connection.client is None:
            raise LostError("The connection of this channel was closed.")
        params: dict[str, Any] = super()._connparams(*args, **options)  # type: ignore[no-untyped-call]
        return params


class Transport(kombu.Transport):
    """Kombu's own with our channels."""

    Channel = Channel
