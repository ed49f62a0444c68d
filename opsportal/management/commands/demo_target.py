"""`manage.py demo_target`: a small process that plays the demo's services."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from opsportal.demo.target.play import UnplayableError, play


class Command(BaseCommand):
    """Play the services until told to stop; `start` runs it beside the portal."""

    help = "Play the demo's services on this machine, where the demo's checks look."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve the ports that `manage.py demo` chose."""
        try:
            play(self.stdout)
        except UnplayableError as error:
            raise CommandError(str(error)) from None
