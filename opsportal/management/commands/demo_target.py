"""`manage.py demo_target`: a small process that plays the demo's services."""

import asyncio
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse


class Command(BaseCommand):
    """Play the services until told to stop; `start` runs it beside the portal."""

    help = "Play the demo's services on this machine, where the demo's checks look."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve the ports that `manage.py demo` chose."""
        from opsportal.demo import stage as places  # noqa: PLC0415 -- slow import
        from opsportal.demo.target.server import serve  # noqa: PLC0415 -- slow import

        try:
            stage = places.load()
        except OSError:
            raise CommandError(
                f"There is no demo in {places.folder()}: run `manage.py demo` first."
            ) from None

        def say_ready() -> None:
            self.stdout.write(f"the demo's services are played at {stage.url}/")
            self.stdout.flush()

        try:
            asyncio.run(serve(stage, ping_address, ready=say_ready))
        except OSError as error:
            raise CommandError(
                f"The demo's ports are taken ({error}): stop the other program, or "
                "choose new ones with `manage.py demo --reset`."
            ) from None


def ping_address(token: str, word: str) -> str:
    """Return where a job reports a word."""
    return f"{settings.SITE_URL}{reverse('ping_word', args=[token, word])}"
