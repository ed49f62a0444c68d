"""What a transport is: one file a channel, given a message, says that it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from oncall.domain.message_act import Act


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is told.

    ``text`` is plain, ``html`` ready and safe to send, ``blocks`` Slack's Block
    Kit (made from the rest when None), ``url`` where to act. ``reference`` names what
    it is about in two words ("alert 12"); ``urgency`` is high for a page, else low.
    ``acts`` is what its reader can do from there. ``replaces`` is the receipt of a
    message to change instead, where the channel can. ``unsubscribe_url`` is where its
    reader asks for no more of these: who looks there changes nothing, who posts does.
    """

    subject: str
    text: str
    html: str = ""
    blocks: Sequence[Mapping[str, Any]] | None = None
    url: str = ""
    reference: str = ""
    urgency: str = "low"
    acts: Sequence[Act] = ()
    replaces: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the other side took it. ``detail`` is for people."""

    provider_id: str
    detail: str = ""


class TransportError(Exception):
    """It was not taken.

    ``permanent`` means that sending the same again cannot help; ``retry_after``
    is how long the other side asked to be left alone. The message never holds the
    address, which may be a secret (Slack).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        permanent: bool,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent
        self.retry_after = retry_after


class Transport(Protocol):
    """One channel. Called outside transactions; ends within 13 s."""

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Send once; ``key`` lets the other side recognise a repetition.

        Raises TransportError.
        """
        ...
