"""What can be done from a message: apps above oncall offer acts in AppConfig.ready."""

from collections.abc import Callable
from datetime import datetime

from oncall.domain.message_act import Act
from oncall.models import User

# Asked with the topic, who reads it (None: a channel), and when it was written.
Offer = Callable[[str, User | None, datetime], list[Act]]
_offers: dict[str, Offer] = {}


def register(kind: str, offer: Offer) -> None:
    """Offer acts for topics of a kind: "alert" for "alert:12"."""
    _offers[kind] = offer


def find_acts(topic: str, recipient: User | None, since: datetime) -> list[Act]:
    """Return what can be done about a topic now, in the order to show it."""
    offer = _offers.get(topic.partition(":")[0])
    return offer(topic, recipient, since) if offer else []
