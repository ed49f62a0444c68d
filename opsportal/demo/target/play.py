"""Playing the services from the stage that the demo made."""

import asyncio
from typing import Protocol

from django.conf import settings

from opsportal.demo import stage as places
from opsportal.demo.target.server import serve


class UnplayableError(Exception):
    """There is nothing to play, or no place to play it; the message says the remedy."""


class Output(Protocol):
    """Where the address is printed."""

    def write(self, text: str, /) -> object:
        """Take a line."""

    def flush(self) -> None:
        """Pass it on."""


def play(output: Output) -> None:
    """Play the services until told to stop. Raises UnplayableError."""
    try:
        stage = places.load()
    except OSError:
        raise UnplayableError(
            f"There is no demo in {places.folder()}: run `manage.py demo` first."
        ) from None

    def say_ready() -> None:
        output.write(f"the demo's services are played at {stage.url}/\n")
        output.flush()

    try:
        asyncio.run(serve(stage, ping_address, ready=say_ready))
    except OSError as error:
        raise UnplayableError(
            f"The demo's ports are taken ({error}): stop the other program, or "
            "choose new ones with `manage.py demo --reset`."
        ) from None


def ping_address(token: str, word: str) -> str:
    """Return where a job reports a word.

    Written out, as jobs have it: reading the portal's addresses loads all of it.
    """
    return f"{settings.SITE_URL}/ping/{token}/{word}"
